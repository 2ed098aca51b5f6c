// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/matvec.h"

#include <cstring>
#include <vector>

#include "kernels/half.h"

namespace lectern::kernels {
namespace {

template <class T>
T readAs(const std::byte* p) {
    T value;
    std::memcpy(&value, p, sizeof value);
    return value;
}

/// Element c of one row, as matvec.h describes the types.
float element(const std::byte* row, WeightType type, int c) {
    const std::size_t at = std::size_t(c), block = at / 32, i = at % 32;
    switch (type) {
        case WeightType::F32:
            return readAs<float>(row + at * 4);
        case WeightType::F16:
            return halfToFloat(readAs<std::uint16_t>(row + at * 2));
        case WeightType::BF16:
            return bf16ToFloat(readAs<std::uint16_t>(row + at * 2));
        case WeightType::Q8_0:
            return halfToFloat(readAs<std::uint16_t>(row + block * 34)) *
                   float(readAs<std::int8_t>(row + block * 34 + 2 + i));
        case WeightType::Q4_0: {
            const int both = readAs<std::uint8_t>(row + block * 18 + 2 + i % 16);
            return halfToFloat(readAs<std::uint16_t>(row + block * 18)) * float((i < 16 ? both & 15 : both >> 4) - 8);
        }
    }
    return 0;
}

}  // namespace

void weightRowsRef(const WeightView& w, int row_begin, int row_end, float* out) {
    for (int r = row_begin; r < row_end; ++r)
        for (int c = 0; c < w.cols; ++c)
            *out++ = element(w.data + std::size_t(r) * rowBytes(w.type, w.cols), w.type, c);
}

void matvecRef(const WeightView& w, int row_begin, int row_end, const float* x, float* y) {
    for (int r = row_begin; r < row_end; ++r) {
        double sum = 0;
        for (int c = 0; c < w.cols; ++c)
            sum += double(element(w.data + std::size_t(r) * rowBytes(w.type, w.cols), w.type, c)) * x[c];
        y[r] = float(sum);
    }
}

}  // namespace lectern::kernels
