// SPDX-License-Identifier: GPL-3.0-or-later
// Scores, online softmax and weighted values of a block of query rows against one page. Many rows: two small matrix
// products with the accumulators in registers, the value tile transposed once. Few rows (decode): the value tile is
// used as it lies, one dot product over the tokens per channel.
#include "kernels/attend.h"

#include "kernels/simd_math.h"

namespace lectern::kernels::LECTERN_ISA {
namespace {

constexpr int kVecs = kPageTokens / kW;                ///< vectors of one row of scores
constexpr int kRows = 6;                               ///< rows of one register block
constexpr int kCols = kW == 16 ? 4 : 2;                ///< vectors of one register block
constexpr int kRowBlock = 48;                          ///< rows whose scores are held at once; a multiple of kW
constexpr int kFewRows = 4;                            ///< up to here no transposition
constexpr int kMaxVecs = (kMaxHeadDim + kW - 1) / kW;  ///< vectors of one row of values

/// Working memory of one row block.
struct Work {
    alignas(64) float scores[kRowBlock * kPageTokens];  ///< [rows][64], then the weights exp(score - m)
    alignas(64) float top[kRowBlock];                   ///< [rows] maximum of the visible scores, then the new m
    alignas(64) float keep[kRowBlock];                  ///< [rows] factor for what the state held before
    int begin[kRowBlock];                               ///< [rows] first visible token
    int end[kRowBlock];                                 ///< [rows] one past the last
};

/// Calls what<N>() for n in 1 … Most.
template <int Most, class What>
LECTERN_INLINE void forCount(int n, What what) {
    if constexpr (Most > 1) {
        if (n < Most) return forCount<Most - 1>(n, what);
    }
    what.template operator()<Most>();
}

/// scores[Rows][kCols vectors] = q · keys for one panel of tokens.
template <int Rows>
void scorePanel(const float* q, int head_dim, const float* keys, float* scores) {
    F acc[Rows][kCols] = {};
    for (int c = 0; c < head_dim; ++c) {
        F k[kCols];
        LECTERN_UNROLL
        for (int v = 0; v < kCols; ++v) k[v] = load(keys + std::size_t(c) * kPageTokens + v * kW);
        LECTERN_UNROLL
        for (int r = 0; r < Rows; ++r) {
            const float x = q[std::size_t(r) * std::size_t(head_dim) + std::size_t(c)];
            LECTERN_UNROLL
            for (int v = 0; v < kCols; ++v) acc[r][v] += k[v] * x;
        }
    }
    LECTERN_UNROLL
    for (int r = 0; r < Rows; ++r) {
        LECTERN_UNROLL
        for (int v = 0; v < kCols; ++v) store(scores + r * kPageTokens + v * kW, acc[r][v]);
    }
}

void scoreRows(const float* q, int rows, const AttendArgs& args, float* scores) {
    for (int r = 0; r < rows; r += kRows) {
        const int n = rows - r < kRows ? rows - r : kRows;
        for (int t = 0; t < args.tokens; t += kCols * kW)
            forCount<kRows>(n, [&]<int N>() {
                scorePanel<N>(q + std::size_t(r) * std::size_t(args.head_dim), args.head_dim, args.key_tile + t,
                              scores + r * kPageTokens + t);
            });
    }
}

void capRows(const AttendArgs& args, int rows, float* scores) {
    for (int r = 0; r < rows; ++r) {
        for (int t = 0; t < args.tokens; t += kW) {
            float* at = scores + r * kPageTokens + t;
            store(at, softCap(load(at), args.score_cap));
        }
    }
}

/// Sets what a row does not see to -inf and finds each row's maximum.
void maskRows(const AttendArgs& args, int first, int rows, Work& work) {
    const I lane = lanes();
    for (int base = 0; base < rows; base += kW) {
        F tops[kW];
        for (int i = 0; i < kW; ++i) {
            const int r = base + i;
            tops[i] = set(-kInf);
            if (r >= rows) continue;
            int begin = args.begins == nullptr ? 0 : args.begins[first + r];
            int end = args.limits == nullptr ? args.tokens : args.limits[first + r];
            if (begin < 0) begin = 0;
            if (end > args.tokens) end = args.tokens;
            work.begin[r] = begin;
            work.end[r] = end;
            float* row = work.scores + r * kPageTokens;
            if (begin > 0 || end < kPageTokens) {
                for (int v = 0; v < kVecs; ++v) {
                    const I seen = (lane + v * kW >= begin) & (lane + v * kW < end);
                    store(row + v * kW, seen ? load(row + v * kW) : set(-kInf));
                }
            }
            for (int v = 0; v < kVecs; ++v) tops[i] = max(tops[i], load(row + v * kW));
        }
        store(work.top + base, foldMany(tops, Larger{}));
    }
}

/// Log-sum-exp per 16 tokens of masked scores, kW groups at a time.
void groupLse(const float* scores, int groups, float* out) {
    constexpr int kPer = kLaneTokens / kW;
    for (int base = 0; base < groups; base += kW) {
        const int n = groups - base < kW ? groups - base : kW;
        F part[kW];
        alignas(64) float top[kW];
        for (int g = 0; g < kW; ++g) {
            const float* at = scores + std::size_t(base + (g < n ? g : 0)) * kLaneTokens;
            part[g] = load(at);
            for (int v = 1; v < kPer; ++v) part[g] = max(part[g], load(at + v * kW));
        }
        const F tops = foldMany(part, Larger{});
        store(top, tops == -kInf ? F{} : tops);
        for (int g = 0; g < kW; ++g) {
            const float* at = scores + std::size_t(base + (g < n ? g : 0)) * kLaneTokens;
            part[g] = exp(load(at) - top[g]);
            for (int v = 1; v < kPer; ++v) part[g] += exp(load(at + v * kW) - top[g]);
        }
        storePart(out + base, load(top) + log(foldMany(part, Plus{})), n);
    }
}

/// Turns masked scores into weights, updates m and l of the state, leaves the factor for o in `keep`.
void softmaxRows(AttendState state, int first, int rows, Work& work) {
    for (int base = 0; base < rows; base += kW) {
        const int n = rows - base < kW ? rows - base : kW;
        float* m_at = state.m + first + base;
        const F before = loadPart(m_at, n);
        const F m = max(before, load(work.top + base));
        // Rows that saw nothing so far: any finite number serves, their weights are exp(-inf).
        const F safe = m == -kInf ? F{} : m;
        const F keep = m == before ? set(1.0F) : exp(before - safe);
        store(work.top + base, safe);
        store(work.keep + base, keep);
        storePart(m_at, m, n);
        F sums[kW];
        for (int i = 0; i < kW; ++i) {
            sums[i] = F{};
            if (i >= n) continue;
            float* row = work.scores + (base + i) * kPageTokens;
            const float top = work.top[base + i];
            LECTERN_UNROLL
            for (int v = 0; v < kVecs; ++v) {
                const F weight = exp(load(row + v * kW) - top);
                store(row + v * kW, weight);
                sums[i] += weight;
            }
        }
        float* l_at = state.l + first + base;
        storePart(l_at, loadPart(l_at, n) * keep + foldMany(sums, Plus{}), n);
    }
}

/// tile [head_dim][width] to out [tokens][stride]: 8×8 blocks, head_dim and width are multiples of 8.
void transpose(const float* tile, int width, int head_dim, int tokens, int stride, float* out) {
#if LECTERN_AVX512 || LECTERN_AVX2
    for (int t = 0; t < tokens; t += 8) {
        for (int c = 0; c < head_dim; c += 8) {
            __m256 x[8], y[8];
            LECTERN_UNROLL
            for (int i = 0; i < 8; ++i) x[i] = _mm256_loadu_ps(tile + std::size_t(c + i) * std::size_t(width) + t);
            LECTERN_UNROLL
            for (int i = 0; i < 4; ++i) {
                y[2 * i] = _mm256_unpacklo_ps(x[2 * i], x[2 * i + 1]);
                y[2 * i + 1] = _mm256_unpackhi_ps(x[2 * i], x[2 * i + 1]);
            }
            LECTERN_UNROLL
            for (int i = 0; i < 8; i += 4) {
                x[i] = _mm256_shuffle_ps(y[i], y[i + 2], 0x44);
                x[i + 1] = _mm256_shuffle_ps(y[i], y[i + 2], 0xee);
                x[i + 2] = _mm256_shuffle_ps(y[i + 1], y[i + 3], 0x44);
                x[i + 3] = _mm256_shuffle_ps(y[i + 1], y[i + 3], 0xee);
            }
            LECTERN_UNROLL
            for (int i = 0; i < 4; ++i) {
                float* at = out + std::size_t(t + i) * std::size_t(stride) + c;
                _mm256_storeu_ps(at, _mm256_permute2f128_ps(x[i], x[i + 4], 0x20));
                _mm256_storeu_ps(at + 4 * stride, _mm256_permute2f128_ps(x[i], x[i + 4], 0x31));
            }
        }
    }
#else
    for (int c = 0; c < head_dim; ++c)
        for (int t = 0; t < tokens; ++t) out[t * stride + c] = tile[c * width + t];
#endif
}

/// acc = o·keep for one panel of channels; `part` lanes of the last vector exist.
template <int Rows, int Cols>
LECTERN_INLINE void loadPanel(const float* o, int head_dim, int part, const float* keep, F (&acc)[Rows][Cols]) {
    LECTERN_UNROLL
    for (int r = 0; r < Rows; ++r) {
        LECTERN_UNROLL
        for (int v = 0; v < Cols; ++v) {
            const float* at = o + std::size_t(r) * std::size_t(head_dim) + v * kW;
            acc[r][v] = (v == Cols - 1 ? loadPart(at, part) : load(at)) * keep[r];
        }
    }
}

template <int Rows, int Cols>
LECTERN_INLINE void storePanel(const F (&acc)[Rows][Cols], int head_dim, int part, float* o) {
    LECTERN_UNROLL
    for (int r = 0; r < Rows; ++r) {
        LECTERN_UNROLL
        for (int v = 0; v < Cols; ++v) {
            float* at = o + std::size_t(r) * std::size_t(head_dim) + v * kW;
            if (v == Cols - 1)
                storePart(at, acc[r][v], part);
            else
                store(at, acc[r][v]);
        }
    }
}

/// o[Rows][Cols vectors] = o·keep + weights · values for tokens begin … end - 1.
template <int Rows, int Cols>
void valuePanel(const float* weights, int begin, int end, const float* values, int stride, const float* keep,
                int head_dim, int part, float* o) {
    F acc[Rows][Cols];
    loadPanel<Rows, Cols>(o, head_dim, part, keep, acc);
    for (int t = begin; t < end; ++t) {
        F x[Cols];
        LECTERN_UNROLL
        for (int v = 0; v < Cols; ++v) x[v] = load(values + std::size_t(t) * std::size_t(stride) + v * kW);
        LECTERN_UNROLL
        for (int r = 0; r < Rows; ++r) {
            const float weight = weights[r * kPageTokens + t];
            LECTERN_UNROLL
            for (int v = 0; v < Cols; ++v) acc[r][v] += x[v] * weight;
        }
    }
    storePanel<Rows, Cols>(acc, head_dim, part, o);
}

/// Calls panel<rows, vectors>(row, channel, first token, end of tokens, lanes of the last vector) for each panel.
template <class Panel>
LECTERN_INLINE void eachPanel(int rows, int head_dim, const Work& work, Panel panel) {
    for (int c = 0; c < head_dim; c += kCols * kW) {
        const int left = head_dim - c;
        const int vecs = left >= kCols * kW ? kCols : (left + kW - 1) / kW;
        const int part = left >= vecs * kW ? kW : left - (vecs - 1) * kW;
        for (int r = 0; r < rows; r += kRows) {
            const int n = rows - r < kRows ? rows - r : kRows;
            int begin = kPageTokens, end = 0;
            for (int i = r; i < r + n; ++i) {
                if (work.begin[i] < begin) begin = work.begin[i];
                if (work.end[i] > end) end = work.end[i];
            }
            forCount<kRows>(n, [&]<int N>() {
                forCount<kCols>(vecs, [&]<int V>() { panel.template operator()<N, V>(r, c, begin, end, part); });
            });
        }
    }
}

/// Weighted values of many rows, from transposed values [64][stride].
void valueRows(const float* values, int stride, int rows, int head_dim, const Work& work, float* o) {
    eachPanel(rows, head_dim, work, [&]<int N, int V>(int r, int c, int begin, int end, int part) {
        valuePanel<N, V>(work.scores + r * kPageTokens, begin, end, values + c, stride, work.keep + r, head_dim, part,
                         o + std::size_t(r) * std::size_t(head_dim) + c);
    });
}

/// Weighted values of Rows rows from the tile as it lies: kW channels at a time, one dot product over tokens each.
template <int Rows>
void valueDots(const float* tile, int tokens, int head_dim, const float* weights, const float* keep, float* o) {
    const int whole = tokens / kW, rest = tokens % kW;
    for (int c = 0; c < head_dim; c += kW) {
        const int n = head_dim - c < kW ? head_dim - c : kW;
        F acc[Rows][kW] = {};
        for (int i = 0; i < n; ++i) {
            const float* values = tile + std::size_t(c + i) * kPageTokens;
            F dot[Rows] = {};
            const auto addVec = [&](F x, int v) LECTERN_LAMBDA {
                LECTERN_UNROLL
                for (int r = 0; r < Rows; ++r) dot[r] += x * load(weights + r * kPageTokens + v * kW);
            };
            if (whole == kVecs) {
                LECTERN_UNROLL
                for (int v = 0; v < kVecs; ++v) addVec(load(values + v * kW), v);
            } else {
                for (int v = 0; v < whole; ++v) addVec(load(values + v * kW), v);
                if (rest > 0) addVec(loadPart(values + whole * kW, rest), whole);
            }
            LECTERN_UNROLL
            for (int r = 0; r < Rows; ++r) acc[r][i] = dot[r];
        }
        for (int r = 0; r < Rows; ++r) {
            float* at = o + std::size_t(r) * std::size_t(head_dim) + c;
            storePart(at, loadPart(at, n) * keep[r] + foldMany(acc[r], Plus{}), n);
        }
    }
}

/// Runs the blocks of rows: scores(q, rows, out), then the softmax, then values(rows, o).
template <class Scores, class Values>
LECTERN_INLINE void attendBlocks(const AttendArgs& args, AttendState state, Work& work, Scores scores, Values values) {
    for (int first = 0; first < args.rows; first += kRowBlock) {
        const int rows = args.rows - first < kRowBlock ? args.rows - first : kRowBlock;
        scores(args.q + std::size_t(first) * std::size_t(args.head_dim), rows);
        if (args.score_cap > 0) capRows(args, rows, work.scores);
        maskRows(args, first, rows, work);
        if (args.group_lse != nullptr)
            groupLse(work.scores, rows * kMassGroups, args.group_lse + std::size_t(first) * kMassGroups);
        softmaxRows(state, first, rows, work);
        values(rows, state.o + std::size_t(first) * std::size_t(args.head_dim));
    }
}

}  // namespace
}  // namespace lectern::kernels::LECTERN_ISA

