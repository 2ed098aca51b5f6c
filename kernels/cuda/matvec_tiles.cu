// SPDX-License-Identifier: GPL-3.0-or-later
// Products of quantized matrices with one to four vectors on the tensor cores. A block takes sixteen rows at a time;
// its warps take turns with the columns, each with its own stages of weights on their way (matvec_stage.cuh). Codes
// become fp16, exactly; 16 columns of 16 rows times the vectors' parts (matvec_split.cuh) are one fragment product, and
// factors are applied to its f32 sums. Sums of a row are made in an order that depends on its columns alone.
#include "kernels/cuda/matvec_tiles.h"

#include "kernels/cuda/early_launch.cuh"
#include "kernels/cuda/matvec_split.cuh"
#include "kernels/cuda/matvec_stage.cuh"
#include "kernels/cuda/weight_dispatch.cuh"

namespace lectern::kernels {
namespace {

constexpr int kTileWarps = 4;
constexpr int kTileThreads = kTileWarps * kWarpLanes;

/// Eight elements as pairs (0, 2), (1, 3), (4, 6), (5, 7) of fp16 codes. 1024 + n has n in its low bits.
template <WeightType Type>
__device__ __forceinline__ void halfCodes(const Eight<Type>& eight, Half2 (&v)[4]) {
    constexpr Half2 kThousands = 0x64006400U, kMinus = 0x80008000U, kTwice = 0x00010001U;
    constexpr Half2 kBias = kMinus | (kThousands + unsigned(Eight<Type>::kBias) * kTwice);
    constexpr Half2 kOne = 0x3c003c00U, kSixteenth = 0x2c002c00U;
    if constexpr (nibbleType(Type)) {
        constexpr Half2 kHighBias = kMinus | (0x54005400U + unsigned(Eight<Type>::kBias) * 16 * kTwice);  // 64 + bias
        LECTERN_UNROLL
        for (int i = 0; i < 2; ++i) {
            const unsigned word = eight.nibbles >> (8 * i);
            v[i] = halfFma2(maskedOr(word, 0x000f000fU, kThousands), kOne, kBias);
            v[2 + i] = halfFma2(maskedOr(word, 0x00f000f0U, kThousands), kSixteenth, kHighBias);
        }
    } else {
        FourBytes bytes[2];
        eight.bytes(bytes);
        LECTERN_UNROLL
        for (int i = 0; i < 4; ++i)
            v[i] = halfFma2(__byte_perm(bytes[i / 2], kThousands, i % 2 == 0 ? 0x7270U : 0x7371U), kOne, kBias);
    }
}

/// Which of the vectors a lane has to do with. Four pairs of columns of B and D are `Fold` groups of quads times
/// vectors: with one vector a fragment's sums are of four groups, those of group f in pair f, and factors are applied
/// to all four at once (Fold 4); with more a pair is a vector (Fold 1).
template <int Fold>
struct LanePlace {
    int row, quarter;        ///< lane / 4, lane % 4
    int fold, part;          ///< of B's column `row`: its group, and its part in SplitVectors' order
    int own, vector, slots;  ///< of D's columns 2·quarter, + 1: group and vector

