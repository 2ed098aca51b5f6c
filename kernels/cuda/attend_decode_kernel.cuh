// SPDX-License-Identifier: GPL-3.0-or-later
// Decode attention over compressed pages as one kernel.
//
// Roofline. A page of one KV head is 128·head_dim·bits/8 bytes of keys and values (plus about 0.33 bits an element of
// corrections at 1%). At 3 TB/s an H100 multiprocessor receives about 13 bytes a clock: at 3 bits 35 codes, at 2 bits
// 53, against 128 lanes that issue one instruction each. So a code may cost three instructions, all told. Hence
//   - products on tensor cores for every group size: 256 codes an instruction, queries in the 8 columns, one in all;
//   - two codes (four at 2 bits) looked up at once, in a table of fp16 pairs without bank conflicts: a permute and a
//     load; values of 4 bits straight from the bytes as they are packed, of 2 bits by permutes alone;
//   - keys rotated as fp16 pairs, once per KV head, ranges and offsets folded into the angles; only 16 rotations are
//     tabled, and the four 16-token groups of a page see the query rotated back by 16 each;
//   - corrections as whole numbers added in shared memory, see attend_decode_sparse.cuh;
//   - codes reach shared memory by asynchronous 16-byte copies, every warp one piece ahead of its arithmetic: 30 to
//     60 KiB in flight, a multiprocessor needs about 16 (bandwidth times latency).
// A thread block is (split, KV head, 8 query heads). tests/gpu/README.md has what was counted and measured.
#pragma once

#include "kernels/cuda/attend_decode_corrections.cuh"
#include "kernels/cuda/attend_decode_keys.cuh"
#include "kernels/cuda/attend_decode_single.cuh"
#include "kernels/cuda/attend_decode_values.cuh"

namespace lectern::kernels {

/// Most threads of a block: 128 registers each, or 255 where the output is wide or the copies leave no room for more.
constexpr int decodeThreads(int key_bits, int value_bits, int tiles) {
    return tiles > 8 || key_bits == kRawBits || value_bits == kRawBits ? 256 : 512;
}

/// Merges the warps' rows [warps][columns][head_dim + 2] into one partial state of the split.
__device__ inline void mergeWarps(const DecodeCall& call, const float* rows, int first_head, int columns) {
    const int head_dim = call.args.key.shape.head_dim, stride = head_dim + 2, warps = int(blockDim.x) / 32;
    for (int i = int(threadIdx.x); i < columns * head_dim; i += int(blockDim.x)) {
        const int column = i / head_dim, channel = i % head_dim;
        const float* row = rows + column * stride;
        float m = -INFINITY, l = 0, o = 0;
        for (int w = 0; w < warps; ++w) m = fmaxf(m, row[w * columns * stride + head_dim]);
        for (int w = 0; w < warps && m != -INFINITY; ++w) {
            const float* from = row + w * columns * stride;
            const float share = fastExp2(from[head_dim] - m);
            l += from[head_dim + 1] * share;
            o += from[channel] * share;
        }
        const int at = int(blockIdx.x) * call.heads() + first_head + column;  // [splits][heads]
        call.args.out.o[std::size_t(at) * head_dim + channel] = o;
        if (channel == 0) call.args.out.m[at] = m * kLn2, call.args.out.l[at] = l;
    }
}

/// One split of one KV head, up to eight query heads.
template <class Kind>
__device__ void attendSplit(const DecodeCall& call) {
    char* shared = dynamicShared<char>();
    const DecodeArgs& args = call.args;
    const int head = int(blockIdx.y), first_column = int(blockIdx.z) * kQueryColumns;
    const int columns = min(kQueryColumns, args.group - first_column), first_head = head * args.group + first_column;
    const int warp = int(threadIdx.x) / 32, warps = int(blockDim.x) / 32, head_dim = args.key.shape.head_dim;
    const SharedLayout layout(args, min(args.group, kQueryColumns), Kind::kCopies);
    buildTable<Kind::kKeyBits, Kind::kCopies>(args.key_params.book, shared);
    if constexpr (Kind::kValueBits != 2)
        buildTable<Kind::kValueBits, Kind::kCopies>(args.value_params.book, shared + tableRow(Kind::kCopies) / 2);
    buildRotation(args, head, reinterpret_cast<uint4*>(shared + layout.rotation));
    buildChannels(args, reinterpret_cast<std::uint16_t*>(shared + layout.channels));
    buildSteps(args, reinterpret_cast<uint4*>(shared + layout.step));
    auto* query = reinterpret_cast<float*>(shared + layout.query);
    const float scale =
        loadQueries<Kind::kColumns>(args, first_head, columns, query, reinterpret_cast<float*>(shared + layout.reduce));
    if (args.key.slots > 0) {
        auto* turns = reinterpret_cast<Half2*>(shared + layout.turns);
        auto* table = reinterpret_cast<std::uint16_t*>(shared + layout.pair_query);
        if constexpr (Kind::kColumns == 1)
            buildChannelTurns(args, turns, table);
        else
            buildTurns(args, turns), buildPairQueries(head_dim, query, table);
    }
    int* extent = reinterpret_cast<int*>(shared + layout.seen);
    if (threadIdx.x < 2)
        extent[threadIdx.x] = args.later != nullptr ? args.later[threadIdx.x]
                              : threadIdx.x == 0    ? args.tokens
                                                    : args.begin;
    buildBytes<Kind::kValueBits>(args.value_params.book, reinterpret_cast<BytesOfFour*>(extent) + 1);
    __syncthreads();

    const int pages = (extent[0] + kPageTokens - 1) / kPageTokens;
    const int skipped = min(max(extent[1], 0) / kPageTokens, pages), seen = pages - skipped;
    const int begin = skipped + int(std::int64_t(seen) * blockIdx.x / call.splits);
    const int end = skipped + int(std::int64_t(seen) * (blockIdx.x + 1) / call.splits);
    DecodeWarp<Kind> state(call, layout, shared, head, first_column, columns, scale);
    state.run(begin + warp, end, warps);
    state.finish();
    __syncthreads();
    auto* rows = reinterpret_cast<float*>(shared);
    state.store(rows + warp * columns * (head_dim + 2));
    __syncthreads();
    mergeWarps(call, rows, first_head, columns);
}

#ifdef __CUDA_ARCH__
/// What planDecode() chooses where this code runs: devices of 160 KiB and more, or others.
constexpr bool kRoomy = __CUDA_ARCH__ == 800 || __CUDA_ARCH__ == 870 || (__CUDA_ARCH__ >= 900 && __CUDA_ARCH__ < 1200);
#endif

template <class Kind>
__global__ void __launch_bounds__(decodeThreads(Kind::kKeyBits, Kind::kValueBits, Kind::kTiles))
    attendDecodeKernel(const __grid_constant__ DecodeCall call) {
#ifdef __CUDA_ARCH__
    if constexpr (kRoomy != (Kind::kCopies == kManyCopies))
        __trap();  // not chosen here, and not worth its compile time
    else
#endif
        attendSplit<Kind>(call);
}

}  // namespace lectern::kernels
