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

/// Where a warp's stages of a tile come from: rows from `row` on, blocks from `first` on. Lanes share a row's bytes, so
/// that a lane's place in memory moves on by the same step from row to row and from stage to stage.
template <WeightType Type>
class StageSource {
public:
    __device__ StageSource(const DeviceWeights& w, int row, int first) {
        const int lane = int(threadIdx.x % kWarpLanes);
        const int blocks = w.cols / S::kElements;
        m_rows = w.rows - row, m_blocks = blocks - first;
        const std::size_t block = std::size_t(row) * unsigned(blocks) + unsigned(first);
        m_pitch = unsigned(blocks * S::kBlockBytes);
        m_from = w.elements + block * unsigned(S::kBlockBytes) +
                 (std::size_t(lane / kLanes) * m_pitch + unsigned(lane % kLanes * S::kCopy));
        if constexpr (S::kScaleWords > 0) m_scales = w.scales + block + std::size_t(lane / 2) * unsigned(blocks);
    }
    /// Starts to copy what there is of a stage, by one warp.
    __device__ void start(unsigned* stage) const {
        if (m_rows >= kTileRows && m_blocks >= S::kBlocks)
            copy<true>(stage);
        else
            copy<false>(stage);
    }
    /// The stage `stages` further in the same rows.
    __device__ void advance(int stages) {
        m_from += stages * S::kRowBytes, m_blocks -= stages * S::kBlocks;
        if constexpr (S::kScaleWords > 0) m_scales += stages * S::kBlocks;
    }

private:
    using S = Stage<Type>;
    static constexpr int kPieces = S::kRowBytes / S::kCopy;  ///< of a row
    static constexpr int kLanes = kPieces > 16 ? 32 : kPieces > 8 ? 16 : 8;
    static constexpr int kRowsAtOnce = kWarpLanes / kLanes;

    /// Whole: nothing of the stage is missing.
    template <bool Whole>
    __device__ void copy(unsigned* stage) const {
        const int lane = int(threadIdx.x % kWarpLanes), bytes = m_blocks * S::kBlockBytes;
        const int row = lane / kLanes, at = lane % kLanes * S::kCopy;
        auto* to = reinterpret_cast<std::byte*>(stage + row * S::kStride) + at;
        LECTERN_UNROLL
        for (int r = 0; r < kTileRows; r += kRowsAtOnce) LECTERN_UNROLL
        for (int piece = 0; piece < S::kRowBytes; piece += kLanes * S::kCopy)
            if ((Whole || (row + r < m_rows && at + piece < bytes)) && at + piece < S::kRowBytes)
                copyAsync<S::kCopy>(to + r * S::kStride * 4 + piece, m_from + std::size_t(r) * m_pitch + piece);
        if constexpr (S::kScaleWords > 0) copyScales<Whole>(stage + kTileRows * S::kStride);
    }
    /// The words that scales are in: two lanes a row.
    template <bool Whole>
    __device__ void copyScales(unsigned* stage) const {
        const int lane = int(threadIdx.x % kWarpLanes), row = lane / 2, half = lane % 2;
        const auto from = reinterpret_cast<std::uintptr_t>(m_scales);
        const int odd = int(from / 2 % 2), end = odd + (Whole ? S::kBlocks : min(S::kBlocks, m_blocks));
        const auto* words = reinterpret_cast<const unsigned*>(from - unsigned(odd * 2)) + half;
        unsigned* to = stage + row * S::kScaleWords + half;
        LECTERN_UNROLL
        for (int i = 0; i < S::kScaleWords; i += 2)
            if ((Whole || row < m_rows) && (i + half) * 2 < end) copyAsync<4>(to + i, words + i);
    }

    const std::byte* m_from;                  ///< of the lane's piece of its first row
    const std::uint16_t* m_scales = nullptr;  ///< of the lane's row
    unsigned m_pitch;                         ///< bytes from row to row
    int m_rows, m_blocks;                     ///< what there is of the tile, from here on
};

}  // namespace lectern::kernels
