// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/weight_bytes.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace lectern::test {
namespace {

using kernels::WeightType;
constexpr std::size_t kBlock = 32;

template <typename T>
void append(std::string& out, T value) {
    char raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    out.append(raw, sizeof raw);
}

template <typename T>
T load(const std::byte* bytes) {
    T value;
    std::memcpy(&value, bytes, sizeof value);
    return value;
}

float fromHalf(std::uint16_t half) {
    const int exponent = half >> 10 & 31, mantissa = half & 1023;
    const float sign = (half >> 15) != 0 ? -1.0F : 1.0F;
    if (exponent == 31) return mantissa != 0 ? NAN : sign * INFINITY;
    if (exponent == 0) return sign * std::ldexp(float(mantissa), -24);
    return sign * std::ldexp(float(1024 + mantissa), exponent - 25);
}

/// Round to nearest, ties to even; too large becomes infinity.
std::uint16_t toHalf(float value) {
    const std::uint16_t sign = std::signbit(value) ? 0x8000 : 0;
    if (std::isnan(value)) return 0x7E00;
    const float size = std::fabs(value);
    if (size >= 65520.0F) return sign | 0x7C00;
    if (size < std::ldexp(1.0F, -14)) return sign | std::uint16_t(std::nearbyint(std::ldexp(size, 24)));
    int exponent = 0;
    const float fraction = std::frexp(size, &exponent);                  // [0.5, 1)
    const int mantissa = int(std::nearbyint(std::ldexp(fraction, 11)));  // [1024, 2048]
    return sign | std::uint16_t(((exponent + 14) << 10) + (mantissa - 1024));
}

std::uint16_t toBrain(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    return std::uint16_t((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

float fromBrain(std::uint16_t brain) {
    return std::bit_cast<float>(std::uint32_t(brain) << 16);
}

float inverse(float scale) {
    return scale != 0 ? 1 / scale : 0;
}

void encodeQ8(std::string& out, std::span<const float> block) {
    float largest = 0;
    for (const float value : block) largest = std::max(largest, std::fabs(value));
    const float scale = largest / 127;
    append(out, toHalf(scale));
    for (const float value : block) append(out, std::int8_t(std::round(value * inverse(scale))));
}

void encodeQ4(std::string& out, std::span<const float> block) {
    float extreme = 0;
    for (const float value : block)
        if (std::fabs(value) > std::fabs(extreme)) extreme = value;
    const float scale = extreme / -8;
    const auto code = [&](float value) { return std::uint8_t(std::min(15, int(value * inverse(scale) + 8.5F))); };
    append(out, toHalf(scale));
    for (std::size_t i = 0; i < kBlock / 2; ++i)
        append(out, std::uint8_t(code(block[i]) | code(block[i + kBlock / 2]) << 4));
}

void decodeQ8(const std::byte* bytes, std::span<float> block) {
    const float scale = fromHalf(load<std::uint16_t>(bytes));
    for (std::size_t i = 0; i < kBlock; ++i) block[i] = scale * float(load<std::int8_t>(bytes + 2 + i));
}

void decodeQ4(const std::byte* bytes, std::span<float> block) {
    const float scale = fromHalf(load<std::uint16_t>(bytes));
    for (std::size_t i = 0; i < kBlock / 2; ++i) {
        const int pair = load<std::uint8_t>(bytes + 2 + i);
        block[i] = scale * float((pair & 15) - 8);
        block[i + kBlock / 2] = scale * float((pair >> 4) - 8);
    }
}

}  // namespace

std::string encodeWeights(WeightType type, std::span<const float> values) {
    std::string out;
    const bool blocks = type == WeightType::Q8_0 || type == WeightType::Q4_0;
    for (std::size_t i = 0; i < values.size(); i += blocks ? kBlock : 1) {
        if (type == WeightType::F32) append(out, values[i]);
        if (type == WeightType::F16) append(out, toHalf(values[i]));
        if (type == WeightType::BF16) append(out, toBrain(values[i]));
        if (type == WeightType::Q8_0) encodeQ8(out, values.subspan(i, kBlock));
        if (type == WeightType::Q4_0) encodeQ4(out, values.subspan(i, kBlock));
    }
    return out;
}

void decodeWeights(WeightType type, const std::byte* bytes, std::span<float> values) {
    const bool blocks = type == WeightType::Q8_0 || type == WeightType::Q4_0;
    for (std::size_t i = 0; i < values.size(); i += blocks ? kBlock : 1) {
        if (type == WeightType::F32) values[i] = load<float>(bytes + i * 4);
        if (type == WeightType::F16) values[i] = fromHalf(load<std::uint16_t>(bytes + i * 2));
        if (type == WeightType::BF16) values[i] = fromBrain(load<std::uint16_t>(bytes + i * 2));
        if (type == WeightType::Q8_0) decodeQ8(bytes + i / kBlock * 34, values.subspan(i, kBlock));
        if (type == WeightType::Q4_0) decodeQ4(bytes + i / kBlock * 18, values.subspan(i, kBlock));
    }
}

}  // namespace lectern::test