#if LECTERN_AVX512 && defined(__AVX512BF16__)
#include "kernels/attend_bf16.h"
#endif

namespace lectern::kernels::LECTERN_ISA {

void attend(const AttendArgs& args, AttendState state) {
    Work work;
    const int stride = (args.head_dim + kW - 1) / kW * kW;
    const auto scores = [&](const float* q, int rows) { scoreRows(q, rows, args, work.scores); };
    if (args.rows <= kFewRows) {
        attendBlocks(args, state, work, scores, [&](int rows, float* o) {
            forCount<kFewRows>(rows, [&]<int N>() {
                valueDots<N>(args.value_tile, args.tokens, args.head_dim, work.scores, work.keep, o);
            });
        });
        return;
    }
#if LECTERN_AVX512 && defined(__AVX512BF16__)
    if (args.coded) {
        Bf16Work pairs;
        bf16Page(args, stride, pairs);
        attendBlocks(
            args, state, work, [&](const float* q, int rows) { bf16ScoreRows(q, rows, args, pairs, work.scores); },
            [&](int rows, float* o) { bf16ValueRows(stride, rows, args.head_dim, work, pairs, o); });
        return;
    }
#endif
    alignas(64) float transposed[kPageTokens * kMaxVecs * kW];
    transpose(args.value_tile, kPageTokens, args.head_dim, args.tokens, stride, transposed);
    attendBlocks(args, state, work, scores,
                 [&](int rows, float* o) { valueRows(transposed, stride, rows, args.head_dim, work, o); });
}

void merge(AttendState dst, AttendState src, int rows, int head_dim) {
    for (int r = 0; r < rows; ++r) {
        if (src.m[r] == -kInf) continue;
        const float m = dst.m[r] > src.m[r] ? dst.m[r] : src.m[r];
        const float keep = dst.m[r] == -kInf ? 0.0F : __builtin_expf(dst.m[r] - m);
        const float take = __builtin_expf(src.m[r] - m);
        dst.m[r] = m;
        dst.l[r] = dst.l[r] * keep + src.l[r] * take;
        float* o = dst.o + std::size_t(r) * std::size_t(head_dim);
        const float* other = src.o + std::size_t(r) * std::size_t(head_dim);
        for (int c = 0; c < head_dim; c += kW) {
            const int n = head_dim - c < kW ? head_dim - c : kW;
            storePart(o + c, loadPart(o + c, n) * keep + loadPart(other + c, n) * take, n);
        }
    }
}

void rotate(const float* x, int rows, int stride, int head_dim, const float* cos, const float* sin, int pairs,
            bool interleaved, bool inverse, float* out) {
    const int step = interleaved ? 2 : 1, partner = interleaved ? 1 : pairs;
    const float sign = inverse ? -1.0F : 1.0F;
    for (int r = 0; r < rows; ++r) {
        const float* in = x + std::size_t(r) * std::size_t(stride);
        float* row = out + std::size_t(r) * std::size_t(head_dim);
        for (int c = 2 * pairs; c < head_dim; ++c) row[c] = in[c];
        int i = 0;
        for (; !interleaved && i + kW <= pairs; i += kW) {
            const F a = load(in + i), b = load(in + i + pairs), co = load(cos + i), si = load(sin + i) * sign;
            store(row + i, a * co - b * si);
            store(row + i + pairs, a * si + b * co);
        }
        for (; i < pairs; ++i) {
            const float a = in[step * i], b = in[step * i + partner], si = sin[i] * sign;
            row[step * i] = a * cos[i] - b * si;
            row[step * i + partner] = a * si + b * cos[i];
        }
    }
}

}  // namespace lectern::kernels::LECTERN_ISA
