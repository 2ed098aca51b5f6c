// SPDX-License-Identifier: GPL-3.0-or-later
// The definition of decode attention: pages read back, every key rotated to its position, one softmax, in double.
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "kernels/cuda/attend_decode.h"

namespace lectern::kernels {
namespace {

constexpr double kNone = -std::numeric_limits<double>::infinity();

using Row = std::vector<double>;

/// Rotates one vector by the given angle of every pair.
template <class Angle>
Row rotated(const Row& x, const RopeOffsets& rope, Angle angle) {
    Row out = x;
    for (int i = 0; i < rope.pairs; ++i) {
        const auto a = std::size_t(rope.interleaved ? 2 * i : i);
        const auto b = std::size_t(rope.interleaved ? 2 * i + 1 : i + rope.pairs);
        const auto [cos, sin] = angle(i);
        out[a] = x[a] * cos - x[b] * sin;
        out[b] = x[a] * sin + x[b] * cos;
    }
    return out;
}

/// All keys (rotated to their positions) or values of one KV head, [tokens][head_dim].
class Head {
public:
    Head(const DecodeArgs& args, int head) : m_args(args), m_head(head) {
        for (int page = 0; page * kPageTokens < args.tokens; ++page) {
            addPage(args.key, args.key_params, args.key_pages[page], page, keys);
            addPage(args.value, args.value_params, args.value_pages[page], page, values);
        }
    }
    std::vector<Row> keys, values;

private:
    void addPage(const KvBlockLayout& layout, const CodecParams& params, const std::byte* block, int page,
                 std::vector<Row>& rows) const {
        const auto channels = std::size_t(layout.shape.channels()), head_dim = std::size_t(layout.shape.head_dim);
        std::vector<float> all(channels * kPageTokens);
        unpackRef(layout, params, block, 0, kPageTokens, all.data());
        const RopeOffsets& rope = m_args.offsets;
        for (int t = 0; t < std::min(kPageTokens, m_args.tokens - page * kPageTokens); ++t) {
            const float* from = &all[std::size_t(t) * channels + std::size_t(m_head) * head_dim];
            const Row row(from, from + head_dim);
            const auto offset = [&](int i) {
                return std::pair(double(rope.cos[i * kPageTokens + t]), double(rope.sin[i * kPageTokens + t]));
            };
            const auto begin = [&](int i) {
                const float* at =
                    m_args.page_angles + (std::size_t(page) * std::size_t(rope.pairs) + std::size_t(i)) * 2;
                return std::pair(double(at[0]), double(at[1]));
            };
            const bool key = layout.kind == KvKind::Key;
            rows.push_back(key ? rotated(rotated(row, rope, offset), rope, begin) : row);
        }
    }
    const DecodeArgs& m_args;
    int m_head;
};

double logSumExp(const Row& scores, int begin, int end) {
    if (begin >= end) return kNone;
    const double top = *std::max_element(scores.begin() + begin, scores.begin() + end);
    double sum = 0;
    for (int t = begin; t < end; ++t) sum += std::exp(scores[std::size_t(t)] - top);
    return top + std::log(sum);
}

void attendRow(const DecodeArgs& args, const Head& head, int row) {
    const int d = args.key.shape.head_dim, begin = std::max(args.begin, 0);
    Row scores;
    for (const Row& key : head.keys) {
        double score = 0;
        for (int c = 0; c < d; ++c) score += double(args.q[row * d + c]) * key[std::size_t(c)];
        scores.push_back(args.score_cap > 0 ? args.score_cap * std::tanh(score / args.score_cap) : score);
    }
    for (int g = 0; args.group_lse != nullptr && g < args.pages * kMassGroups; ++g) {
        const int page = g / kMassGroups, head_index = row / args.group;
        const int at =
            ((head_index * args.pages + page) * args.group + row % args.group) * kMassGroups + g % kMassGroups;
        args.group_lse[at] =
            float(logSumExp(scores, std::max(begin, g * kLaneTokens), std::min(args.tokens, (g + 1) * kLaneTokens)));
    }
    const bool any = begin < args.tokens;
    const double m = any ? *std::max_element(scores.begin() + begin, scores.end()) : kNone;
    Row o(std::size_t(d), 0.0);
    double l = 0;
    for (int t = begin; t < args.tokens; ++t) {
        const double p = std::exp(scores[std::size_t(t)] - m);
        l += p;
        for (int c = 0; c < d; ++c) o[std::size_t(c)] += p * head.values[std::size_t(t)][std::size_t(c)];
    }
    args.out.m[row] = float(m);
    args.out.l[row] = float(l);
    for (int c = 0; c < d; ++c) args.out.o[row * d + c] = float(o[std::size_t(c)]);
}

}  // namespace

void attendDecodeRef(const DecodeArgs& args) {
    for (int head = 0; head < args.key.shape.kv_heads; ++head) {
        const Head rows(args, head);
        for (int n = 0; n < args.group; ++n) attendRow(args, rows, head * args.group + n);
    }
}

}  // namespace lectern::kernels
