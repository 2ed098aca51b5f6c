// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace lectern {

/// Typed reading of a JSON object from a model folder. A value of the wrong type, out of range or missing though
/// required is remembered: read everything, then ask status() once, on any object of the same text. A key whose value
/// is null counts as absent. Cheap to copy.
class JsonObject {
public:
    /// Errors: BadInput naming `file` where it is unreadable or longer than `max_bytes`, and as parse().
    static Result<JsonObject> read(const std::filesystem::path& file, std::uint64_t max_bytes);
    /// Errors: BadInput naming `file` where `text` is no JSON object, nests deeper than limits::kJsonDepth or spells a
    /// key twice in one object.
    static Result<JsonObject> parse(std::string_view text, const std::filesystem::path& file);

    bool has(std::string_view key) const;
    std::vector<std::string> keys() const;
    bool isText(std::string_view key) const;

    int count(std::string_view key);  ///< required, 0 to 2^31 - 1
    int count(std::string_view key, int fallback);
    double real(std::string_view key, double fallback);
    bool flag(std::string_view key, bool fallback);
    std::string text(std::string_view key, std::string_view fallback = {});

    std::optional<JsonObject> object(std::string_view key);    ///< nothing where absent
    std::vector<JsonObject> objects(std::string_view key);     ///< an array of objects; absent: empty
    std::vector<std::string> texts(std::string_view key);      ///< an array of texts; absent: empty
    std::vector<float> reals(std::string_view key);            ///< an array of numbers; absent: empty
    std::vector<std::uint64_t> numbers(std::string_view key);  ///< required, an array of integers >= 0
    std::vector<std::int64_t> oneOrMore(
        std::string_view key) const;  ///< an integer or an array; what is none is left out

    void fail(const std::string& sentence);  ///< remembers a defect of the caller's finding, prefixed with the file
    const Status& status() const;

private:
    struct Node;
    explicit JsonObject(std::shared_ptr<Node> node);
    void wrongType(std::string_view key, std::string_view expected);

    std::shared_ptr<Node> m_node;
};

}  // namespace lectern