    __device__ LanePlace(int lane, int tokens, int slots_)
        : row(lane / 4),
          quarter(lane % 4),
          fold(Fold == 1 ? 0 : row / 2),
          part((Fold == 1 ? min(row / 2, tokens - 1) * 2 : 0) + row % 2),
          own(Fold == 1 ? 0 : quarter),
          vector(Fold == 1 ? min(quarter, tokens - 1) : 0),
          slots(slots_) {}
};

/// Sums of rows `row` and `row` + 8, of the groups whose number is i modulo 4 apart, so that they are the same numbers
/// however many vectors there are: with Fold 4 in four lanes.
template <int Fold>
struct TileSums {
    float at[2][4 / Fold] = {};
    /// Of row `row` + 8i over all groups.
    __device__ float total(int i) const {
        if constexpr (Fold == 1) return (at[i][0] + at[i][1]) + (at[i][2] + at[i][3]);
        return overLanes<4>(at[i][0], [](float p, float q) { return p + q; });
    }
};

/// Of Fold groups of a stage from group `first` on; `split` is where the stage begins, in groups, in the vectors.
/// Groups from `groups` on are not there.
template <WeightType Type, int Fold>
__device__ __forceinline__ void multiplyGroups(const unsigned* stage, bool odd, int first, int groups,
                                               const SplitVectors& x, int split, const LanePlace<Fold>& at,
                                               float& upper, float& lower) {
    using E = Eight<Type>;
    constexpr int kSame = E::kSameQuads, kQuadsOfBlock = Stage<Type>::kElements / kQuadColumns;
    const int slots = Fold == 1 ? at.slots : 1;
    const auto eight = [&](int row, int quad, int within) {
        return E(stagedBlock<Type>(stage, row, quad / kQuadsOfBlock, odd), quad * 4 + within);
    };
    FragmentD d[2] = {};  // of the halves of quads, also where they have one scale: two chains are done in less time
    LECTERN_UNROLL
    for (int i = 0; i < Fold * kSame; ++i) {
        if (first + i / kSame >= groups) break;
        const int quad = first * kSame + i, column = ((split * kSame + quad) * 4 + at.quarter) * slots * 2 + at.part;
        const uint4 parts = x.parts[at.fold == i / kSame ? column : SplitVectors::kNothing];
        Half2 u[4], l[4];
        halfCodes(eight(at.row, quad, at.quarter), u), halfCodes(eight(at.row + 8, quad, at.quarter), l);
        multiplyAdd(d[0], {u[0], l[0], u[1], l[1]}, {parts.x, parts.y});
        multiplyAdd(d[1], {u[2], l[2], u[3], l[3]}, {parts.z, parts.w});
    }
    const int own = first + at.own, factors = (split + own) * slots + at.vector;
    if (own >= groups) return;
    float* sums[2] = {&upper, &lower};
    LECTERN_UNROLL
    for (int i = 0; i < 2; ++i) {
        const E row = eight(at.row + 8 * i, own * kSame, 0);
        const float low = d[0].x[2 * i] + d[0].x[2 * i + 1], high = d[1].x[2 * i] + d[1].x[2 * i + 1];
        // Written out, so that the compiler does not contract them one way here and another way for more vectors.
        const float codes = E::kOneScale ? __fmul_rn(row.scale(0), low + high)
                                         : __fmaf_rn(row.scale(1), high, __fmul_rn(row.scale(0), low));
        *sums[i] = __fmaf_rn(x.scale[factors], codes, *sums[i]);
        if constexpr (E::kOffset && E::kOneScale) {
            *sums[i] = __fmaf_rn(row.offset(0), x.sums[factors][0] + x.sums[factors][1], *sums[i]);
        } else if constexpr (E::kOffset) {
            *sums[i] = __fmaf_rn(row.offset(0), x.sums[factors][0], *sums[i]);
            *sums[i] = __fmaf_rn(row.offset(1), x.sums[factors][1], *sums[i]);
        }
    }
}

/// How many neighbouring tiles a block takes in turn, so that one thread sees all of them: those of a gate's matrices,
/// or of the experts that are summed.
template <bool Experts>
__device__ __forceinline__ int turnsOf(const MatvecArgs& args) {
    if (Experts && args.sum) return args.experts;
    return args.gate == Gate::None ? 1 : 2;
}

/// Where a tile is: one of several matrices that count as one.
template <bool Experts>
struct TilePlace {
    int matrix = 0, row = 0;
    int rank = 0;  ///< of the expert, among those chosen
    __device__ TilePlace(const MatvecArgs& args, int tile) {
        if constexpr (Experts) {
            const int turns = turnsOf<true>(args), group = tile / turns, turn = tile % turns;
            const int tiles = (args.w[0].rows + kTileRows - 1) / kTileRows;
            matrix = args.sum ? 0 : turn;
            rank = args.sum ? turn : group / tiles;
            row = (args.sum ? group : group % tiles) * kTileRows;
            return;
        }
        if (args.gate != Gate::None) {
            matrix = tile % 2, row = tile / 2 * kTileRows;
            return;
        }
        for (; matrix + 1 < args.count; ++matrix) {
            const int tiles = (args.w[matrix].rows + kTileRows - 1) / kTileRows;
            if (tile < tiles) break;
            tile -= tiles;
        }
        row = tile * kTileRows;
    }
    __device__ DeviceWeights weights(const MatvecArgs& args) const {
        if constexpr (Experts) return expertOf(args.w[matrix], args.chosen[rank].expert);
        return args.w[matrix];
    }
};

/// The tiles of a block: every gridDim.x-th, with the neighbours that it takes in turn.
template <bool Experts>
__device__ __forceinline__ int firstTile(const MatvecArgs& args) {
    return turnsOf<Experts>(args) * int(blockIdx.x);
}
template <bool Experts>
__device__ __forceinline__ int nextTile(const MatvecArgs& args, int tile) {
    const int turns = turnsOf<Experts>(args);
    if (turns == 1) return tile + int(gridDim.x);
    return (tile + 1) % turns != 0 ? tile + 1 : tile + 1 + turns * (int(gridDim.x) - 1);
}

/// The shared memory of a block; stages follow.
struct TileShared {
    SplitVectors x;
    float scales[MatvecArgs::kMostTokens];  ///< of norms
    float reduce[kTileWarps];
    float sums[2][kTileWarps][MatvecArgs::kMostTokens][kTileRows];  ///< of even and odd turns
};

/// Shared memory of a block with this many stages a warp.
template <WeightType Type>
constexpr int sharedBytes(int stages) {
    return int(sizeof(TileShared)) + stages * kTileWarps * Stage<Type>::kWords * 4;
}

/// Blocks that a multiprocessor is to take at once. Measured: a fourth one hides more than a fourth stage does; a grid
/// for four of which three fit (Q6_K) takes 15% longer, hence four only where 228 KiB, 1 a block, hold three stages.
template <WeightType Type>
constexpr int kBlocksAtOnce = 4 * (sharedBytes<Type>(3) + 1024) <= 228 * 1024 ? 4 : 3;

/// Stages of a warp: with three blocks as many as 64 KiB, which every GPU gives, leave room for.
template <WeightType Type>
constexpr int kStages = kBlocksAtOnce<Type> == 4 || sharedBytes<Type>(4) > 64 * 1024 ? 3 : 4;

/// The stages of a warp: those on their way are always kStages - 1 turns ahead.
template <WeightType Type, bool Experts>
class WarpStages {
public:
    __device__ WarpStages(const MatvecArgs& args, int tiles, unsigned* memory)
        : m_args(args),
          m_memory(memory + int(threadIdx.x / kWarpLanes) * kStages<Type> * Stage<Type>::kWords),
          m_tiles(tiles),
          m_chunks((args.w[0].cols + Stage<Type>::kColumns - 1) / Stage<Type>::kColumns),
          m_source(source()) {
        if (m_chunk >= m_chunks) m_tile = tiles;
        for (int i = 0; i + 1 < kStages<Type>; ++i) start();
    }
    /// The next stage, complete; another one is started in the place of the one before. All lanes.
    __device__ const unsigned* next() {
        copyWait<kStages<Type> - 2>();
        __syncwarp();
        start();
        m_read = m_read + 1 == kStages<Type> ? 0 : m_read + 1;
        return m_memory + (m_read == 0 ? kStages<Type> - 1 : m_read - 1) * Stage<Type>::kWords;
    }

private:
    __device__ void start() {
        if (m_tile < m_tiles) {
            m_source.start(m_memory + m_write * Stage<Type>::kWords);
            if ((m_chunk += kTileWarps) < m_chunks)
                m_source.advance(kTileWarps);
            else if ((m_tile = nextTile<Experts>(m_args, m_tile)) < m_tiles)
                m_chunk = int(threadIdx.x / kWarpLanes), m_source = source();
        }
        copyCommit();
        m_write = m_write + 1 == kStages<Type> ? 0 : m_write + 1;
    }
    __device__ StageSource<Type> source() const {
        const TilePlace<Experts> place(m_args, m_tile);
        return {place.weights(m_args), place.row, m_chunk * Stage<Type>::kBlocks};
    }

