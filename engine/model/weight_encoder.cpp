// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/model/weight_encoder.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>

#include "engine/model/q4k_encoder.h"
#include "kernels/half.h"

namespace lectern {
namespace {

using kernels::WeightType;

constexpr std::size_t kBlock = 32;
static_assert(kernels::weightBlock(WeightType::Q4_K).elements == int(kQ4kElements) &&
              kernels::weightBlock(WeightType::Q4_K).bytes == int(kQ4kBytes));

std::byte* putHalf(std::byte* out, float value) {
    const std::uint16_t half = kernels::floatToHalf(value);
    std::memcpy(out, &half, sizeof half);
    return out + sizeof half;
}

/// To the nearest, ties to even.
std::uint16_t toBfloat(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    return std::uint16_t((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

float inverse(float scale) {
    return scale != 0 ? 1 / scale : 0;
}

std::byte* encodeQ8(std::span<const float> block, std::byte* out) {
    float largest = 0;
    for (const float value : block) largest = std::max(largest, std::fabs(value));
    const float scale = largest / 127, by = inverse(scale);
    out = putHalf(out, scale);
    for (const float value : block) *out++ = std::byte(std::int8_t(std::round(value * by)));
    return out;
}

float extremeOf(std::span<const float> block) {
    float extreme = 0;
    for (const float value : block)
        if (std::fabs(value) > std::fabs(extreme)) extreme = value;
    return extreme;
}

std::byte* encodeQ4(std::span<const float> block, std::byte* out) {
    const float scale = extremeOf(block) / -8, by = inverse(scale);
    const auto code = [&](float value) { return unsigned(std::clamp(int(value * by + 8.5F), 0, 15)); };
    out = putHalf(out, scale);
    for (std::size_t i = 0; i < kBlock / 2; ++i) *out++ = std::byte(code(block[i]) | code(block[i + kBlock / 2]) << 4);
    return out;
}

std::byte* encodeQ5(std::span<const float> block, std::byte* out) {
    const float scale = extremeOf(block) / -16, by = inverse(scale);
    std::array<unsigned, kBlock> codes{};
    std::uint32_t fifth = 0;
    for (std::size_t i = 0; i < kBlock; ++i) {
        codes[i] = unsigned(std::clamp(int(block[i] * by + 16.5F), 0, 31));
        fifth |= codes[i] >> 4 << i;
    }
    out = putHalf(out, scale);
    std::memcpy(out, &fifth, sizeof fifth);
    out += sizeof fifth;
    for (std::size_t i = 0; i < kBlock / 2; ++i)
        *out++ = std::byte((codes[i] & 15) | (codes[i + kBlock / 2] & 15) << 4);
    return out;
}

std::byte* encodeBlock(WeightType type, std::span<const float> block, std::byte* out) {
    switch (type) {
        case WeightType::Q8_0:
            return encodeQ8(block, out);
        case WeightType::Q5_0:
            return encodeQ5(block, out);
        case WeightType::Q4_K:
            encodeQ4k(block.first<kQ4kElements>(), out);
            return out + kQ4kBytes;
        default:
            return encodeQ4(block, out);
    }
}

}  // namespace

std::optional<WeightType> writableWeightType(std::string_view name) {
    std::string upper(name);
    for (char& c : upper) c = char(std::toupper(static_cast<unsigned char>(c)));
    for (const WeightType type :
         {WeightType::F32, WeightType::F16, WeightType::BF16, WeightType::Q8_0, WeightType::Q4_K, WeightType::Q4_0})
        if (upper == kernels::weightBlock(type).name) return type;
    return std::nullopt;
}

WeightType writtenType(WeightType type, int cols) {
    const auto whole = [&](WeightType asked) { return cols % kernels::weightBlock(asked).elements == 0; };
    if (type == WeightType::Q4_K && !whole(type)) type = WeightType::Q5_0;
    return whole(type) ? type : WeightType::F16;
}

void encodeWeights(WeightType type, std::span<const float> values, std::byte* out) {
    if (type == WeightType::F32) {
        std::memcpy(out, values.data(), values.size_bytes());
    } else if (type == WeightType::F16) {
        for (const float value : values) out = putHalf(out, value);
    } else if (type == WeightType::BF16) {
        for (const float value : values) {
            const std::uint16_t bits = toBfloat(value);
            std::memcpy(out, &bits, sizeof bits);
            out += sizeof bits;
        }
    } else {
        const auto elements = std::size_t(kernels::weightBlock(type).elements);
        for (std::size_t at = 0; at < values.size(); at += elements)
            out = encodeBlock(type, values.subspan(at, elements), out);
    }
}

}  // namespace lectern
