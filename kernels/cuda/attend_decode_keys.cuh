// SPDX-License-Identifier: GPL-3.0-or-later
// The first half of a page: rotated keys times rotated queries.
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
        char* unit = m_fetch.template next<KvKind::Key>();
        SparseStream sparse = corrections(m_call.key_parts, unit);
        unit += kHeaderBytes;
        if constexpr (Kind::kColumns == 1) turnQuery(unit, u * (count / 16), count / 16);
        LECTERN_UNROLL_BY(2)
        for (int step = 0; step < count / 16; ++step) addKeyStep(unit, count, step, u * (count / 16) + step);
        if (sparse.any())
            addKeyCorrections(sparse, unit, reinterpret_cast<unsigned*>(unit + count * angleBytes(Kind::kColumns)));
    }
}

/// Scores of 16 channels: local step of the unit, step of the head.
template <class Kind>
__device__ void DecodeWarp<Kind>::addKeyStep(const char* unit, int count, int local, int step) {
    const char* plane = unit + count * angleBytes(Kind::kColumns) + local * 16 * planeBytes(KeyBits);
    const char* high_plane = unit + count * (angleBytes(Kind::kColumns) + 16) + local * 16 * highBytes(KeyBits);
    FragmentA keys[4];
    keyFragments<KeyBits>(plane, high_plane, PairTable<KeyBits, Kind::kCopies>(m_shared, m_lane, 0), m_lane, keys);
    rotateKeys(step, keys);
    FragmentB b[4];
    if constexpr (Kind::kColumns == 1) {
        const uint4* from = reinterpret_cast<const uint4*>(unit) + (local * 4 + m_lane % 4) * 2;
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

}  // namespace lectern::kernels
