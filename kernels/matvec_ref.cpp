// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/matvec.h"

#include <cstring>

#include "kernels/half.h"

namespace lectern::kernels {
namespace {

template <class T>
T readAs(const std::byte* p) {
    T value;
    std::memcpy(&value, p, sizeof value);
    return value;
}

int byteAt(const std::byte* p, std::size_t i) {
    return std::to_integer<int>(p[i]);
}

float halfAt(const std::byte* p) {
    return halfToFloat(readAs<std::uint16_t>(p));
}

/// Nibble of element i where `bytes` bytes hold twice as many elements in halves.
int nibble(const std::byte* p, std::size_t i, std::size_t bytes) {
    return i < bytes ? byteAt(p, i) & 15 : byteAt(p, i - bytes) >> 4;
}

/// Bits 2k and 2k + 1 of byte i of 32, for element 32k + i of 128.
int twoBits(const std::byte* p, std::size_t i) {
    return byteAt(p, i % 32) >> (i / 32 * 2) & 3;
}

/// Q5_0, Q5_1: the code of element i.
int fiveBits(const std::byte* high, std::size_t i) {
    return nibble(high + 4, i, 16) | int(readAs<std::uint32_t>(high) >> i & 1U) << 4;
}

/// Q4_K and Q5_K: scale and minimum of 32 elements, from 12 bytes.
struct ScaleAndMinimum {
    int scale, minimum;
};
ScaleAndMinimum sixBits(const std::byte* p, std::size_t j) {
    if (j < 4) return {byteAt(p, j) & 63, byteAt(p, j + 4) & 63};
    return {(byteAt(p, j + 4) & 15) | byteAt(p, j - 4) >> 6 << 4, byteAt(p, j + 4) >> 4 | byteAt(p, j) >> 6 << 4};
}

float q2k(const std::byte* p, std::size_t i) {
    const int both = byteAt(p, i / 16);
    const float scale = halfAt(p + 80) * float(both & 15), minimum = halfAt(p + 82) * float(both >> 4);
    return scale * float(twoBits(p + 16 + i / 128 * 32, i % 128)) - minimum;
}

float q3k(const std::byte* p, std::size_t i) {
    const std::byte* scales = p + 96;
    const std::size_t j = i / 16;
    const int scale = nibble(scales, j, 8) | (byteAt(scales, 8 + j % 4) >> (j / 4 * 2) & 3) << 4;
    const int code = twoBits(p + 32 + i / 128 * 32, i % 128) | (byteAt(p, i % 32) >> (i / 32) & 1) << 2;
    return halfAt(p + 108) * float(scale - 32) * float(code - 4);
}

float q45k(const std::byte* p, const std::byte* nibbles, int high, std::size_t i) {
    const auto [scale, minimum] = sixBits(p + 4, i / 32);
    const int code = nibble(nibbles + i / 64 * 32, i % 64, 32) | high << 4;
    return halfAt(p) * float(scale) * float(code) - halfAt(p + 2) * float(minimum);
}

float q6k(const std::byte* p, std::size_t i) {
    const auto scale = float(readAs<std::int8_t>(p + 192 + i / 16));
    const int code = nibble(p + i / 128 * 64, i % 128, 64) | twoBits(p + 128 + i / 128 * 32, i % 128) << 4;
    return halfAt(p + 208) * scale * float(code - 32);
}

float iq4xs(const std::byte* p, std::size_t i) {
    const std::size_t j = i / 32;
    const int scale = (byteAt(p, 4 + j / 2) >> (j % 2 * 4) & 15) | (readAs<std::uint16_t>(p + 2) >> (2 * j) & 3) << 4;
    return halfAt(p) * float(scale - 32) * float(kIq4Values[nibble(p + 8 + j * 16, i % 32, 16)]);
}

/// Element i of a block (0 of a plain one), as weight_type.h describes the types.
float element(const std::byte* p, WeightType type, std::size_t i) {
    switch (type) {
        case WeightType::F32:
            return readAs<float>(p);
        case WeightType::F16:
            return halfAt(p);
        case WeightType::BF16:
            return bf16ToFloat(readAs<std::uint16_t>(p));
        case WeightType::Q8_0:
            return halfAt(p) * float(readAs<std::int8_t>(p + 2 + i));
        case WeightType::Q4_0:
            return halfAt(p) * float(nibble(p + 2, i, 16) - 8);
        case WeightType::Q4_1:
            return halfAt(p) * float(nibble(p + 4, i, 16)) + halfAt(p + 2);
        case WeightType::Q5_0:
            return halfAt(p) * float(fiveBits(p + 2, i) - 16);
        case WeightType::Q5_1:
            return halfAt(p) * float(fiveBits(p + 4, i)) + halfAt(p + 2);
        case WeightType::Q2_K:
            return q2k(p, i);
        case WeightType::Q3_K:
            return q3k(p, i);
        case WeightType::Q4_K:
            return q45k(p, p + 16, 0, i);
        case WeightType::Q5_K:
            return q45k(p, p + 48, byteAt(p + 16, i % 32) >> (i / 32) & 1, i);
        case WeightType::Q6_K:
            return q6k(p, i);
        case WeightType::IQ4_NL:
            return halfAt(p) * float(kIq4Values[nibble(p + 2, i, 16)]);
        case WeightType::IQ4_XS:
            return iq4xs(p, i);
    }
    return 0;
}

float elementOf(const WeightView& w, int r, int c) {
    const WeightBlock block = weightBlock(w.type);
    const std::byte* row = w.data + std::size_t(r) * rowBytes(w.type, w.cols);
    return element(row + std::size_t(c / block.elements) * std::size_t(block.bytes), w.type,
                   std::size_t(c % block.elements));
}

}  // namespace

void weightRowsRef(const WeightView& w, int row_begin, int row_end, float* out) {
    for (int r = row_begin; r < row_end; ++r)
        for (int c = 0; c < w.cols; ++c) *out++ = elementOf(w, r, c);
}

void halfWeightRowsRef(const WeightView& w, int row_begin, int row_end, std::uint16_t* out) {
    for (int r = row_begin; r < row_end; ++r)
        for (int c = 0; c < w.cols; ++c) *out++ = floatToHalfClamped(elementOf(w, r, c));
}

void matvecRef(const WeightView& w, int row_begin, int row_end, const float* x, float* y) {
    for (int r = row_begin; r < row_end; ++r) {
        double sum = 0;
        for (int c = 0; c < w.cols; ++c) sum += double(elementOf(w, r, c)) * x[c];
        y[r] = float(sum);
    }
}

}  // namespace lectern::kernels
