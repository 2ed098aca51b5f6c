// SPDX-License-Identifier: GPL-3.0-or-later
// One warp attends its pages: fragments of dequantized, rotated keys times queries, online softmax, values.
// attend_decode_{keys,softmax,values}.cuh have the steps.
#pragma once

#include "kernels/cuda/attend_decode_lanes.cuh"
#include "kernels/cuda/attend_decode_sparse.cuh"
#include "kernels/cuda/attend_decode_units.cuh"

namespace lectern::kernels {

/// The state of eight query columns over the pages of one warp. Lane (g, t) holds columns 2t and 2t+1; of the scores,
/// places 2g and 2g+1 of each token group; of the output, channels 16·tile + g and + 8. Scores in base 2. A single
/// query stands in all columns: then every lane computes it once, for x[0] and x[2] of a fragment.
template <class Kind>
class DecodeWarp {
    static constexpr int KeyBits = Kind::kKeyBits, ValueBits = Kind::kValueBits, Tiles = Kind::kTiles;
    static constexpr int kOwn = Kind::kColumns == 1 ? 1 : 2;  ///< columns that a lane computes

public:
    __device__ DecodeWarp(const DecodeCall& call, const SharedLayout& layout, char* shared, int head, int first_column,
                          int columns, float score_scale)
        : m_call(call),
          m_args(call.args),
          m_layout(layout),
          m_shared(shared),
          m_head(head),
          m_first_column(first_column),
          m_columns(columns),
          m_lane(int(threadIdx.x) % 32),
          m_scale(Kind::kCapped ? 2 * kLog2E * score_scale / call.args.score_cap : score_scale * kLog2E),
          m_fetch(call, head, reinterpret_cast<const std::uint16_t*>(shared + layout.channels),
                  shared + layout.warps + int(threadIdx.x) / 32 * layout.warp, layout.unit) {}

    __device__ void run(int first, int end, int step) {
        for (float& m : m_m) m = -INFINITY;
        m_fetch.start(first, end, step);
        for (int page = first; page < end; page += step) {
            addKeys();
            char* unit = m_fetch.template next<KvKind::Value>();
            const SparseStream sparse = corrections(m_call.value_parts, unit);
            unit += kHeaderBytes;
            FragmentB weights[4];
            if constexpr (Kind::kColumns == 1)
                softmaxOfOne(page, unit, weights);
            else
                softmax(page, unit, weights);
            addValues(unit, weights);
            if (sparse.any()) addValueCorrections(sparse, unit);
        }
    }

    /// Folds scales and offsets into the output and sums l over the lanes. Call once, after run().
    __device__ void finish() {
        const float scale = ValueBits == kRawBits ? 1.0F / kHeadroom : m_range / kHeadroom;
        LECTERN_UNROLL
        for (int c = 0; c < kOwn; ++c) {
            m_l[c] = Kind::kColumns == 1 ? warpSum(m_l[c]) : columnSum(m_l[c]);
            const float shift = Kind::kColumns == 1 ? warpSum(m_shift[c]) : columnSum(m_shift[c]);
            LECTERN_UNROLL
            for (FragmentD& out : m_out)
                out.x[c] = out.x[c] * scale + shift, out.x[c + 2] = out.x[c + 2] * scale + shift;
        }
    }
    /// Writes [columns][head_dim + 2]: o, m, l.
    __device__ void store(float* to) const {
        LECTERN_UNROLL
        for (int c = 0; c < kOwn; ++c) {
            const int column = 2 * (m_lane % 4) + c;  // of a single query the lanes with t = 0 write
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
    __device__ int headDim() const { return Kind::kHeadDim > 0 ? Kind::kHeadDim : m_args.key.shape.head_dim; }

    /// This head's corrections of a page, from a unit's header; the loads are under way when this returns.
    __device__ SparseStream corrections(const BlockParts& parts, const char* unit) const {
        if (parts.most == 0) return {};
        const auto& header = *reinterpret_cast<const UnitHeader*>(unit);
        const int begin = header.begins[m_head % 2];
        const int count = max(min(int(header.begins[1 + m_head % 2]), parts.most) - begin, 0);
        return {reinterpret_cast<const std::uint32_t*>(header.block + parts.entries) + begin, count};
    }
    /// The query column of this lane's results `c`; a single query is in all.
    __device__ int columnOf(int c) const { return Kind::kColumns == 1 ? 0 : 2 * (m_lane % 4) + c; }
    __device__ bool mine(int c) const { return Kind::kColumns == 1 || columnOf(c) < m_columns; }

    __device__ void addKeys();
    __device__ void addKeyStep(const char* unit, int count, int local, int step);
    __device__ void rotateKeys(int step, FragmentA (&keys)[4]) const;
    __device__ void rotateQueries(const float2* angles, int step, FragmentB (&b)[4]) const;
    __device__ void turnQuery(char* angles, int first, int steps) const;
    __device__ void addKeyCorrections(SparseStream& sparse, const char* angles, unsigned* sums);
    __device__ void correctScore(std::uint32_t entry, float delta, const char* angles, unsigned* sums) const;

    __device__ void softmax(int page, const char* scales, FragmentB (&weights)[4]);
    __device__ void softmaxOfOne(int page, const char* scales, FragmentB (&weights)[4]);
    __device__ void shareWeights(Half2 own, FragmentB (&weights)[4]) const;
    __device__ float bent(float score) const { return softCap(score * m_scale, m_args.score_cap * kLog2E); }
    __device__ void hideUnseen(int page);
    __device__ float growRange(float largest);
    __device__ void rescale(const float (&factor)[kOwn], float range_factor);
    __device__ void writeGroups(int page) const;

    __device__ void addValues(const char* unit, const FragmentB (&weights)[4]);
    __device__ void addValueCorrections(const SparseStream& sparse, char* work);
    __device__ void addValueCorrections(SparseStream sparse, float largest, int first, float* p, unsigned* sums);

    const DecodeCall& m_call;
    const DecodeArgs& m_args;
    const SharedLayout& m_layout;
    char* m_shared;
    int m_head, m_first_column, m_columns, m_lane;
    float m_scale;  ///< of the scores, to base 2; capped: to the exponent of softCap()
    PageFetch<Kind> m_fetch;
    FragmentD m_scores[4];        ///< of the current page, then its probabilities
    FragmentD m_out[Tiles] = {};  ///< times kHeadroom / m_range
    float m_m[kOwn];
    float m_l[kOwn] = {};                       ///< this lane's tokens only
    float m_shift[kOwn] = {};                   ///< sum of probability · value offset, this lane's tokens only
    float m_range = kLeastRange;                ///< largest value range seen
    float m_inverse = kHeadroom / kLeastRange;  ///< kHeadroom / m_range; of raw values kHeadroom
};

}  // namespace lectern::kernels
