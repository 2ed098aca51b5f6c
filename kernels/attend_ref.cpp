// SPDX-License-Identifier: GPL-3.0-or-later
// The definition of blocked attention: plain loops in double precision.
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "kernels/attend.h"

namespace lectern::kernels {
namespace {

constexpr double kNone = -std::numeric_limits<double>::infinity();

/// Log-sum-exp of scores[begin, end), -inf where none.
double logSumExp(const std::vector<double>& scores, int begin, int end) {
    if (begin >= end) return kNone;
    const double top = *std::max_element(scores.begin() + begin, scores.begin() + end);
    double sum = 0;
    for (int t = begin; t < end; ++t) sum += std::exp(scores[std::size_t(t)] - top);
    return top + std::log(sum);
}

/// Adds the tokens [begin, end) of the page to the state of row r.
void addRow(const AttendArgs& args, const std::vector<double>& scores, int begin, int end, int r, AttendState state) {
    const double top = *std::max_element(scores.begin() + begin, scores.begin() + end);
    const double m = std::max(double(state.m[r]), top);
    const double keep = state.m[r] == -std::numeric_limits<float>::infinity() ? 0.0 : std::exp(state.m[r] - m);
    double l = state.l[r] * keep;
    for (int t = begin; t < end; ++t) l += std::exp(scores[std::size_t(t)] - m);
    for (int c = 0; c < args.head_dim; ++c) {
        double o = state.o[r * args.head_dim + c] * keep;
        for (int t = begin; t < end; ++t)
            o += std::exp(scores[std::size_t(t)] - m) * args.value_tile[c * kPageTokens + t];
        state.o[r * args.head_dim + c] = float(o);
    }
    state.m[r] = float(m);
    state.l[r] = float(l);
}

}  // namespace

void attendRef(const AttendArgs& args, AttendState state) {
    std::vector<double> scores(kPageTokens);
    for (int r = 0; r < args.rows; ++r) {
        for (int t = 0; t < kPageTokens; ++t) {
            scores[std::size_t(t)] = 0;
            for (int c = 0; c < args.head_dim; ++c)
                scores[std::size_t(t)] += double(args.q[r * args.head_dim + c]) * args.key_tile[c * kPageTokens + t];
            if (args.score_cap > 0)
                scores[std::size_t(t)] = args.score_cap * std::tanh(scores[std::size_t(t)] / args.score_cap);
        }
        const int begin = args.begins == nullptr ? 0 : std::max(0, args.begins[r]);
        const int end = args.limits == nullptr ? args.tokens : std::min(args.tokens, args.limits[r]);
        for (int g = 0; args.group_lse != nullptr && g < kMassGroups; ++g)
            args.group_lse[r * kMassGroups + g] =
                float(logSumExp(scores, std::max(begin, g * kLaneTokens), std::min(end, (g + 1) * kLaneTokens)));
        if (begin < end) addRow(args, scores, begin, end, r, state);
    }
}

void mergeRef(AttendState dst, AttendState src, int rows, int head_dim) {
    for (int r = 0; r < rows; ++r) {
        const double m = std::max(dst.m[r], src.m[r]);
        if (m == kNone) continue;
        const double keep = std::exp(dst.m[r] - m), take = std::exp(src.m[r] - m);
        dst.l[r] = float(dst.l[r] * keep + src.l[r] * take);
        for (int c = r * head_dim; c < (r + 1) * head_dim; ++c) dst.o[c] = float(dst.o[c] * keep + src.o[c] * take);
        dst.m[r] = float(m);
    }
}

void rotateRef(const float* x, int rows, int stride, int head_dim, const float* cos, const float* sin, int pairs,
               bool interleaved, bool inverse, float* out) {
    for (int r = 0; r < rows; ++r) {
        const std::vector<float> in(x + r * stride, x + r * stride + head_dim);
        float* row = out + r * head_dim;
        std::copy(in.begin(), in.end(), row);
        for (int i = 0; i < pairs; ++i) {
            const std::size_t a = std::size_t(interleaved ? 2 * i : i);
            const std::size_t b = std::size_t(interleaved ? 2 * i + 1 : i + pairs);
            const double s = inverse ? -double(sin[i]) : double(sin[i]);
            row[a] = float(in[a] * double(cos[i]) - in[b] * s);
            row[b] = float(in[a] * s + in[b] * double(cos[i]));
        }
    }
}

}  // namespace lectern::kernels
