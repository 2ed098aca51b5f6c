// SPDX-License-Identifier: GPL-3.0-or-later
// One warp attends its pages: fragments of dequantized, rotated keys times queries, online softmax, values.
#pragma once

#include "kernels/cuda/attend_decode_fetch.cuh"

namespace lectern::kernels {

inline constexpr float kLog2E = 1.4426950408889634F, kLn2 = 0.6931471805599453F;
inline constexpr float kHeadroom = 4096;  ///< probabilities become fp16 times this: smaller ones survive

__device__ __forceinline__ float low(Half2 x) {
    return halfBitsToFloat(std::uint16_t(x));
}
__device__ __forceinline__ float high(Half2 x) {
    return halfBitsToFloat(std::uint16_t(x >> 16));
}
/// Largest (sum) over the lanes with the same lane % 4.
__device__ __forceinline__ float columnMax(float x) {
    for (int step = 4; step < 32; step *= 2) x = fmaxf(x, __shfl_xor_sync(kAllLanes, x, step));
    return x;
}
__device__ __forceinline__ float columnSum(float x) {
    for (int step = 4; step < 32; step *= 2) x += __shfl_xor_sync(kAllLanes, x, step);
    return x;
}

/// The state of eight query columns over the pages of one warp. Lane (g, t) holds columns 2t and 2t+1; of the scores,
/// places 2g and 2g+1 of each token group; of the output, channels 16·tile + g and + 8. Scores in base 2.
template <int KeyBits, int ValueBits, int Tiles, int HeadDim>
class DecodeWarp {
public:
    __device__ DecodeWarp(const DecodeArgs& args, const SharedLayout& layout, char* shared, int head, int first_column,
                          int columns, float score_scale)
        : m_args(args),
          m_layout(layout),
          m_shared(shared),
          m_mine(shared + layout.warps + int(threadIdx.x) / 32 * layout.warp),
          m_head(head),
          m_first_column(first_column),
          m_columns(columns),
          m_lane(int(threadIdx.x) % 32),
          m_scale(score_scale * kLog2E),
          m_fetch(args, head, reinterpret_cast<const std::uint16_t*>(shared + layout.channels), m_mine, layout.unit) {}

    __device__ void run(int first, int end, int step) {
        m_fetch.start(first, end, step);
        clearValueCorrections();
        for (int page = first; page < end; page += step) {
            addKeys();
            const char* unit = m_fetch.next();
            const Entries values = entries(m_args.value, unit);
            unit += kHeaderBytes;
            FragmentB weights[4];
            softmax(page, unit, values.count > 0, weights);
            addValues(unit, weights);
            if (values.count > 0) addValueCorrections(values);
        }
    }

    /// Folds scales, offsets and corrections into the output and sums l over the lanes. Call once, before shared
    /// memory is used for something else.
    __device__ void finish() {
        const float scale = ValueBits == kRawBits ? 1.0F / kHeadroom : m_range / kHeadroom;
        LECTERN_UNROLL
        for (int c = 0; c < 2; ++c) {
            m_l[c] = columnSum(m_l[c]);
            const float shift = columnSum(m_shift[c]);
            const int column = 2 * (m_lane % 4) + c;
            LECTERN_UNROLL
            for (int tile = 0; tile < Tiles; ++tile) {
                LECTERN_UNROLL
                for (int row = 0; row < 2; ++row) {
                    float& o = m_out[tile].x[row * 2 + c];
                    o = o * scale + shift;
                    const int channel = tile * 16 + row * 8 + m_lane / 4;
                    if (m_args.value.slots > 0 && column < m_columns && channel < headDim())
                        o += valueCorrections()[column * headDim() + channel];
                }
            }
        }
    }
    /// Writes [columns][head_dim + 2]: o, m, l.
    __device__ void store(float* to) const {
        LECTERN_UNROLL
        for (int c = 0; c < 2; ++c) {
            const int column = 2 * (m_lane % 4) + c;
            if (column >= m_columns) continue;
            float* row = to + column * (headDim() + 2);
            LECTERN_UNROLL
            for (int tile = 0; tile < Tiles; ++tile) {
                const int channel = tile * 16 + m_lane / 4;
                if (channel >= headDim()) continue;
                row[channel] = m_out[tile].x[c];
                row[channel + 8] = m_out[tile].x[2 + c];
            }
            if (m_lane < 4) row[headDim()] = m_m[c], row[headDim() + 1] = m_l[c];
        }
    }

private:
    static constexpr int kHeld = 3;  ///< sparse entries a lane loads ahead

