// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/model/stored_tensor.h"

#include <limits>

namespace lectern {
namespace {

constexpr std::size_t kPrintableBytes = 100;

/// Length of the well-formed UTF-8 character at the front, 0 where there is none. Overlong forms are let through: the
/// text is only shown.
std::size_t characterBytes(std::string_view text) {
    const auto first = static_cast<unsigned char>(text.front());
    if (first < 0x80) return first >= 0x20 && first != 0x7F ? 1 : 0;
    const std::size_t size = first >= 0xF5 ? 0 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
    if (size == 0 || text.size() < size) return 0;
    for (std::size_t i = 1; i < size; ++i)
        if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) return 0;
    return size;
}

}  // namespace

std::string shapeText(std::span<const std::uint64_t> shape) {
    std::string out = "[";
    for (const std::uint64_t extent : shape) out += (out.size() > 1 ? ", " : "") + std::to_string(extent);
    return out + "]";
}

std::string printable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        if (out.size() > kPrintableBytes) return out + "…";
        const std::size_t size = characterBytes(text);
        out += size != 0 ? text.substr(0, size) : "?";
        text.remove_prefix(size != 0 ? size : 1);
    }
    return out;
}

std::uint64_t totalBytes(const TensorTable& tensors) {
    std::uint64_t bytes = 0;
    for (const auto& [name, tensor] : tensors) bytes += tensor.data.size();
    return bytes;
}

std::optional<std::uint64_t> checkedProduct(std::uint64_t a, std::uint64_t b) {
    if (b != 0 && a > std::numeric_limits<std::uint64_t>::max() / b) return std::nullopt;
    return a * b;
}

}  // namespace lectern
