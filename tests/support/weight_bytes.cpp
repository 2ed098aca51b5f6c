// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/weight_bytes.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>

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

double rootMeanSquare(std::span<const float> values) {
    double sum = 0;
    for (const float value : values) sum += double(value) * double(value);
    return values.empty() ? 0 : std::sqrt(sum / double(values.size()));
}

}  // namespace

std::vector<int> halfPlaces(WeightType type) {
    switch (type) {
        case WeightType::F32:
        case WeightType::F16:
        case WeightType::BF16:
            return {};
        case WeightType::Q4_1:
        case WeightType::Q5_1:
        case WeightType::Q4_K:
        case WeightType::Q5_K:
            return {0, 2};
        case WeightType::Q2_K:
            return {80, 82};
        case WeightType::Q3_K:
            return {108};
        case WeightType::Q6_K:
            return {208};
        default:
            return {0};
    }
}

std::string randomBlocks(WeightType type, std::size_t blocks, double size, unsigned seed) {
    const kernels::WeightBlock block = kernels::weightBlock(type);
    std::mt19937 random(seed);
    std::string out(blocks * std::size_t(block.bytes), '\0');
    for (char& byte : out) byte = char(random());
    std::vector<double> factors(blocks);
    for (double& factor : factors) factor = (0.5 + double(random() % 1024) / 1024) * (random() % 2 == 0 ? 1 : -1);
    const auto scale = [&](double by) {
        for (std::size_t i = 0; i < blocks; ++i)
            for (const int place : halfPlaces(type)) {
                const std::uint16_t half = toHalf(float(factors[i] * by));
                std::memcpy(&out[i * std::size_t(block.bytes) + std::size_t(place)], &half, sizeof half);
            }
    };
    scale(1);
    std::vector<float> values(blocks * std::size_t(block.elements));
    decodeWeights(type, reinterpret_cast<const std::byte*>(out.data()), values);
    scale(size / rootMeanSquare(values));
    return out;
}

std::string encodeWeights(WeightType type, std::span<const float> values) {
    const bool by_value = !kernels::blocked(type) || type == WeightType::Q8_0 || type == WeightType::Q4_0;
    const auto elements = std::size_t(kernels::weightBlock(type).elements);
    if (!by_value) return randomBlocks(type, values.size() / elements, rootMeanSquare(values), unsigned(values.size()));
    std::string out;
    for (std::size_t i = 0; i < values.size(); i += elements) {
        if (type == WeightType::F32) append(out, values[i]);
        if (type == WeightType::F16) append(out, toHalf(values[i]));
        if (type == WeightType::BF16) append(out, toBrain(values[i]));
        if (type == WeightType::Q8_0) encodeQ8(out, values.subspan(i, kBlock));
        if (type == WeightType::Q4_0) encodeQ4(out, values.subspan(i, kBlock));
    }
    return out;
}

void decodeWeights(WeightType type, const std::byte* bytes, std::span<float> values) {
    kernels::weightRowsRef({bytes, type, 1, int(values.size())}, 0, 1, values.data());
}

}  // namespace lectern::test