    struct Entries {
        const std::uint32_t* at = nullptr;
        int count = 0;
        std::uint32_t held[kHeld];

        __device__ std::uint32_t get(int round, int lane) const {
            if (round == 0) return held[0];
            if (round == 1) return held[1];
            if (round == 2) return held[2];
            return at[round * 32 + lane];
        }
    };

    __device__ int headDim() const { return HeadDim > 0 ? HeadDim : m_args.key.shape.head_dim; }
    __device__ float* scoreCorrections() const { return reinterpret_cast<float*>(m_mine + m_layout.corrections); }
    __device__ float* valueCorrections() const { return scoreCorrections() + 64 * kQueryColumns; }

    /// This head's corrections of a page, from a unit's header; the loads are under way when this returns.
    __device__ Entries entries(const KvBlockLayout& layout, const char* unit) const {
        Entries e;
        if (layout.slots == 0) return e;
        const auto& header = *reinterpret_cast<const UnitHeader*>(unit);
        const int begin = header.begins[m_head % 2], most = layout.slots * kPageTokens;
        const int end = min(int(header.begins[1 + m_head % 2]), most);
        e.at = reinterpret_cast<const std::uint32_t*>(header.block + layout.entriesAt()) + begin;
        e.count = max(end - begin, 0);
        LECTERN_UNROLL
        for (int i = 0; i < kHeld; ++i) e.held[i] = i * 32 + m_lane < e.count ? e.at[i * 32 + m_lane] : 0;
        return e;
    }

    __device__ void addKeys() {
        LECTERN_UNROLL
        for (int group = 0; group < 4; ++group)
            for (float& score : m_scores[group].x) score = 0;
        const int count = unitChannels(KeyBits, headDim());
        for (int u = 0; u < m_fetch.keyUnits(); ++u) {
            const char* unit = m_fetch.next();
            const Entries sparse = entries(m_args.key, unit);
            unit += kHeaderBytes;
            LECTERN_UNROLL_BY(2)
            for (int step = 0; step < count / 16; ++step) addKeyStep(unit, count, step, u * (count / 16) + step);
            if (sparse.count > 0) addKeyCorrections(sparse, reinterpret_cast<const float2*>(unit));
        }
    }

    /// Scores of 16 channels: local step of the unit, step of the head.
    __device__ void addKeyStep(const char* unit, int count, int local, int step) {
        const char* plane = unit + count * 4 + local * 16 * planeBytes(KeyBits);
        const char* high = unit + count * (4 + 16) + local * 16 * highBytes(KeyBits);
        FragmentA keys[4];
        keyFragments<KeyBits>(plane, high, m_shared, tableLane<KeyBits>(m_lane, 0), m_lane, keys);
        rotateKeys(step, keys);
        FragmentB b[4];
        rotateQueries(reinterpret_cast<const float2*>(unit) + local * 8, step, b);
        LECTERN_UNROLL
        for (int group = 0; group < 4; ++group) multiplyAdd(m_scores[group], keys[group], b[group]);
    }

    __device__ void rotateKeys(int step, FragmentA (&keys)[4]) const {
        const uint4* table = reinterpret_cast<const uint4*>(m_shared + m_layout.rotation) + step * 96 + m_lane;
        const uint4 even = table[0], odd = table[32], shift = table[64];
        LECTERN_UNROLL
        for (int group = 0; group < 4; ++group) {
            rotatePair(even, shift.x, shift.y, keys[group].x[0], keys[group].x[2]);
            rotatePair(odd, shift.z, shift.w, keys[group].x[1], keys[group].x[3]);
        }
    }
    static __device__ void rotatePair(const uint4& r, Half2 shift_a, Half2 shift_b, Half2& a, Half2& b) {
        const Half2 x = a, y = b;
        a = halfFma2(x, r.x, halfFma2(y, r.y, shift_a));
        b = halfFma2(x, r.z, halfFma2(y, r.w, shift_b));
    }

