// SPDX-License-Identifier: GPL-3.0-or-later
// The tables that a thread block builds in shared memory before it reads pages.
#pragma once

#include "kernels/cuda/attend_decode_shared.cuh"

namespace lectern::kernels {

/// Rotation pairs in the order of the fragments: 16 slots are the first channels of 8 pairs, then their second ones.
/// Channels past the rotated ones are paired too, at angle 0.
__device__ __forceinline__ int slotChannel(const RopeOffsets& rope, int slot) {
    const int pair = slot / 16 * 8 + slot % 8, side = slot / 8 % 2;
    if (pair < rope.pairs && !rope.interleaved) return pair + side * rope.pairs;
    return 2 * pair + side;
}
struct PairSide {
    int pair, side;
};
__device__ __forceinline__ PairSide channelPair(const RopeOffsets& rope, int channel) {
    if (rope.interleaved || channel >= 2 * rope.pairs) return {channel / 2, channel % 2};
    return channel < rope.pairs ? PairSide{channel, 0} : PairSide{channel - rope.pairs, 1};
}
__device__ __forceinline__ float2 offsetAngle(const RopeOffsets& rope, int pair, int token) {
    if (pair >= rope.pairs) return {1.0F, 0.0F};
    return {rope.cos[pair * kPageTokens + token], rope.sin[pair * kPageTokens + token]};
}

/// Place of a query's element among the fragments: [16 channels][column][t][pair t, pair t+4, second of t, of t+4].
template <int Columns>
__device__ __forceinline__ int queryPlace(int column, PairSide at) {
    return ((at.pair / 8 * Columns + column) * 4 + at.pair % 4) * 4 + at.side * 2 + at.pair / 4 % 2;
}

/// Loads the block's query columns, scaled to a largest magnitude of 1 (fp16 then has its full precision); returns the
/// factor that undoes it. All threads; ends synchronised.
template <int Columns>
__device__ float loadQueries(const DecodeArgs& args, int first_head, int columns, float* query, float* reduce) {
    const int head_dim = args.key.shape.head_dim;
    float largest = 0;
    for (int i = int(threadIdx.x); i < head_dim * Columns; i += int(blockDim.x)) {
        const int column = i / head_dim, channel = i % head_dim;
        const float value = column < columns ? args.q[(first_head + column) * head_dim + channel] : 0.0F;
        query[queryPlace<Columns>(column, channelPair(args.offsets, channel))] = value;
        largest = fmaxf(largest, fabsf(value));
    }
    for (int step = 16; step > 0; step /= 2) largest = fmaxf(largest, __shfl_xor_sync(kAllLanes, largest, step));
    if (threadIdx.x % 32 == 0) reduce[threadIdx.x / 32] = largest;
    __syncthreads();
    for (int w = 0; w < int(blockDim.x) / 32; ++w) largest = fmaxf(largest, reduce[w]);
    if (largest == 0) return 1.0F;
    for (int i = int(threadIdx.x); i < head_dim * Columns; i += int(blockDim.x)) query[i] /= largest;
    __syncthreads();
    return largest;
}

/// Rotation by the 16 places of a group, with the channels' ranges and offsets folded in: for first and second channel
/// (a, b) of a pair the rotated key is (a·A + b·B + Za, a·S + b·D + Zb). Lane (g, t) finds its registers for places 2g
/// and 2g+1, pairs (t, t+4), as [A B S D] of the one, of the other, [Za Zb] of both.
__device__ inline void buildRotation(const DecodeArgs& args, int head, uint4* table) {
    const int head_dim = args.key.shape.head_dim;
    for (int i = int(threadIdx.x); i < head_dim / 16 * 64; i += int(blockDim.x)) {
        const int step = i / 64, lane = i % 32, odd = i / 32 % 2, place = lane / 4 * 2 + odd;
        float x[6][2];
        for (int k = 0; k < 2; ++k) {
            const int pair = step * 8 + lane % 4 + 4 * k, slot = step * 16 + lane % 4 + 4 * k;
            const float2 angle = offsetAngle(args.offsets, pair, place);
            const int a = head * head_dim + slotChannel(args.offsets, slot);
            const int b = head * head_dim + slotChannel(args.offsets, slot + 8);
            const bool raw = args.key.raw();
            const float ra = raw ? 1.0F : args.key_params.range[a], rb = raw ? 1.0F : args.key_params.range[b];
            const float za = raw ? 0.0F : args.key_params.offset[a], zb = raw ? 0.0F : args.key_params.offset[b];
            x[0][k] = angle.x * ra, x[1][k] = -angle.y * rb, x[2][k] = angle.y * ra, x[3][k] = angle.x * rb;
            x[4][k] = angle.x * za - angle.y * zb, x[5][k] = angle.y * za + angle.x * zb;
        }
        std::uint32_t word[6];
        for (int j = 0; j < 6; ++j) word[j] = packHalf2(x[j][0], x[j][1]);
        table[(step * 3 + odd) * 32 + lane] = {word[0], word[1], word[2], word[3]};
        reinterpret_cast<uint2*>(table + (step * 3 + 2) * 32 + lane)[odd] = {word[4], word[5]};
    }
}

/// Rotations of every pair, kTurns each, as (cos, sin).
__device__ inline void buildTurns(const DecodeArgs& args, Half2* table) {
    for (int i = int(threadIdx.x); i < args.key.shape.head_dim / 2 * kTurns; i += int(blockDim.x)) {
        const int pair = i / kTurns, turn = i % kTurns;
        const float2 angle = offsetAngle(args.offsets, pair, turn < 16 ? turn : (turn - 16) * 16);
        table[i] = packHalf2(angle.x, angle.y);
    }
}

/// The queries once more, by pairs: [pairs][2 sides][8 columns] fp16. After loadQueries().
__device__ inline void buildPairQueries(int head_dim, const float* query, std::uint16_t* table) {
    for (int i = int(threadIdx.x); i < head_dim * kQueryColumns; i += int(blockDim.x)) {
        const PairSide at = {i / (2 * kQueryColumns), i / kQueryColumns % 2};
        table[i] = floatToHalfBits(query[queryPlace<kQueryColumns>(i % kQueryColumns, at)]);
    }
}

/// For the corrections of a single query, by channels: rotations by 0 … 15 as the factors of the pair's first and
/// second element, [channels][16]; and where the first element stands in a unit, see DecodeWarp::turnQuery().
__device__ inline void buildChannelTurns(const DecodeArgs& args, Half2* turns, std::uint16_t* places) {
    for (int i = int(threadIdx.x); i < args.key.shape.head_dim * kLaneTokens; i += int(blockDim.x)) {
        const PairSide at = channelPair(args.offsets, i / kLaneTokens);
        const float2 angle = offsetAngle(args.offsets, at.pair, i % kLaneTokens);
        turns[i] = at.side == 0 ? packHalf2(angle.x, angle.y) : packHalf2(-angle.y, angle.x);
        if (i % kLaneTokens == 0)
            places[i / kLaneTokens] = std::uint16_t((at.pair / 8 * 4 + at.pair % 4) * 32 + at.pair / 4 % 2 * 2);
    }
}

/// The values of a codebook of 2 bits, by their bytes.
template <int Bits>
__device__ void buildBytes(const float* book, BytesOfFour* to) {
    if (Bits != 2 || threadIdx.x != 0) return;
    const Half2 first = packHalf2(book[0], book[1]), second = packHalf2(book[2], book[3]);
    *to = {__byte_perm(first, second, 0x6420), __byte_perm(first, second, 0x7531)};
}

/// Channel of every slot, see slotChannel().
__device__ inline void buildChannels(const DecodeArgs& args, std::uint16_t* table) {
    for (int slot = int(threadIdx.x); slot < args.key.shape.head_dim; slot += int(blockDim.x))
        table[slot] = std::uint16_t(slotChannel(args.offsets, slot));
}

/// Rotations by 16 and by 32 tokens, per pair (t, t+4): [cos16 sin16 cos32 sin32].
__device__ inline void buildSteps(const DecodeArgs& args, uint4* table) {
    for (int i = int(threadIdx.x); i < args.key.shape.head_dim / 16 * 4; i += int(blockDim.x)) {
        const int pair = i / 4 * 8 + i % 4;
        const float2 a = offsetAngle(args.offsets, pair, 16), b = offsetAngle(args.offsets, pair + 4, 16);
        const float2 c = offsetAngle(args.offsets, pair, 32), d = offsetAngle(args.offsets, pair + 4, 32);
        table[i] = {packHalf2(a.x, b.x), packHalf2(a.y, b.y), packHalf2(c.x, d.x), packHalf2(c.y, d.y)};
    }
}

}  // namespace lectern::kernels
