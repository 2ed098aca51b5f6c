// SPDX-License-Identifier: GPL-3.0-or-later
// Tensors as a model file lists them, whatever its format.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "kernels/matvec.h"

namespace lectern {

/// One tensor, its bytes borrowed from the mapped file. The reader has checked that `data` is as long as type and shape
/// say and lies inside the file.
struct StoredTensor {
    std::string type_name;                    ///< as the format spells it: "Q4_K", "BF16"
    std::optional<kernels::WeightType> type;  ///< absent: a type Lectern cannot compute with
    std::vector<std::uint64_t> shape;         ///< slowest dimension first: [rows, cols]
    std::span<const std::byte> data;
};

/// All tensors of a model by name, sorted.
using TensorTable = std::map<std::string, StoredTensor, std::less<>>;

/// "[64, 128]"
std::string shapeText(std::span<const std::uint64_t> shape);

/// Text of a file, fit to stand in a message: at most 100 bytes, control characters and broken UTF-8 replaced by '?'.
std::string printable(std::string_view text);

/// Bytes of all tensors as stored.
std::uint64_t totalBytes(const TensorTable& tensors);

/// a·b, or nothing where that does not fit 64 bits.
std::optional<std::uint64_t> checkedProduct(std::uint64_t a, std::uint64_t b);

}  // namespace lectern
