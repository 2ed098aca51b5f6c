// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "kernels/matvec.h"

namespace lectern {

/// Types of metadata values as GGUF numbers them.
enum class GgufType : std::uint32_t { U8, I8, U16, I16, U32, I32, F32, Bool, String, Array, U64, I64, F64 };

/// Bytes of one value; 0 for strings and arrays, whose length stands in the file. `type` must be one of the enum.
std::uint64_t scalarBytes(GgufType type);

/// A ggml tensor type: elements come in blocks of `block` that take `bytes`.
struct GgmlType {
    std::uint32_t number;
    std::string_view name;
    std::uint32_t block, bytes;
    std::optional<kernels::WeightType> weight;  ///< where Lectern can compute with it
};

/// The type of that number, or null where ggml has none.
const GgmlType* ggmlType(std::uint32_t number);

}  // namespace lectern
