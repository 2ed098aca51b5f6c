// SPDX-License-Identifier: GPL-3.0-or-later
// One row after the other: a single sequential stream reads memory fastest; x stays in the first-level cache. Several
// accumulators hide the latency of the additions.
#include "kernels/matvec.h"

#include "kernels/simd_math.h"

namespace lectern::kernels::LECTERN_ISA {
namespace {

constexpr int kBlock = 32;               ///< elements of one quantized block
constexpr int kBlockVecs = kBlock / kW;  ///< vectors of it

/// Plain element types: kW elements to f32.
template <WeightType Type>
LECTERN_INLINE F loadPlain(const std::byte* row, int c) {
    if constexpr (Type == WeightType::F32)
        return loadBytes<F>(row + std::size_t(c) * 4);
    else if constexpr (Type == WeightType::F16)
        return loadHalf(row + std::size_t(c) * 2);
    else
        return loadBf16(row + std::size_t(c) * 2);
}
template <WeightType Type>
LECTERN_INLINE float scalarPlain(const std::byte* row, int c) {
    if constexpr (Type == WeightType::F32) return loadBytes<float>(row + std::size_t(c) * 4);
    const auto bits = loadBytes<std::uint16_t>(row + std::size_t(c) * 2);
    return Type == WeightType::F16 ? halfToFloat(bits) : bf16ToFloat(bits);
}

/// The low nibble of each lane, minus 8.
LECTERN_INLINE F nibbles(I v) {
#if LECTERN_AVX512
    const F values = {-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7};
    return _mm512_permutexvar_ps(reinterpret_cast<__m512i>(v), values);
#else
    return __builtin_convertvector((v & 15) - 8, F);
#endif
}

/// Quantized types: the 32 elements of one block without their scale.
template <WeightType Type>
LECTERN_INLINE void loadBlock(const std::byte* block, F* out) {
    constexpr bool kEight = Type == WeightType::Q8_0;
    LECTERN_UNROLL
    for (int v = 0; v < (kEight ? kBlockVecs : kBlockVecs / 2); ++v) {
        if constexpr (kEight) {
            out[v] = loadInt8(block + 2 + v * kW);
        } else {
            const I both = widen(loadBytes<U8>(block + 2 + v * kW));
            out[v] = nibbles(both);
            out[v + kBlockVecs / 2] = nibbles(both >> 4);
        }
    }
}
LECTERN_INLINE float blockScale(const std::byte* block) {
    return scalarHalf(loadBytes<std::uint16_t>(block));
}

template <WeightType Type>
float dotPlain(const std::byte* row, const float* x, int cols) {
    constexpr int kAcc = 4;
    F acc[kAcc] = {};
    int c = 0;
    for (; c + kAcc * kW <= cols; c += kAcc * kW) {
        LECTERN_UNROLL
        for (int i = 0; i < kAcc; ++i) acc[i] += loadPlain<Type>(row, c + i * kW) * load(x + c + i * kW);
    }
    for (; c + kW <= cols; c += kW) acc[0] += loadPlain<Type>(row, c) * load(x + c);
    float rest = 0;
    for (; c < cols; ++c) rest += scalarPlain<Type>(row, c) * x[c];
    return sum((acc[0] + acc[1]) + (acc[2] + acc[3])) + rest;
}

template <WeightType Type>
LECTERN_INLINE F dotBlock(const std::byte* block, const float* x) {
    F w[kBlockVecs];
    loadBlock<Type>(block, w);
    F dot = w[0] * load(x);
    LECTERN_UNROLL
    for (int v = 1; v < kBlockVecs; ++v) dot += w[v] * load(x + v * kW);
    return dot * blockScale(block);
}

template <WeightType Type>
float dotBlocks(const std::byte* row, const float* x, int cols) {
    constexpr std::size_t kBytes = rowBytes(Type, kBlock);
    F even{}, odd{};
    const int blocks = cols / kBlock;
    int b = 0;
    for (; b + 2 <= blocks; b += 2) {
        even += dotBlock<Type>(row + std::size_t(b) * kBytes, x + b * kBlock);
        odd += dotBlock<Type>(row + std::size_t(b + 1) * kBytes, x + b * kBlock + kBlock);
    }
    if (b < blocks) even += dotBlock<Type>(row + std::size_t(b) * kBytes, x + b * kBlock);
    return sum(even + odd);
}

template <WeightType Type>
void toFloats(const std::byte* row, int cols, float* out) {
    constexpr bool kQuantized = Type == WeightType::Q8_0 || Type == WeightType::Q4_0;
    if constexpr (kQuantized) {
        for (int b = 0; b < cols / kBlock; ++b) {
            const std::byte* block = row + std::size_t(b) * rowBytes(Type, kBlock);
            F w[kBlockVecs];
            loadBlock<Type>(block, w);
            for (int v = 0; v < kBlockVecs; ++v) store(out + b * kBlock + v * kW, w[v] * blockScale(block));
        }
    } else {
        int c = 0;
        for (; c + kW <= cols; c += kW) store(out + c, loadPlain<Type>(row, c));
        for (; c < cols; ++c) out[c] = scalarPlain<Type>(row, c);
    }
}

/// Calls what<Type>() for the type of the weights.
template <class What>
LECTERN_INLINE void forType(WeightType type, What what) {
    switch (type) {
        case WeightType::F32:
            return what.template operator()<WeightType::F32>();
        case WeightType::F16:
            return what.template operator()<WeightType::F16>();
        case WeightType::BF16:
            return what.template operator()<WeightType::BF16>();
        case WeightType::Q8_0:
            return what.template operator()<WeightType::Q8_0>();
        case WeightType::Q4_0:
            return what.template operator()<WeightType::Q4_0>();
    }
}

}  // namespace

void matvec(const WeightView& w, int row_begin, int row_end, const float* x, float* y) {
    const std::size_t step = rowBytes(w.type, w.cols);
    forType(w.type, [&]<WeightType Type>() {
        for (int r = row_begin; r < row_end; ++r) {
            const std::byte* row = w.data + std::size_t(r) * step;
            if constexpr (Type == WeightType::Q8_0 || Type == WeightType::Q4_0)
                y[r] = dotBlocks<Type>(row, x, w.cols);
            else
                y[r] = dotPlain<Type>(row, x, w.cols);
        }
    });
}

void weightRows(const WeightView& w, int row_begin, int row_end, float* out) {
    const std::size_t step = rowBytes(w.type, w.cols);
    forType(w.type, [&]<WeightType Type>() {
        for (int r = row_begin; r < row_end; ++r)
            toFloats<Type>(w.data + std::size_t(r) * step, w.cols,
                           out + std::size_t(r - row_begin) * std::size_t(w.cols));
    });
}

}  // namespace lectern::kernels::LECTERN_ISA