    const MatvecArgs& m_args;
    unsigned* m_memory;
    int m_tiles, m_chunks;
    int m_tile = firstTile<Experts>(m_args), m_chunk = int(threadIdx.x / kWarpLanes);  ///< to be started
    int m_read = 0, m_write = 0;
    StageSource<Type> m_source;
};

/// A stage, which is chunk `chunk` of a row; its columns begin at `column` of those in the vectors.
template <WeightType Type, int Fold>
__device__ __forceinline__ void multiplyStage(const unsigned* stage, const DeviceWeights& w, int row, int chunk,
                                              const SplitVectors& x, int column, const LanePlace<Fold>& at,
                                              TileSums<Fold>& sums) {
    using S = Stage<Type>;
    constexpr int kColumns = kQuadColumns * Eight<Type>::kSameQuads, kGroups = S::kColumns / kColumns;
    const int place = (row + at.row) * (w.cols / S::kElements) + chunk * S::kBlocks;
    const bool odd = (place & 1) != 0;  // the first scale is the second half of a word; eight rows further too
    const int groups = (w.cols - chunk * S::kColumns) / kColumns;
    const auto all = [&](int there) {
        LECTERN_UNROLL
        for (int g = 0; g < kGroups; g += Fold)
            multiplyGroups<Type>(stage, odd, g, there, x, column / kColumns, at, sums.at[0][g % 4 / Fold],
                                 sums.at[1][g % 4 / Fold]);
    };
    if (groups >= kGroups)
        all(kGroups);
    else if constexpr (S::kBlocks > 1)
        all(groups);
}

/// A tile's products from the sums of the warps, one a thread. Follows a barrier.
template <bool Experts>
__device__ __forceinline__ void endTile(const MatvecArgs& args, const TilePlace<Experts>& place,
                                        const float (&sums)[kTileWarps][MatvecArgs::kMostTokens][kTileRows],
                                        float& first) {
    static_assert(kTileRows * MatvecArgs::kMostTokens <= kTileThreads);
    const int r = int(threadIdx.x) % kTileRows, token = int(threadIdx.x) / kTileRows;
    if (token >= args.tokens || place.row + r >= args.w[place.matrix].rows) return;
    float total = sums[0][token][r];
    LECTERN_UNROLL
    for (int from = 1; from < kTileWarps; ++from) total += sums[from][token][r];
    if (Experts && args.sum) {
        const float weighted = args.chosen[place.rank].weight * total;
        first = place.rank == 0 ? weighted : first + weighted;
        if (place.rank + 1 < args.experts) return;
        total = first;
    }
    const int to = Experts && !args.sum ? place.rank : token;
    endProduct(args, place.matrix, to, place.row + r, total, first);
}

template <WeightType Type, int Fold, bool Experts>
__global__ void __launch_bounds__(kTileThreads, kBlocksAtOnce<Type>)
    matvecTile(const __grid_constant__ MatvecArgs args, int tiles, int slots) {
    using S = Stage<Type>;
    auto* shared = dynamicShared<TileShared>();
    const int lane = int(threadIdx.x % kWarpLanes), warp = int(threadIdx.x / kWarpLanes);
    const int cols = args.w[0].cols, at_once = kSplitColumns / slots;
    const LanePlace<Fold> at(lane, args.tokens, slots);
    if constexpr (Experts) waitForEarlier();  // which weights they are is written
    WarpStages<Type, Experts> stages(args, tiles, reinterpret_cast<unsigned*>(shared + 1));
    if (threadIdx.x == 0) shared->x.parts[SplitVectors::kNothing] = {};
    if constexpr (!Experts) waitForEarlier();  // weights are never written
    for (int token = 0; token < args.tokens && args.norm != nullptr; ++token) {
        const float* x = args.x + std::size_t(token) * std::size_t(cols);
        const float scale = normScale<kTileThreads>(x, cols, args.eps, shared->reduce);
        if (threadIdx.x == 0) shared->scales[token] = scale;
    }
    float first = 0;
    int turn = 0;
    for (int tile = firstTile<Experts>(args); tile < tiles; tile = nextTile<Experts>(args, tile), turn ^= 1) {
        const TilePlace<Experts> place(args, tile);
        const DeviceWeights& w = args.w[place.matrix];
        const bool own_vector = Experts && args.sum;
        const float* x = own_vector ? args.x + std::size_t(place.rank) * std::size_t(cols) : args.x;
        TileSums<Fold> sum;
        for (int begin = 0; begin < cols; begin += at_once) {
            const int end = min(begin + at_once, cols);
            if (cols > at_once || own_vector || tile == firstTile<Experts>(args)) {
                __syncthreads();
                splitVectors<Type, kTileThreads>(shared->x, args, x, shared->scales, slots, begin, end - begin);
                __syncthreads();
            }
            for (int c = begin / S::kColumns + warp; c * S::kColumns < end; c += kTileWarps)
                multiplyStage<Type>(stages.next(), w, place.row, c, shared->x, c * S::kColumns - begin, at, sum);
        }
        auto& sums = shared->sums[turn];
        LECTERN_UNROLL
        for (int i = 0; i < 2; ++i) {
            const float total = sum.total(i);
            if (at.quarter < args.tokens) sums[warp][at.quarter][at.row + 8 * i] = total;
        }
        __syncthreads();
        endTile(args, place, sums, first);
    }
}

}  // namespace

LaunchStatus matvecTiles(const MatvecArgs& args, Stream stream) {
    int tiles = 0;
    for (int i = 0; i < args.count; ++i) tiles += (args.w[i].rows + kTileRows - 1) / kTileRows;
    int turns = args.gate == Gate::None ? 1 : 2;
    if (args.experts > 0) tiles *= args.experts;
    if (args.sum) turns = args.experts;
    const int slots = args.tokens > 2 ? 4 : args.tokens, blocks = tiles / turns;
    return withQuantized(args.w[0].type, [&]<WeightType Type>() {
        // What runs at once on the largest GPUs; each takes several tiles in turn.
        constexpr int kMostBlocks = kBlocksAtOnce<Type> * 132;
        constexpr std::size_t kBytes = sharedBytes<Type>(kStages<Type>);
        static_assert(kBytes <= 64 * 1024);
        const auto kernel = args.experts > 0 ? &matvecTile<Type, 4, true>
                            : slots == 1     ? &matvecTile<Type, 4, false>
                                             : &matvecTile<Type, 1, false>;
        return launchEarly(kernel, dim3(unsigned(blocks < kMostBlocks ? blocks : kMostBlocks)), dim3(kTileThreads),
                           kBytes, stream, args, tiles, slots);
    });
}

}  // namespace lectern::kernels
