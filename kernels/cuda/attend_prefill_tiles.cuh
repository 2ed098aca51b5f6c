// SPDX-License-Identifier: GPL-3.0-or-later
// Expanded pages: what attend_prefill reads. One tile is [head_dim][64] fp16, channel-major; tokens stand in the order
// in which codes lie, 4·lane + group for token 16·group + lane, and the 16-byte chunks of a row are swapped by its low
// three bits, so that matrix loads from a plain copy in shared memory meet no bank twice.
#pragma once

#include "kernels/cuda/attend_prefill.h"
#include "kernels/cuda/execution.cuh"

namespace lectern::kernels {

inline constexpr int kTileThreads = 256;
inline constexpr int kTileRowBytes = kPageTokens * 2;

/// Bytes of one tile, and of the two tiles (keys, values) of one page and head.
__host__ __device__ constexpr std::size_t tileBytes(int head_dim) {
    return std::size_t(head_dim) * kTileRowBytes;
}

/// Where chunk `chunk` (8 tokens) of a channel lies in its tile, in bytes.
__device__ __forceinline__ int tileChunk(int channel, int chunk) {
    return channel * kTileRowBytes + (chunk ^ (channel & 7)) * 16;
}

/// The token that stands at `place` of a tile.
__device__ __forceinline__ int tileToken(int place) {
    return place % kMassGroups * kLaneTokens + place / kMassGroups;
}

/// Expands pages [begin, end) into `tiles`: [end - begin][kv_heads][2] tiles, keys (rotated to their positions) first.
LaunchStatus expandPages(const PrefillArgs& args, int begin, int end, std::byte* tiles, Stream stream);

}  // namespace lectern::kernels
