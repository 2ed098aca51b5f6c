// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/mapped_file.h"
#include "engine/base/result.h"
#include "engine/model/gguf_types.h"
#include "engine/model/stored_tensor.h"

namespace lectern {

/// One metadata value where it lies in the file.
struct GgufValue {
    GgufType type = GgufType::U8;
    GgufType element = GgufType::U8;  ///< of an array
    std::uint64_t count = 1;          ///< elements of an array
    std::span<const std::byte>
        bytes;  ///< the scalar; the text of a string; all elements of an array, one after another
};

/// A GGUF file (version 2 or 3, little-endian), mapped and checked: every count, length, offset and type in its header
/// has been compared with the file before open() returns, and nothing was allocated that the file's size does not
/// justify. Layout (u64 unless said otherwise):
///
///     "GGUF" · u32 version · tensors · keys
///     per key:    length, name · u32 type · value      string: length, bytes; array: u32 type, count, elements
///     per tensor: length, name · u32 dims (1..4) · extents, contiguous first · u32 type · offset into the data
///     padding to general.alignment (32) · data
///
/// Move-only; values and tensors point into the mapping and move along with it.
/// Source: the GGUF specification in ggml's documentation.
class GgufFile {
public:
    /// Errors: BadInput with a sentence that names the file, the key or tensor and the defect.
    static Result<GgufFile> open(const std::filesystem::path& path);

    const GgufValue* find(std::string_view key) const;  ///< null where the file lacks it
    const TensorTable& tensors() const { return m_tensors; }
    const std::filesystem::path& path() const { return m_file.path(); }

    /// Hands over what a model keeps; the metadata is void afterwards.
    MappedFile takeFile() { return std::move(m_file); }
    TensorTable takeTensors() { return std::move(m_tensors); }

private:
    friend class GgufParser;
    MappedFile m_file;
    std::map<std::string, GgufValue, std::less<>> m_values;
    TensorTable m_tensors;
};

}  // namespace lectern
