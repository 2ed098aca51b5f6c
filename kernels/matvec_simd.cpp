// SPDX-License-Identifier: GPL-3.0-or-later
// One row after the other: a single sequential stream reads memory fastest; x stays in the first-level cache. Several
// accumulators hide the latency of the additions.
#include "kernels/matvec.h"

#include "kernels/simd_super_blocks.h"

namespace lectern::kernels::LECTERN_ISA {
namespace {

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

/// One piece times x [kPiece], lane by lane.
template <class Piece>
LECTERN_INLINE F dotPiece(const Piece& piece, const float* x) {
    constexpr int kVecs = kPieceVecs / Piece::kGroups;
    F total{};
    LECTERN_UNROLL
    for (int group = 0; group < Piece::kGroups; ++group) {
        F dot{}, sum{};
        LECTERN_UNROLL
        for (int v = group * kVecs; v < (group + 1) * kVecs; ++v) {
            const F in = load(x + v * kW);
            dot += piece.codes[v] * in;
            if constexpr (Piece::kMinimum) sum += in;
        }
        total += dot * piece.scale[group];
        if constexpr (Piece::kMinimum) total -= sum * piece.minimum[group];
    }
    return total;
}

template <WeightType Type>
float dotBlocks(const std::byte* row, const float* x, int cols) {
    using B = Block<Type>;
    constexpr int kTogether = B::kPieces > 1 ? 1 : 2;  // blocks
    F even{}, odd{};
    const int blocks = cols / B::kElements;
    int b = 0;
    for (; b + kTogether <= blocks; b += kTogether) {
        LECTERN_UNROLL
        for (int i = 0; i < kTogether * B::kPieces; ++i) {
            const std::byte* block = row + std::size_t(b + i / B::kPieces) * B::kBytes;
            (i % 2 == 0 ? even : odd) += dotPiece(B::of(block, i % B::kPieces), x + b * B::kElements + i * kPiece);
        }
    }
    if (b < blocks) even += dotPiece(B::of(row + std::size_t(b) * B::kBytes, 0), x + b * B::kElements);
    return sum(even + odd);
}

template <class Piece>
LECTERN_INLINE void storePiece(const Piece& piece, float* out) {
    constexpr int kVecs = kPieceVecs / Piece::kGroups;
    LECTERN_UNROLL
    for (int v = 0; v < kPieceVecs; ++v) {
        F w = piece.codes[v] * piece.scale[v / kVecs];
        if constexpr (Piece::kMinimum) w -= set(piece.minimum[v / kVecs]);
        store(out + v * kW, w);
    }
}

/// Elements [begin, end) of a row; whole pieces where the type has blocks.
template <WeightType Type>
LECTERN_INLINE void toFloats(const std::byte* row, int begin, int end, float* out) {
    if constexpr (blocked(Type)) {
        using B = Block<Type>;
        for (int c = begin; c < end; c += B::kElements) {
            const std::byte* block = row + std::size_t(c / B::kElements) * B::kBytes;
            LECTERN_UNROLL
            for (int i = 0; i < B::kPieces; ++i) storePiece(B::of(block, i), out + (c - begin) + i * kPiece);
        }
    } else {
        int c = begin;
        for (; c + kW <= end; c += kW) store(out + (c - begin), loadPlain<Type>(row, c));
        for (; c < end; ++c) out[c - begin] = scalarPlain<Type>(row, c);
    }
}

/// kW numbers as fp16, nearest even, clamped.
LECTERN_INLINE void storeHalves(std::uint16_t* out, F v) {
#if LECTERN_AVX512
    const __m256i half = _mm512_cvtps_ph(max(min(v, set(kHalfMax)), set(-kHalfMax)), _MM_FROUND_TO_NEAREST_INT);
    __builtin_memcpy(out, &half, sizeof half);
#elif LECTERN_AVX2
    const __m128i half = _mm256_cvtps_ph(max(min(v, set(kHalfMax)), set(-kHalfMax)), _MM_FROUND_TO_NEAREST_INT);
    __builtin_memcpy(out, &half, sizeof half);
#else
    for (int i = 0; i < kW; ++i) out[i] = floatToHalfClamped(v[i]);
#endif
}

/// Calls what<Type>() for the type of the weights.
template <class What>
LECTERN_INLINE void forType(WeightType type, What what) {
#define LECTERN_TYPE(name) \
    case WeightType::name: \
        return what.template operator()<WeightType::name>()
    switch (type) {
        LECTERN_TYPE(F32);
        LECTERN_TYPE(F16);
        LECTERN_TYPE(BF16);
        LECTERN_TYPE(Q8_0);
        LECTERN_TYPE(Q4_0);
        LECTERN_TYPE(Q4_1);
        LECTERN_TYPE(Q5_0);
        LECTERN_TYPE(Q5_1);
        LECTERN_TYPE(Q2_K);
        LECTERN_TYPE(Q3_K);
        LECTERN_TYPE(Q4_K);
        LECTERN_TYPE(Q5_K);
        LECTERN_TYPE(Q6_K);
        LECTERN_TYPE(IQ4_NL);
        LECTERN_TYPE(IQ4_XS);
    }
#undef LECTERN_TYPE
}

}  // namespace

void matvec(const WeightView& w, int row_begin, int row_end, const float* x, float* y) {
    const std::size_t step = rowBytes(w.type, w.cols);
    forType(w.type, [&]<WeightType Type>() {
        for (int r = row_begin; r < row_end; ++r) {
            const std::byte* row = w.data + std::size_t(r) * step;
            if constexpr (blocked(Type))
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
            toFloats<Type>(w.data + std::size_t(r) * step, 0, w.cols,
                           out + std::size_t(r - row_begin) * std::size_t(w.cols));
    });
}

void halfWeightRows(const WeightView& w, int row_begin, int row_end, std::uint16_t* out) {
    const std::size_t step = rowBytes(w.type, w.cols);
    forType(w.type, [&]<WeightType Type>() {
        constexpr int kSome = 256;  // a multiple of every block
        float some[kSome];
        for (int r = row_begin; r < row_end; ++r) {
            for (int begin = 0; begin < w.cols; begin += kSome) {
                const int count = w.cols - begin < kSome ? w.cols - begin : kSome;
                toFloats<Type>(w.data + std::size_t(r) * step, begin, begin + count, some);
                int c = 0;
                for (; c + kW <= count; c += kW) storeHalves(out + c, load(some + c));
                for (; c < count; ++c) out[c] = floatToHalfClamped(some[c]);
                out += count;
            }
        }
    });
}

}  // namespace lectern::kernels::LECTERN_ISA
