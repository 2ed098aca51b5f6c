// SPDX-License-Identifier: GPL-3.0-or-later
// Queries against expanded pages. A block takes kRows query rows of one KV head and walks over the pages that they see:
// four warps, each with 16 or 32 rows. Scores and weighted values are tensor-core products with f32 sums; probabilities
// go from one product to the next in registers. The keys of the next page arrive while values are multiplied, the
// values while scores are. Base 2 inside, natural outside.
#include "kernels/cuda/attend_prefill.h"

#include <cmath>

#include "kernels/cuda/attend_prefill_scores.cuh"

namespace lectern::kernels {
namespace {

/// One window of expanded pages.
struct Window {
    const std::byte* tiles;  ///< [end - begin][kv_heads][2] tiles
    int begin, end;          ///< pages
    bool starts, ends;       ///< of the context: no state to read, outputs to write
};

/// What a warp carries from page to page. Lane rows: 16·tile + lane / 4 and that + 8.
template <int HeadDim>
struct Carry {
    FragmentD o[PrefillShape<HeadDim>::kTiles][HeadDim / 8];
    float m[PrefillShape<HeadDim>::kTiles][2], l[PrefillShape<HeadDim>::kTiles][2];  ///< l: this lane's share
};

/// The first page of [begin, end) that begins after `position`.
__device__ inline int pageAfter(const PrefillPage* pages, int begin, int end, int position) {
    while (begin < end) {
        const int middle = (begin + end) / 2;
        if (pages[middle].begin > position)
            end = middle;
        else
            begin = middle + 1;
    }
    return begin;
}

/// Query rows to shared memory as fp16, scaled so that scores are base-2 logarithms; rows past the last are 0.
template <int HeadDim>
__device__ void loadQueries(const PrefillArgs& a, int head, int row_begin, int rows, std::byte* shared) {
    const int group = a.heads / a.key_layout.shape.kv_heads;
    const float scale = a.scale * kLog2E;
    for (int i = int(threadIdx.x); i < PrefillShape<HeadDim>::kRows * (HeadDim / 4); i += kPrefillThreads) {
        const int r = i / (HeadDim / 4), c = i % (HeadDim / 4) * 4, row = row_begin + r;
        float4 v = {0, 0, 0, 0};
        if (row < rows) {
            const auto at = std::size_t(row / group) * std::size_t(a.heads) + std::size_t(head * group + row % group);
            v = *reinterpret_cast<const float4*>(a.q + at * HeadDim + c);
        }
        const uint2 halves = {packHalf2(v.x * scale, v.y * scale), packHalf2(v.z * scale, v.w * scale)};
        *reinterpret_cast<uint2*>(shared + r * PrefillShape<HeadDim>::kPitch + c * 2) = halves;
    }
}

/// Starts the copy of one tile.
template <int HeadDim>
__device__ __forceinline__ void fetchTile(const std::byte* from, std::byte* to) {
    LECTERN_UNROLL_BY(4)
    for (int k = 0; k < HeadDim * kTileRowBytes / (16 * kPrefillThreads); ++k) {
        const int at = (k * kPrefillThreads + int(threadIdx.x)) * 16;
        copyAsync<16>(to + at, from + at);
    }
    copyCommit();
}

/// Largest of the four lanes that share a row.
__device__ __forceinline__ float rowMax(float x) {
    x = fmaxf(x, __shfl_xor_sync(kAllLanes, x, 1));
    return fmaxf(x, __shfl_xor_sync(kAllLanes, x, 2));
}
__device__ __forceinline__ float rowSum(float x) {
    x += __shfl_xor_sync(kAllLanes, x, 1);
    return x + __shfl_xor_sync(kAllLanes, x, 2);
}

/// Scores become probabilities relative to the running maximum; what was summed before is brought to it.
template <int HeadDim, int Tiles>
__device__ void softmaxPage(Carry<HeadDim>& carry, FragmentD (&s)[Tiles][kScoreColumns]) {
    float keep[Tiles][2];
    bool moved = false;
    LECTERN_UNROLL
    for (int m = 0; m < Tiles; ++m) LECTERN_UNROLL
    for (int half = 0; half < 2; ++half) {
        float top = -INFINITY;
        LECTERN_UNROLL
        for (int n = 0; n < kScoreColumns; ++n) top = fmaxf(top, fmaxf(s[m][n].x[half * 2], s[m][n].x[half * 2 + 1]));
        const float old = carry.m[m][half], now = fmaxf(old, rowMax(top));
        const float base = now == -INFINITY ? 0.0F : now;  // nothing seen so far: every exponential is 0, none is NaN
        float sum = 0;
        LECTERN_UNROLL
        for (int n = 0; n < kScoreColumns; ++n) LECTERN_UNROLL
        for (int i = 0; i < 2; ++i) {
            float& x = s[m][n].x[half * 2 + i];
            x = fastExp2(x - base);
            sum += x;
        }
        keep[m][half] = fastExp2(old - base);
        moved = moved || now != old;
        carry.l[m][half] = carry.l[m][half] * keep[m][half] + sum;
        carry.m[m][half] = now;
    }
    if (__any_sync(kAllLanes, int(moved)) == 0) return;  // most pages raise no maximum
    LECTERN_UNROLL
    for (int m = 0; m < Tiles; ++m) LECTERN_UNROLL
    for (int n = 0; n < HeadDim / 8; ++n) LECTERN_UNROLL
    for (int i = 0; i < 4; ++i) carry.o[m][n].x[i] *= keep[m][i / 2];
}

/// o += p · v.
template <int HeadDim, int Tiles>
__device__ void weighValues(const std::byte* values, const FragmentD (&p)[Tiles][kScoreColumns],
                            Carry<HeadDim>& carry) {
    const int lane = laneIndex();
    LECTERN_UNROLL
    for (int k = 0; k < kPageTokens / 16; ++k) {
        FragmentA weights[Tiles];
        LECTERN_UNROLL
        for (int m = 0; m < Tiles; ++m) {
            const FragmentD &left = p[m][2 * k], &right = p[m][2 * k + 1];
            weights[m] = {{packHalf2(left.x[0], left.x[1]), packHalf2(left.x[2], left.x[3]),
                           packHalf2(right.x[0], right.x[1]), packHalf2(right.x[2], right.x[3])}};
        }
        LECTERN_UNROLL
        for (int n = 0; n < HeadDim / 8; n += 2) {
            Half2 b[4];
            loadMatrices(b, values + tileChunk(n * 8 + lane / 16 * 8 + lane % 8, 2 * k + lane / 8 % 2));
            LECTERN_UNROLL
            for (int m = 0; m < Tiles; ++m) {
                multiplyAdd(carry.o[m][n], weights[m], {{b[0], b[1]}});
                multiplyAdd(carry.o[m][n + 1], weights[m], {{b[2], b[3]}});
            }
        }
    }
}

/// Log-sum-exp of each 16 tokens. A lane's columns belong to two of the four groups, shared with the lane two further.
template <int HeadDim, int Tiles>
__device__ void writeGroups(const PrefillArgs& a, int page, int head, int warp_row, int rows,
                            const Carry<HeadDim>& carry, const FragmentD (&p)[Tiles][kScoreColumns]) {
    const int lane = laneIndex();
    for (int m = 0; m < Tiles; ++m) {
        for (int half = 0; half < 2; ++half) {
            const int row = warp_row + m * 16 + half * 8 + lane / 4;
            for (int i = 0; i < 2; ++i) {
                float sum = 0;
                LECTERN_UNROLL
                for (int n = 0; n < kScoreColumns; ++n) sum += p[m][n].x[half * 2 + i];
                sum += __shfl_xor_sync(kAllLanes, sum, 2);
                const auto at = (std::size_t(head) * std::size_t(a.page_count) + std::size_t(page)) * std::size_t(rows);
                if (row < rows && lane % 4 < 2)
                    a.group_lse[(at + std::size_t(row)) * kMassGroups + std::size_t(lane % 4 * 2 + i)] =
                        sum > 0 ? carry.m[m][half] * kLn2 + logf(sum) : -INFINITY;
            }
        }
    }
}

/// Calls what(tile, half, row, index of the row in the state) for the rows of this lane that exist.
template <int Tiles, class What>
__device__ __forceinline__ void forRows(int head, int warp_row, int rows, What what) {
    LECTERN_UNROLL
    for (int m = 0; m < Tiles; ++m) LECTERN_UNROLL
    for (int half = 0; half < 2; ++half) {
        const int row = warp_row + m * 16 + half * 8 + laneIndex() / 4;
        if (row < rows) what(m, half, row, std::size_t(head) * std::size_t(rows) + std::size_t(row));
    }
}

/// The state at the beginning of a window.
template <int HeadDim>
__device__ void loadState(const PrefillArgs& a, const Window& window, int head, int warp_row, int rows,
                          Carry<HeadDim>& carry) {
    LECTERN_UNROLL
    for (int m = 0; m < PrefillShape<HeadDim>::kTiles; ++m) {
        LECTERN_UNROLL
        for (int half = 0; half < 2; ++half) carry.m[m][half] = -INFINITY, carry.l[m][half] = 0;
        LECTERN_UNROLL
        for (int n = 0; n < HeadDim / 8; ++n) carry.o[m][n] = {};
    }
    if (window.starts) return;
    const int column = laneIndex() % 4 * 2;
    forRows<PrefillShape<HeadDim>::kTiles>(head, warp_row, rows, [&](int m, int half, int, std::size_t at) {
        carry.m[m][half] = a.m[at] * kLog2E;
        carry.l[m][half] = column == 0 ? a.l[at] : 0.0F;
        LECTERN_UNROLL
        for (int n = 0; n < HeadDim / 8; ++n) {
            const float2 v = *reinterpret_cast<const float2*>(a.o + at * HeadDim + n * 8 + column);
            carry.o[m][n].x[half * 2] = v.x;
            carry.o[m][n].x[half * 2 + 1] = v.y;
        }
    });
}

/// The state at the end of a window, and at the end of the context the outputs.
template <int HeadDim>
__device__ void storeState(const PrefillArgs& a, const Window& window, int head, int warp_row, int rows,
                           Carry<HeadDim>& carry) {
    constexpr int kTiles = PrefillShape<HeadDim>::kTiles;
    const int column = laneIndex() % 4 * 2, group = a.heads / a.key_layout.shape.kv_heads;
    LECTERN_UNROLL
    for (int m = 0; m < kTiles; ++m) LECTERN_UNROLL
    for (int half = 0; half < 2; ++half) carry.l[m][half] = rowSum(carry.l[m][half]);
    forRows<kTiles>(head, warp_row, rows, [&](int m, int half, int row, std::size_t at) {
        const float l = carry.l[m][half], inverse = l > 0 ? 1.0F / l : 0.0F;
        if (a.m != nullptr && column == 0) {
            a.m[at] = carry.m[m][half] * kLn2;
            a.l[at] = l;
        }
        const auto to = std::size_t(row / group) * std::size_t(a.heads) + std::size_t(head * group + row % group);
        LECTERN_UNROLL
        for (int n = 0; n < HeadDim / 8; ++n) {
            const float x = carry.o[m][n].x[half * 2], y = carry.o[m][n].x[half * 2 + 1];
            const int c = n * 8 + column;
            if (a.o != nullptr) *reinterpret_cast<float2*>(a.o + at * HeadDim + c) = {x, y};
            if (!window.ends) continue;
            if (a.out != nullptr) *reinterpret_cast<float2*>(a.out + to * HeadDim + c) = {x * inverse, y * inverse};
            if (a.half_out != nullptr)
                *reinterpret_cast<Half2*>(a.half_out + to * HeadDim + c) = packHalf2(x * inverse, y * inverse);
        }
    });
}

template <int HeadDim, bool Mass, bool Capped>
__global__ void __launch_bounds__(kPrefillThreads, HeadDim <= 128 ? 2 : 1) attendWindow(PrefillArgs a, Window window) {
    using S = PrefillShape<HeadDim>;
    const int head = int(blockIdx.y), kv_heads = int(gridDim.y), group = a.heads / kv_heads;
    const int rows = a.tokens * group, row_begin = int(gridDim.x - 1 - blockIdx.x) * S::kRows;  // longest first
    const int warp_row = row_begin + int(threadIdx.x / kWarpLanes) * S::kTiles * 16;
    const Sight low = sightOf(a, row_begin, group), high = sightOf(a, min(rows, row_begin + S::kRows) - 1, group);
    const int end = pageAfter(a.pages, window.begin, window.end, high.to - 1);
    int begin = max(window.begin, pageAfter(a.pages, window.begin, window.end, low.from) - 1);
    while (begin > window.begin && a.pages[begin - 1].begin == a.pages[begin].begin) --begin;  // runs of one page
    auto* shared = dynamicShared<std::byte>();
    std::byte *keys = shared, *values = shared + HeadDim * kTileRowBytes, *queries = shared + S::kQueriesAt;
    const auto tile = [&](int page, int kind) {
        return window.tiles + tileBytes(HeadDim) * (std::size_t((page - window.begin) * kv_heads + head) * 2 + kind);
    };
    if (begin < end) fetchTile<HeadDim>(tile(begin, 0), keys);
    loadQueries<HeadDim>(a, head, row_begin, rows, queries);
    queries += (warp_row - row_begin) * S::kPitch;
    Carry<HeadDim> carry;
    loadState<HeadDim>(a, window, head, warp_row, rows, carry);
    for (int page = begin; page < end; ++page) {
        const PrefillPage& info = a.pages[page];
        FragmentD s[S::kTiles][kScoreColumns];
        copyWait<0>();
        __syncthreads();  // these keys are here, and all warps are done with the last values
        fetchTile<HeadDim>(tile(page, 1), values);
        scorePage<HeadDim>(queries, keys, s);
        if constexpr (Capped) capScores(a, s);
        if (info.begin + info.tokens > low.to || info.tokens < kPageTokens || info.skip > 0 || info.begin < high.from)
            maskPage(a, info, warp_row, group, s);
        copyWait<0>();
        __syncthreads();  // these values are here, and all warps are done with the keys
        if (page + 1 < end) fetchTile<HeadDim>(tile(page + 1, 0), keys);
        softmaxPage<HeadDim>(carry, s);
        if constexpr (Mass) writeGroups<HeadDim>(a, page, head, warp_row, rows, carry, s);
        weighValues<HeadDim>(values, s, carry);
    }
    storeState<HeadDim>(a, window, head, warp_row, rows, carry);
}

template <int HeadDim, bool Capped>
LaunchStatus startCapped(const PrefillArgs& args, const Window& window, Stream stream) {
    using S = PrefillShape<HeadDim>;
    const int kv_heads = args.key_layout.shape.kv_heads, rows = args.tokens * (args.heads / kv_heads);
    const dim3 grid(unsigned((rows + S::kRows - 1) / S::kRows), unsigned(kv_heads));
    const auto kernel =
        args.group_lse != nullptr ? &attendWindow<HeadDim, true, Capped> : &attendWindow<HeadDim, false, Capped>;
    return launch(kernel, grid, dim3(kPrefillThreads), S::kShared, stream, args, window);
}
template <int HeadDim>
LaunchStatus start(const PrefillArgs& args, const Window& window, Stream stream) {
    return args.score_cap > 0 ? startCapped<HeadDim, true>(args, window, stream)
                              : startCapped<HeadDim, false>(args, window, stream);
}

LaunchStatus attendTiles(const PrefillArgs& args, const Window& window, Stream stream) {
    switch (args.key_layout.shape.head_dim) {
        case 32:
            return start<32>(args, window, stream);
        case 64:
            return start<64>(args, window, stream);
        case 80:
            return start<80>(args, window, stream);
        case 96:
            return start<96>(args, window, stream);
        case 128:
            return start<128>(args, window, stream);
        default:
            return start<256>(args, window, stream);
    }
}

int windowPages(const PrefillArgs& args) {
    const std::size_t page = prefillWorkspaceBytes(args.key_layout.shape, 1);
    const std::size_t fit = args.workspace_bytes / page;
    return fit < std::size_t(args.page_count) ? int(fit) : args.page_count;
}

}  // namespace

std::size_t prefillWorkspaceBytes(const KvShape& shape, int pages) {
    return std::size_t(pages) * std::size_t(shape.kv_heads) * 2 * tileBytes(shape.head_dim);
}

const char* prefillRefusal(const PrefillArgs& args) {
    const KvShape& shape = args.key_layout.shape;
    const int d = shape.head_dim;
    if (d != 32 && d != 64 && d != 80 && d != 96 && d != 128 && d != 256)
        return "the head dimension is not 32, 64, 80, 96, 128 or 256";
    if (args.heads < 1 || args.heads % shape.kv_heads != 0) return "query heads are not a multiple of KV heads";
    if (args.tokens < 1 || args.page_count < 1) return "there are no queries or no pages";
    if (windowPages(args) < 1) return "the workspace does not hold one page";
    if (windowPages(args) < args.page_count && (args.m == nullptr || args.l == nullptr || args.o == nullptr))
        return "the context takes more than one window, and there is no state to carry between them";
    return nullptr;
}

LaunchStatus attendPrefill(const PrefillArgs& args, Stream stream) {
    const int pages = windowPages(args);
    for (int begin = 0; begin < args.page_count; begin += pages) {
        const int end = begin + pages < args.page_count ? begin + pages : args.page_count;
        if (const LaunchStatus status = expandPages(args, begin, end, args.workspace, stream)) return status;
        const Window window = {args.workspace, begin, end, begin == 0, end == args.page_count};
        if (const LaunchStatus status = attendTiles(args, window, stream)) return status;
    }
    return 0;
}

}  // namespace lectern::kernels
