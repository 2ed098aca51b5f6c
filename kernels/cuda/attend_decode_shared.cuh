// SPDX-License-Identifier: GPL-3.0-or-later
// What one thread block keeps in shared memory.
#pragma once

#include "kernels/cuda/attend_decode.h"
#include "kernels/cuda/attend_decode_codes.cuh"

namespace lectern::kernels {

inline constexpr int kHeaderBytes = 16;  ///< of a unit: address of its block, where this head's corrections begin
inline constexpr int kScaleBytes = 256;  ///< value scales of one page
inline constexpr int kRotationBytes = 32 * 48;  ///< rotation table of 16 channels: 12 registers a lane
inline constexpr int kQueryBytes = 4 * 16;      ///< one query's 16 channels: four f32 for each of four lanes
inline constexpr int kStepBytes = 4 * 16;       ///< rotations by 16 and 32 tokens of 16 channels
inline constexpr int kTurns = 20;               ///< rotations of one pair: by 0 … 15, by 0, 16, 32 and 48 tokens
inline constexpr int kPairQueryBytes = 32;      ///< queries of one pair: [2][8 columns] fp16
/// Work space of the corrections, see attend_decode_sparse.cuh: keys have sums [columns][64 tokens], values
/// probabilities [columns][64] and sums [columns][8 lanes][2 tiles]; the rows are padded against bank conflicts.
inline constexpr int kTokenRow = kPageTokens + 4, kSparseColumns = 4;
constexpr int channelRun(int tiles) {
    return 2 * tiles + 4;
}
constexpr int channelRow(int tiles) {
    return 8 * channelRun(tiles) + 4;
}

/// Copies in flight per warp. Raw pages come in more and smaller pieces.
constexpr int decodeStages(int key_bits, int value_bits) {
    return key_bits == kRawBits || value_bits == kRawBits ? 4 : 2;
}
/// Channels of one head that are fetched together.
constexpr int unitChannels(int bits, int head_dim) {
    if (bits != kRawBits) return head_dim;
    return head_dim % 32 == 0 ? 32 : 16;
}

/// Bytes a channel in a unit of keys: angles, in whose place a single query is turned back to four groups, fp16.
constexpr int angleBytes(int columns) {
    return columns == 1 ? 8 : 4;
}

/// What a kernel is compiled for. Tiles: 16 channels each, at least as many as heads have; HeadDim 0: known at run
/// time.
template <int KeyBits, int ValueBits, int Tiles, int HeadDim, int Copies, int Columns, bool Capped = false>
struct DecodeKind {
    static constexpr int kKeyBits = KeyBits, kValueBits = ValueBits, kTiles = Tiles, kHeadDim = HeadDim;
    static constexpr int kCopies = Copies;    ///< of the pair tables
    static constexpr int kColumns = Columns;  ///< kQueryColumns, or 1: a single query stands in all of them
    static constexpr bool kCapped = Capped;   ///< scores are bent below DecodeArgs::score_cap
};
/// Columns that differ in a kernel of this many query heads.
constexpr int tableColumns(int columns) {
    return columns == 1 ? 1 : kQueryColumns;
}
constexpr int tilesFor(int head_dim) {
    return head_dim <= 128 ? 8 : 16;
}

/// Offsets in bytes from the start of shared memory; `warp` areas follow each other.
struct SharedLayout {
    int rotation = 0, query = 0, step = 0, turns = 0, pair_query = 0, channels = 0, reduce = 0, seen = 0, warps = 0;
    int unit = 0;  ///< bytes from one stage to the next; read codes make room for the corrections' work space
    int warp = 0;  ///< bytes of a warp's area

    /// columns: query heads of a block, of the largest.
    constexpr SharedLayout(const DecodeArgs& args, int columns, int copies) {
        const int key_bits = args.key.bits, value_bits = args.value.bits, head_dim = args.key.shape.head_dim;
        const bool sparse_keys = args.key.slots > 0, sparse_values = args.value.slots > 0;
        rotation = largest(tableRows(key_bits), value_bits == 2 ? 0 : tableRows(value_bits)) * tableRow(copies);
        query = rotation + head_dim / 16 * kRotationBytes;
        step = query + head_dim / 16 * kQueryBytes * tableColumns(columns);
        turns = step + head_dim / 16 * kStepBytes;
        pair_query = turns + (sparse_keys ? turnBytes(columns, head_dim) : 0);
        channels = pair_query + (!sparse_keys ? 0 : columns == 1 ? head_dim * 2 : head_dim / 2 * kPairQueryBytes);
        reduce = channels + head_dim * 2;
        seen = reduce + 128;  // tokens and begin; then values of 2 bits, see buildBytes()
        warps = seen + 16;
        const int key_sums = sparse_keys ? evenColumns(columns) * kTokenRow * 4 : 0;
        const int key_codes = unitChannels(key_bits, head_dim) * key_bits * 8;
        const int value_sums =
            sparse_values ? sparseColumns(columns) * (kTokenRow + channelRow(tilesFor(head_dim))) * 4 : 0;
        const int value_codes = kScaleBytes + unitChannels(value_bits, head_dim) * value_bits * 8;
        const int key_unit =
            kHeaderBytes + unitChannels(key_bits, head_dim) * angleBytes(columns) + largest(key_codes, key_sums);
        const int value_unit = kHeaderBytes + largest(value_codes, value_sums);
        const bool alike = args.key.raw() || args.value.raw();
        unit = alike ? largest(key_unit, value_unit) : key_unit;
        warp = alike ? decodeStages(key_bits, value_bits) * unit : key_unit + value_unit;
    }
    static constexpr int turnBytes(int columns, int head_dim) {
        return columns == 1 ? head_dim * kLaneTokens * 4 : head_dim / 2 * kTurns * 4;
    }
    static constexpr int evenColumns(int columns) { return columns == 1 ? 1 : (columns + 1) / 2 * 2; }
    static constexpr int sparseColumns(int columns) { return columns < kSparseColumns ? columns : kSparseColumns; }
    static constexpr int largest(int a, int b) { return a > b ? a : b; }
    /// All of it; at the end the warps' results are merged in the same memory.
    constexpr int bytes(int count, int head_dim, int columns) const {
        const int work = warps + count * warp, merge = count * columns * (head_dim + 2) * 4;
        return work > merge ? work : merge;
    }
};

/// Where the parts of a block begin, in bytes from its start: computed once, the kernel reads constants.
struct BlockParts {
    std::uint32_t high = 0, scales = 0, heads = 0, entries = 0;
    int most = 0;  ///< corrections that there is room for
};
inline BlockParts partsOf(const KvBlockLayout& layout) {
    return {std::uint32_t(layout.shape.channels()) * 16, std::uint32_t(layout.scalesAt()),
            std::uint32_t(layout.headsAt()), std::uint32_t(layout.entriesAt()), layout.slots * kPageTokens};
}

/// The launch as the kernel sees it.
struct DecodeCall {
    DecodeArgs args;
    int splits = 1;
    BlockParts key_parts = partsOf(args.key), value_parts = partsOf(args.value);

    __host__ __device__ int heads() const { return args.key.shape.kv_heads * args.group; }
};

}  // namespace lectern::kernels
