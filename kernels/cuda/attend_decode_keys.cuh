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
        SparseStream sparse = corrections(m_args.key, unit);
        unit += kHeaderBytes;
        LECTERN_UNROLL_BY(2)
        for (int step = 0; step < count / 16; ++step) addKeyStep(unit, count, step, u * (count / 16) + step);
        if (sparse.any()) addKeyCorrections(sparse, reinterpret_cast<const float2*>(unit), unit + count * 4);
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
    rotateQueries(reinterpret_cast<const float2*>(unit) + local * 8, step, b);
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
    const float4 q = reinterpret_cast<const float4*>(m_shared + m_layout.query)[step * 32 + m_lane];
    const float2 x = angles[t], y = angles[t + 4];
    b[0].x[0] = packHalf2(q.x * x.x + q.z * x.y, q.y * y.x + q.w * y.y);
    b[0].x[1] = packHalf2(q.z * x.x - q.x * x.y, q.w * y.x - q.y * y.y);
    const uint4 by = reinterpret_cast<const uint4*>(m_shared + m_layout.step)[step * 4 + t];
    turnBack(b[0], by.x, by.y, b[1]);
    turnBack(b[0], by.z, by.w, b[2]);
    turnBack(b[2], by.x, by.y, b[3]);
}

/// Scores of the outliers. work: codes that all steps have read.
template <class Kind>
__device__ void DecodeWarp<Kind>::addKeyCorrections(SparseStream& sparse, const float2* angles, char* work) {
    __syncwarp();
    const Half2 mark = (kMark + std::uint32_t(m_lane) / 4 * 2) * kMarkTwice;
    while (sparse.any()) {
        const std::uint32_t entry = sparse.take(m_lane);
        const bool there = entryChannel(entry) < headDim();
        const int token = entryToken(entry);
        const uint4 none = {0, 0, 0, 0};
        const SparseRows rows(work, m_lane, there ? rotatedQueries(entry, angles) : none, token);
        LECTERN_UNROLL
        for (int group = 0; group < 4; ++group) {  // entries are sorted by token: mostly one or two have any
            const unsigned lanes = __ballot_sync(kAllLanes, int(there && token / 16 == group));
            const Half2 low_mark = mark + std::uint32_t(group) * 16 * kMarkTwice, high_mark = low_mark + kMarkTwice;
            if ((lanes & 0xffffU) != 0) rows.add(m_scores[group], 0, low_mark, high_mark);
            if (lanes >> 16 != 0) rows.add(m_scores[group], 1, low_mark, high_mark);
        }
    }
}

/// delta times the eight queries' elements of its channel, rotated back to its token.
template <class Kind>
__device__ uint4 DecodeWarp<Kind>::rotatedQueries(std::uint32_t entry, const float2* angles) const {
    const PairSide at = channelPair(m_args.offsets, entryChannel(entry));
    const int token = entryToken(entry);
    const Half2* turns = reinterpret_cast<const Half2*>(m_shared + m_layout.turns) + at.pair * kTurns;
    const Half2 place = turns[token % 16], group = turns[16 + token / 16];
    const float2 page = angles[at.pair];
    const float x = page.x * low(group) - page.y * high(group), y = page.y * low(group) + page.x * high(group);
    const float delta = entryDelta(entry);
    const float cos = delta * (x * low(place) - y * high(place)), sin = delta * (y * low(place) + x * high(place));
    const float on_a = at.side == 0 ? cos : -sin, on_b = at.side == 0 ? sin : cos;
    const Half2 a = packHalf2(on_a, on_a), b = packHalf2(on_b, on_b);
    const uint4* queries = reinterpret_cast<const uint4*>(m_shared + m_layout.pair_query) + at.pair * 2;
    const uint4 qa = queries[0], qb = queries[1];
    return {halfFma2(a, qa.x, halfMul2(b, qb.x)), halfFma2(a, qa.y, halfMul2(b, qb.y)),
            halfFma2(a, qa.z, halfMul2(b, qb.z)), halfFma2(a, qa.w, halfMul2(b, qb.w))};
}

}  // namespace lectern::kernels
