// SPDX-License-Identifier: GPL-3.0-or-later
// Builds GGUF v3 files byte by byte, valid ones and (by its users' hand) damaged ones.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lectern::test {

/// Value types as GGUF numbers them.
enum class GgufKind : std::uint32_t { U8, I8, U16, I16, U32, I32, F32, Bool, String, Array, U64, I64, F64 };

/// Collects metadata and tensors; bytes() is the file. Sizes and types are the caller's affair: nothing is checked.
class GgufWriter {
public:
    void u32(std::string_view key, std::uint32_t value);
    void f32(std::string_view key, float value);
    void boolean(std::string_view key, bool value);
    void string(std::string_view key, std::string_view value);
    void strings(std::string_view key, const std::vector<std::string>& values);
    void floats(std::string_view key, const std::vector<float>& values);
    void ints(std::string_view key, const std::vector<int>& values);
    /// `payload`: the value's bytes as they are to stand in the file.
    void raw(std::string_view key, GgufKind kind, std::string_view payload);

    /// `shape` in GGUF's order (contiguous dimension first), `type` as ggml numbers it.
    void tensor(std::string_view name, const std::vector<std::uint64_t>& shape, std::uint32_t type, std::string data);

    /// Magic to the last byte of the tensor table (no padding, no data).
    std::string header() const;
    std::string bytes() const;

    std::uint32_t version = 3;
    std::uint64_t alignment = 32;  ///< used for the layout; the key general.alignment is the caller's

private:
    void keyed(std::string_view key, GgufKind kind);
    std::string m_metadata, m_tensors, m_data;
    std::uint64_t m_metadata_count = 0, m_tensor_count = 0;
};

}  // namespace lectern::test