    /// Queries relative to the four groups of the page: rotated back by its first position, then by 16 tokens each.
    __device__ void rotateQueries(const float2* angles, int step, FragmentB (&b)[4]) const {
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
    static __device__ void turnBack(const FragmentB& from, Half2 cos, Half2 sin, FragmentB& to) {
        to.x[0] = halfFma2(from.x[1], sin, halfMul2(from.x[0], cos));
        to.x[1] = halfFma2(from.x[0] ^ 0x80008000U, sin, halfMul2(from.x[1], cos));
    }

    /// Scores of the outliers: delta times the query's element, rotated back to the token. Collected per token and
    /// column in shared memory.
    __device__ void addKeyCorrections(const Entries& sparse, const float2* angles) {
        float* sums = scoreCorrections();
        for (int i = m_lane; i < 64 * kQueryColumns / 4; i += 32) reinterpret_cast<float4*>(sums)[i] = {0, 0, 0, 0};
        __syncwarp();
        const auto* query = reinterpret_cast<const float*>(m_shared + m_layout.query);
        for (int round = 0; round * 32 < sparse.count; ++round) {
            if (round * 32 + m_lane >= sparse.count) continue;
            const std::uint32_t entry = sparse.get(round, m_lane);
            const int token = int(entry & 63), channel = int(entry >> 6 & 1023);
            if (channel >= headDim()) continue;
            const PairSide at = channelPair(m_args.offsets, channel);
            const float delta = halfBitsToFloat(std::uint16_t(entry >> 16));
            const float2 offset = offsetAngle(m_args.offsets, at.pair, token), page = angles[at.pair];
            const float cos = page.x * offset.x - page.y * offset.y, sin = page.y * offset.x + page.x * offset.y;
            const float on_a = at.side == 0 ? delta * cos : -delta * sin;
            const float on_b = at.side == 0 ? delta * sin : delta * cos;
            for (int column = 0; column < m_columns; ++column) {
                const float* q = query + queryPlace(column, {at.pair, 0});
                atomicAdd(sums + token * kQueryColumns + column, on_a * q[0] + on_b * q[2]);
            }
        }
        __syncwarp();
        LECTERN_UNROLL
        for (int group = 0; group < 4; ++group) {
            const auto* at = reinterpret_cast<const float2*>(sums) + (group * 16 + m_lane / 4 * 2) * 4 + m_lane % 4;
            const float2 even = at[0], odd = at[4];
            m_scores[group].x[0] += even.x, m_scores[group].x[1] += even.y;
            m_scores[group].x[2] += odd.x, m_scores[group].x[3] += odd.y;
        }
        __syncwarp();
    }

    __device__ void softmax(int page, const char* scales, bool keep, FragmentB (&weights)[4]);
    __device__ void scaleScores(int page);
    __device__ float growRange(const uint2 (&scales)[4]);
    __device__ void rescale(const float (&factor)[2], float range_factor);
    __device__ void writeGroups(int page) const;
    __device__ void addValues(const char* unit, const FragmentB (&weights)[4]);
    __device__ void clearValueCorrections();
    __device__ void addValueCorrections(const Entries& sparse);

    const DecodeArgs& m_args;
    const SharedLayout& m_layout;
    char* m_shared;
    char* m_mine;
    int m_head, m_first_column, m_columns, m_lane;
    float m_scale;  ///< of the scores, to base 2
    PageFetch<KeyBits, ValueBits, HeadDim> m_fetch;
    FragmentD m_scores[4];        ///< of the current page, then its probabilities
    FragmentD m_out[Tiles] = {};  ///< times kHeadroom / m_range
    float m_m[2] = {-INFINITY, -INFINITY};
    float m_l[2] = {0, 0};      ///< this lane's tokens only
    float m_shift[2] = {0, 0};  ///< sum of probability · value offset, this lane's tokens only
    float m_range = 0;          ///< largest value range seen
};

}  // namespace lectern::kernels
