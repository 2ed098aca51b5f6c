// SPDX-License-Identifier: GPL-3.0-or-later
// Codes of one channel to centroids, tokens in lanes (see kv_layout.h). One template over bits. Local to each unit.
#pragma once

#include "kernels/kv_layout.h"
#include "kernels/simd_math.h"

namespace lectern::kernels::LECTERN_ISA {
namespace {

constexpr int kVecs = kPageTokens / kW;      ///< vectors of one channel's page
constexpr int kLaneVecs = kLaneTokens / kW;  ///< vectors of one lane group

/// The codebook in registers: 2 bits repeated to fill one register, 3 bits as two such halves, 4 bits whole.
template <int Bits>
struct Book {
    static constexpr int kHalf = Bits == 2 ? 4 : 1 << (Bits - 1);  ///< centroids below the high bit
    F low, high;
    float table[kMaxBook];  ///< for machines without a lookup in registers

    LECTERN_INLINE explicit Book(const float* book) {
        for (int i = 0; i < 1 << Bits; ++i) table[i] = book[i];
        for (int i = 0; i < kW; ++i) {
            if (Bits == 4 && kW == 16)
                low[i] = high[i] = book[i];
            else
                low[i] = book[i % kHalf], high[i] = book[i % kHalf + (Bits == 2 ? 0 : kHalf)];
        }
    }
};
template <>
struct Book<kRawBits> {
    LECTERN_INLINE explicit Book(const float*) {}
};

/// The third bit of kW codes: a mask, or the sign bit of each lane.
#if LECTERN_AVX512
using HighBits = __mmask16;
#else
using HighBits = I;
#endif

/// centroid[index & 3 or 15] per lane; index bits above the code belong to other tokens and are ignored.
/// `high` matters with 3 bits only.
template <int Bits>
LECTERN_INLINE F lookUp(const Book<Bits>& book, I index, [[maybe_unused]] HighBits high) {
#if LECTERN_AVX512
    const auto at = reinterpret_cast<__m512i>(index);
    const F low = _mm512_permutexvar_ps(at, book.low);
    if constexpr (Bits == 3) return _mm512_mask_permutexvar_ps(low, high, at, book.high);
    return low;
#elif LECTERN_AVX2
    const auto at = reinterpret_cast<__m256i>(index);
    const F low = _mm256_permutevar8x32_ps(book.low, at);
    if constexpr (Bits == 2) return low;
    const I upper = Bits == 4 ? index << 28 : high;
    return _mm256_blendv_ps(low, _mm256_permutevar8x32_ps(book.high, at), floats(upper));
#else
    F v;
    for (int i = 0; i < kW; ++i) {
        const int code = Bits == 4 ? index[i] & 15 : (index[i] & 3) | (Bits == 3 && high[i] < 0 ? 4 : 0);
        v[i] = book.table[code];
    }
    return v;
#endif
}

/// Centroids of whole codes, one per lane.
template <int Bits>
LECTERN_INLINE F centroids(const Book<Bits>& book, I code) {
#if LECTERN_AVX512
    const __m512i third = _mm512_set1_epi32(4);
    return lookUp<Bits>(book, code, _mm512_test_epi32_mask(reinterpret_cast<__m512i>(code), third));
#else
    return lookUp<Bits>(book, code, code << 29);
#endif
}

/// The codes of one channel, loaded once; at<>() gives the centroids of kW consecutive tokens.
template <int Bits>
struct ChannelCodes {
    static constexpr int kStep = Bits == 4 ? 4 : 2;  ///< bits per token in a lane word
    I words[kLaneVecs];
    std::uint64_t high = 0;

    /// codes: start of the block, channels: of the whole block (the high plane of 3 bits lies behind all channels).
    LECTERN_INLINE ChannelCodes(const std::byte* codes, int channels, int channel) {
        const std::byte* lane = codes + std::size_t(channel) * (kStep * 8);
        LECTERN_UNROLL
        for (int i = 0; i < kLaneVecs; ++i) {
            if constexpr (Bits == 4)
                words[i] = widen(loadBytes<U16>(lane + i * kW * 2));
            else
                words[i] = widen(loadBytes<U8>(lane + i * kW));
        }
        if constexpr (Bits == 3)
            high = loadBytes<std::uint64_t>(codes + std::size_t(channels) * 16 + std::size_t(channel) * 8);
    }

    LECTERN_INLINE F at(const Book<Bits>& book, int vec) const {
        const I index = words[vec % kLaneVecs] >> (kStep * (vec / kLaneVecs));
        if constexpr (Bits == 3) return lookUp<3>(book, index, highBits(vec));
        return lookUp<Bits>(book, index, HighBits{});
    }

private:
    LECTERN_INLINE HighBits highBits(int vec) const {
#if LECTERN_AVX512
        return __mmask16(high >> (vec * kW));
#else
        return set(std::int32_t(std::uint32_t(high >> (vec * kW)))) << (31 - lanes());
#endif
    }
};
template <>
struct ChannelCodes<kRawBits> {
    const std::byte* values;
    LECTERN_INLINE ChannelCodes(const std::byte* codes, int, int channel)
        : values(codes + std::size_t(channel) * kPageTokens * 2) {}
    LECTERN_INLINE F at(const Book<kRawBits>&, int vec) const { return loadHalf(values + vec * kW * 2); }
};

/// Calls what<Bits>() for a block's bits: 2, 3, 4 or 16.
template <class What>
LECTERN_INLINE void forBits(int bits, What what) {
    switch (bits) {
        case 2:
            return what.template operator()<2>();
        case 3:
            return what.template operator()<3>();
        case 4:
            return what.template operator()<4>();
        default:
            return what.template operator()<kRawBits>();
    }
}

}  // namespace
}  // namespace lectern::kernels::LECTERN_ISA
