// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/model/gguf.h"

namespace lectern {

/// Typed reading of GGUF metadata. A value of the wrong type, out of range or missing though required is remembered:
/// read everything, then ask status() once. After the first defect all further reads give their fallback or zero.
class GgufFields {
public:
    explicit GgufFields(const GgufFile& file) : m_file(file) {}

    bool has(std::string_view key) const { return m_file.find(key) != nullptr; }

    std::optional<std::int64_t> integer(std::string_view key);  ///< any integer type
    int count(std::string_view key);                            ///< required, 0 to 2^31 - 1
    int count(std::string_view key, int fallback);
    double real(std::string_view key, double fallback);  ///< any number type; NaN and infinities as they are
    bool flag(std::string_view key, bool fallback);
    std::string text(std::string_view key, std::string_view fallback = {});

    std::vector<std::string> texts(std::string_view key);  ///< absent: empty; more than limits::kVocab·4 refused
    std::vector<float> reals(std::string_view key);        ///< f32 only
    std::vector<std::int64_t> integers(std::string_view key);
    std::vector<bool> flags(std::string_view key);
    bool isArray(std::string_view key) const;

    void fail(const std::string& sentence);  ///< remembers a defect of the caller's finding, prefixed with the file
    const Status& status() const { return m_status; }

private:
    const GgufValue* value(std::string_view key, GgufType type, std::string_view expected);
    const GgufValue* array(std::string_view key, std::string_view expected);

    const GgufFile& m_file;
    Status m_status;
};

}  // namespace lectern
