// SPDX-License-Identifier: GPL-3.0-or-later
// The first half of a page: rotated keys times rotated queries, and the outliers of the keys.
#pragma once

#include "kernels/cuda/attend_decode_warp.cuh"

namespace lectern::kernels {

template <class Kind>
__device__ void DecodeWarp<Kind>::addKeys() {
    LECTERN_UNROLL
    for (FragmentD& scores : m_scores)
        for (float& score : scores.x) score = 0;
    const int count = unitChannels(KeyBits, headDim());
    for (int u = 0; u < m_fetch.keyUnits(); ++u) {
        char* unit = m_fetch.next();
        SparseStream sparse = corrections(m_call.key_parts, unit);
        unit += kHeaderBytes;
        const auto* angles = reinterpret_cast<const float2*>(unit);
        if constexpr (Kind::kColumns == 1) turnQuery(angles, u * (count / 16), count / 16);
        LECTERN_UNROLL_BY(2)
        for (int step = 0; step < count / 16; ++step) addKeyStep(unit, count, step, u * (count / 16) + step);
        if (sparse.any()) addKeyCorrections(sparse, angles, reinterpret_cast<unsigned*>(unit + count * 4));
    }
}

/// Scores of 16 channels: local step of the unit, step of the head.
template <class Kind>
__device__ void DecodeWarp<Kind>::addKeyStep(const char* unit, int count, int local, int step) {
    const char* plane = unit + count * 4 + local * 16 * planeBytes(KeyBits);
    const char* high_plane = unit + count * (4 + 16) + local * 16 * highBytes(KeyBits);
    FragmentA keys[4];
    keyFragments<KeyBits>(plane, high_plane, PairTable<KeyBits, Kind::kCopies>(m_shared, m_lane, 0), m_lane, keys);
    rotateKeys(step, keys);
    FragmentB b[4];
    if constexpr (Kind::kColumns == 1) {
        const uint4* from = reinterpret_cast<const uint4*>(m_area + m_layout.turned) + (step * 4 + m_lane % 4) * 2;
        const uint4 low = from[0], high = from[1];
        b[0] = {{low.x, low.y}}, b[1] = {{low.z, low.w}}, b[2] = {{high.x, high.y}}, b[3] = {{high.z, high.w}};
    } else {
        rotateQueries(reinterpret_cast<const float2*>(unit) + local * 8, step, b);
    }
    LECTERN_UNROLL
    for (int group = 0; group < 4; ++group) multiplyAdd(m_scores[group], keys[group], b[group]);
}

/// First and second channels of a pair, rotated by [A B S D] and moved by (shift_a, shift_b), see buildRotation().
__device__ __forceinline__ void rotatePair(const uint4& r, Half2 shift_a, Half2 shift_b, Half2& a, Half2& b) {
    const Half2 x = a, y = b;
    a = halfFma2(x, r.x, halfFma2(y, r.y, shift_a));
    b = halfFma2(x, r.z, halfFma2(y, r.w, shift_b));
}

template <class Kind>
__device__ void DecodeWarp<Kind>::rotateKeys(int step, FragmentA (&keys)[4]) const {
    const uint4* table = reinterpret_cast<const uint4*>(m_shared + m_layout.rotation) + step * 96 + m_lane;
    const uint4 even = table[0], odd = table[32], shift = table[64];
    LECTERN_UNROLL
    for (FragmentA& key : keys) {
        rotatePair(even, shift.x, shift.y, key.x[0], key.x[2]);
        rotatePair(odd, shift.z, shift.w, key.x[1], key.x[3]);
    }
}

__device__ __forceinline__ void turnBack(const FragmentB& from, Half2 cos, Half2 sin, FragmentB& to) {
    to.x[0] = halfFma2(from.x[1], sin, halfMul2(from.x[0], cos));
    to.x[1] = halfFma2(from.x[0] ^ 0x80008000U, sin, halfMul2(from.x[1], cos));
}

/// Queries relative to the four groups of the page: rotated back by its first position, then by 16 tokens each.
template <class Kind>
__device__ void DecodeWarp<Kind>::rotateQueries(const float2* angles, int step, FragmentB (&b)[4]) const {
    const int t = m_lane % 4;
    const int place = Kind::kColumns == 1 ? step * 4 + t : step * 32 + m_lane;
    const float4 q = reinterpret_cast<const float4*>(m_shared + m_layout.query)[place];
    const float2 x = angles[t], y = angles[t + 4];
    b[0].x[0] = packHalf2(q.x * x.x + q.z * x.y, q.y * y.x + q.w * y.y);
    b[0].x[1] = packHalf2(q.z * x.x - q.x * x.y, q.w * y.x - q.y * y.y);
    const uint4 by = reinterpret_cast<const uint4*>(m_shared + m_layout.step)[step * 4 + t];
    turnBack(b[0], by.x, by.y, b[1]);
    turnBack(b[0], by.z, by.w, b[2]);
    turnBack(b[2], by.x, by.y, b[3]);
}

/// A single query relative to the four groups of the page, for `steps` steps of 16 channels from `first` on: each lane
/// turns a part of it once, and all read it as fragments whose columns are the same.
template <class Kind>
__device__ void DecodeWarp<Kind>::turnQuery(const float2* angles, int first, int steps) const {
    auto* to = reinterpret_cast<uint4*>(m_area + m_layout.turned) + (first * 4 + m_lane % 4) * 2;
    for (int step = m_lane / 4; step < steps; step += 8) {
        FragmentB b[4];
        rotateQueries(angles + step * 8, first + step, b);
        to[step * 8] = {b[0].x[0], b[0].x[1], b[1].x[0], b[1].x[1]};
        to[step * 8 + 1] = {b[2].x[0], b[2].x[1], b[3].x[0], b[3].x[1]};
    }
    __syncwarp();
}

/// Scores of the outliers. sums: codes that all steps have read.
template <class Kind>
__device__ void DecodeWarp<Kind>::addKeyCorrections(SparseStream& sparse, const float2* angles, unsigned* sums) {
    const float largest = sparse.largestDelta();
    if (largest == 0) return;
    __syncwarp();
    clearSums(sums, SharedLayout::evenColumns(m_columns) * kTokenRow, m_lane);
    __syncwarp();
    const float scale = kMostKeySum / largest;
    LECTERN_UNROLL_BY(1)
    while (sparse.any()) {
        const std::uint32_t entry = sparse.take();
        if (entryChannel(entry) < headDim()) correctScore(entry, entryDelta(entry) * scale, angles, sums);
    }
    __syncwarp();
    const float unit = largest / kMostKeySum;
    LECTERN_UNROLL
    for (int c = 0; c < kOwn; ++c) {
        if (!mine(c)) continue;
        const auto* from = reinterpret_cast<const uint2*>(sums + columnOf(c) * kTokenRow + m_lane / 4 * 2);
        LECTERN_UNROLL
        for (int group = 0; group < 4; ++group) {
            const uint2 sum = from[group * 8];
            m_scores[group].x[c] += fixedToFloat(sum.x) * unit;
            m_scores[group].x[c + 2] += fixedToFloat(sum.y) * unit;
        }
    }
}

/// Adds delta times each query's element of the entry's channel, rotated back to its token.
template <class Kind>
__device__ __forceinline__ void DecodeWarp<Kind>::correctScore(std::uint32_t entry, float delta, const float2* angles,
                                                               unsigned* sums) const {
    const PairSide at = channelPair(m_args.offsets, entryChannel(entry));
    const int token = entryToken(entry);
    const Half2* turns = reinterpret_cast<const Half2*>(m_shared + m_layout.turns) + at.pair * kTurns;
    const Half2 place = turns[token % 16];
    if constexpr (Kind::kColumns == 1) {
        const int row = at.pair / 8 * 4 + at.pair % 4;
        const uint2 q = reinterpret_cast<const uint2*>(m_area + m_layout.turned)[row * 4 + token / 16];
        const std::uint32_t both = __byte_perm(q.x, q.y, at.pair / 4 % 2 == 0 ? 0x5410 : 0x7632);  // of this pair
        const float first = low(both), second = high(both);
        const float on_first = at.side == 0 ? low(place) : -high(place),
                    on_second = at.side == 0 ? high(place) : low(place);
        addFixed(sums + token, delta * (on_first * first + on_second * second));
    } else {
        const Half2 group = turns[16 + token / 16];
        const float2 page = angles[at.pair];
        const float x = page.x * low(group) - page.y * high(group), y = page.y * low(group) + page.x * high(group);
        const float cos = delta * (x * low(place) - y * high(place)), sin = delta * (y * low(place) + x * high(place));
        const float on_first = at.side == 0 ? cos : -sin, on_second = at.side == 0 ? sin : cos;
        const Half2* q = reinterpret_cast<const Half2*>(m_shared + m_layout.pair_query) + at.pair * 8;
        LECTERN_UNROLL
        for (int pair = 0; pair < kQueryColumns / 2; ++pair) {
            if (2 * pair >= m_columns) break;
            const Half2 first = q[pair], second = q[4 + pair];
            unsigned* to = sums + 2 * pair * kTokenRow + token;
            addFixed(to, on_first * low(first) + on_second * low(second));
            addFixed(to + kTokenRow, on_first * high(first) + on_second * high(second));
        }
    }
}

}  // namespace lectern::kernels
