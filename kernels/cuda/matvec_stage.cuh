// SPDX-License-Identifier: GPL-3.0-or-later
// Tiles of quantized weights on their way from device to shared memory: sixteen rows and some blocks of each, copied
// in the background as they lie, so that many bytes are under way without a register waiting for them.
#pragma once

#include "kernels/cuda/weight_eight_super.cuh"

namespace lectern::kernels {

inline constexpr int kTileRows = 16;  ///< those of a fragment's A

/// What one warp copies and multiplies at once.
template <WeightType Type>
struct Stage {
    static constexpr int kElements = weightBlock(Type).elements;
    static constexpr int kColumns = Type == WeightType::Q8_0 ? 128 : 256;
    static constexpr int kBlocks = kColumns / kElements;
    static constexpr int kBlockBytes = int(elementBytes(Type, kElements));
    static constexpr int kRowBytes = kBlocks * kBlockBytes;
    /// Words from row to row: eight rows of four words are in 32 different banks.
    static constexpr int kStride = (kRowBytes / 4 + 3) / 8 * 8 + 4;
    static constexpr int kCopy = kBlockBytes % 16 == 0 ? 16 : kBlockBytes % 8 == 0 ? 8 : 4;
    /// Words with the scales that lie apart, which may begin in the middle of one.
    static constexpr int kScaleWords = scaleApart(Type) == ScaleApart::None ? 0 : kBlocks / 2 + 1;
    static constexpr int kWords = kTileRows * (kStride + kScaleWords);
    static_assert(kStride * 4 >= kRowBytes && kStride % 8 == 4 && kWords % 4 == 0);
};

/// A block in shared memory, as BlockOf is one in device memory.
struct StagedBlock {
    const unsigned* words;
    const std::uint16_t* scale;

    __device__ unsigned word(int i) const { return words[i]; }
    __device__ uint2 pair(int i) const { return *reinterpret_cast<const uint2*>(words + i); }
    __device__ uint4 firstFour() const { return *reinterpret_cast<const uint4*>(words); }
    __device__ std::uint16_t scaleApart() const { return *scale; }
};

/// Block `block` of row `row` of a stage that begins at block `first` of the matrix' row `tile_row`.
template <WeightType Type>
__device__ __forceinline__ StagedBlock stagedBlock(const unsigned* stage, int row, int block, bool odd) {
    using S = Stage<Type>;
    const auto* scales =
        reinterpret_cast<const std::uint16_t*>(stage + kTileRows * S::kStride + row * S::kScaleWords) + int(odd);
    return {stage + row * S::kStride + block * (S::kBlockBytes / 4), scales + block};
}

/// The scales of startStage(): the words that they are in.
template <WeightType Type>
__device__ __forceinline__ void startScales(const DeviceWeights& w, int row, int first, unsigned* to) {
    using S = Stage<Type>;
    const int blocks = w.cols / S::kElements, count = min(S::kBlocks, blocks - first);
    LECTERN_UNROLL
    for (int i = int(threadIdx.x % kWarpLanes); i < kTileRows * S::kScaleWords; i += kWarpLanes) {
        const int r = i / S::kScaleWords, at = i % S::kScaleWords;
        const std::size_t block = std::size_t(min(row + r, w.rows - 1)) * unsigned(blocks) + unsigned(first);
        const std::size_t word = block / 2 + unsigned(at);
        if (word * 2 < block + unsigned(count))
            copyAsync<4>(to + i, reinterpret_cast<const unsigned*>(w.scales) + word);
    }
}

/// Starts to copy what there is of a stage, by one warp: rows from `row` on (the last one again and again behind the
/// end), blocks from `first` on.
template <WeightType Type>
__device__ __forceinline__ void startStage(const DeviceWeights& w, int row, int first, unsigned* stage) {
    using S = Stage<Type>;
    const int lane = int(threadIdx.x % kWarpLanes);
    const int blocks = w.cols / S::kElements, count = min(S::kBlocks, blocks - first);
    constexpr int kPieces = S::kRowBytes / S::kCopy;
    const int pieces = count * S::kBlockBytes / S::kCopy;
    LECTERN_UNROLL
    for (int i = lane; i < kTileRows * kPieces; i += kWarpLanes) {
        const int r = i / kPieces, at = i % kPieces;
        const std::size_t block = std::size_t(min(row + r, w.rows - 1)) * unsigned(blocks) + unsigned(first);
        if (at < pieces)
            copyAsync<S::kCopy>(reinterpret_cast<std::byte*>(stage + r * S::kStride) + at * S::kCopy,
                                w.elements + block * unsigned(S::kBlockBytes) + at * S::kCopy);
    }
    if constexpr (S::kScaleWords > 0) startScales<Type>(w, row, first, stage + kTileRows * S::kStride);
}

}  // namespace lectern::kernels
