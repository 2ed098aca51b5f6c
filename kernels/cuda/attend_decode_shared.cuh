// SPDX-License-Identifier: GPL-3.0-or-later
// What one thread block keeps in shared memory.
#pragma once

#include "kernels/cuda/attend_decode.h"
#include "kernels/cuda/attend_decode_codes.cuh"

namespace lectern::kernels {

inline constexpr int kHeaderBytes = 16;  ///< of a unit: address of its block, where this head's corrections begin
inline constexpr int kScaleBytes = 256;  ///< value scales of one page
inline constexpr int kRotationBytes = 32 * 48;  ///< rotation table of 16 channels: 12 registers a lane
inline constexpr int kQueryBytes = 32 * 16;     ///< queries of 16 channels: four f32 a lane
inline constexpr int kStepBytes = 4 * 16;       ///< rotations by 16 and 32 tokens of 16 channels
inline constexpr int kTurns = 20;               ///< rotations of one pair: by 0 … 15, by 0, 16, 32 and 48 tokens
inline constexpr int kPairQueryBytes = 32;      ///< queries of one pair: [2][8 columns] fp16
/// Work space of the corrections: 32 rows of 8 columns fp16, 32 marks, probabilities [64][8] fp16.
inline constexpr int kMarksAt = 512, kProbabilitiesAt = 576, kSparseBytes = 1600;

/// Copies in flight per warp. Raw pages come in more and smaller pieces.
constexpr int decodeStages(int key_bits, int value_bits) {
    return key_bits == kRawBits || value_bits == kRawBits ? 4 : 2;
}
/// Channels of one head that are fetched together.
constexpr int unitChannels(int bits, int head_dim) {
    if (bits != kRawBits) return head_dim;
    return head_dim % 32 == 0 ? 32 : 16;
}

/// What a kernel is compiled for. Tiles: 16 channels each, at least as many as heads have; HeadDim 0: known at run
/// time.
template <int KeyBits, int ValueBits, int Tiles, int HeadDim, int Copies>
struct DecodeKind {
    static constexpr int kKeyBits = KeyBits, kValueBits = ValueBits, kTiles = Tiles, kHeadDim = HeadDim;
    static constexpr int kCopies = Copies;  ///< of the pair tables
};

/// Offsets in bytes from the start of shared memory; `warp` areas follow each other.
struct SharedLayout {
    int rotation = 0, query = 0, step = 0, turns = 0, pair_query = 0, channels = 0, reduce = 0, seen = 0, warps = 0;
    int unit = 0;  ///< bytes of one stage; read codes make room for the corrections' work space
    int warp = 0;  ///< bytes of a warp's area

    constexpr SharedLayout(int key_bits, int value_bits, int head_dim, int copies, bool sparse_keys) {
        const int rows = tableRows(key_bits) > tableRows(value_bits) ? tableRows(key_bits) : tableRows(value_bits);
        rotation = rows * tableRow(copies);
        query = rotation + head_dim / 16 * kRotationBytes;
        step = query + head_dim / 16 * kQueryBytes;
        turns = step + head_dim / 16 * kStepBytes;
        pair_query = turns + (sparse_keys ? head_dim / 2 * kTurns * 4 : 0);
        channels = pair_query + (sparse_keys ? head_dim / 2 * kPairQueryBytes : 0);
        reduce = channels + head_dim * 2;
        seen = reduce + 128;  // tokens and begin
        warps = seen + 16;
        const int key_unit = kHeaderBytes + unitChannels(key_bits, head_dim) * (4 + key_bits * 8);
        const int value_codes = kScaleBytes + unitChannels(value_bits, head_dim) * value_bits * 8;
        const int value_unit = kHeaderBytes + (value_codes > kSparseBytes ? value_codes : kSparseBytes);
        unit = key_unit > value_unit ? key_unit : value_unit;
        warp = decodeStages(key_bits, value_bits) * unit;
    }
    /// All of it; at the end the warps' results are merged in the same memory.
    constexpr int bytes(int count, int head_dim, int columns) const {
        const int work = warps + count * warp, merge = count * columns * (head_dim + 2) * 4;
        return work > merge ? work : merge;
    }
};

/// The launch as the kernel sees it. Workspace: m, l [heads][splits], then o [heads][splits][head_dim].
struct DecodeCall {
    DecodeArgs args;
    int splits = 1;
    float* workspace = nullptr;

    __host__ __device__ int heads() const { return args.key.shape.kv_heads * args.group; }
    __host__ __device__ float* m() const { return workspace; }
    __host__ __device__ float* l() const { return workspace + heads() * splits; }
    __host__ __device__ float* o() const { return workspace + 2 * heads() * splits; }
};

}  // namespace lectern::kernels
