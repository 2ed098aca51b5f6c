// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/infer/matmul.h"

#include <algorithm>
#include <cstdint>

#include "engine/infer/gemm.h"

namespace lectern {

namespace {

constexpr int kFewRows = 3;         ///< up to here streaming the weights per row beats packing them for a product
constexpr int kTileRows = 256;      ///< output features of one task in prefill
constexpr int kBackwardRows = 256;  ///< tokens of one task on the way back, whatever the number of threads
constexpr int kStreamRows = 64;     ///< output features of one task in decode, at least

bool directFloats(const kernels::WeightView& w) {
    return w.type == kernels::WeightType::F32 && reinterpret_cast<std::uintptr_t>(w.data) % alignof(float) == 0;
}

}  // namespace

void Matmul::run(const kernels::WeightView& w, std::span<const float> bias, const float* x, int rows, float* y) {
#if LECTERN_ONEDNN
    rows <= kFewRows ? fewRows(w, x, rows, y) : manyRows(w, x, rows, y);
#else
    fewRows(w, x, rows, y);
#endif
    if (bias.empty()) return;
    for (int row = 0; row < rows; ++row) m_kernels.add(y + std::size_t(row) * std::size_t(w.rows), bias.data(), w.rows);
}

void Matmul::fewRows(const kernels::WeightView& w, const float* x, int rows, float* y) {
    const int share = std::max(kStreamRows, (w.rows + 4 * m_pool.threads() - 1) / (4 * m_pool.threads()));
    m_pool.run((w.rows + share - 1) / share, [&](int index, int) {
        const int begin = index * share, end = std::min(w.rows, begin + share);
        for (int row = 0; row < rows; ++row) {
            m_kernels.matvec(w, begin, end, x + std::size_t(row) * std::size_t(w.cols),
                             y + std::size_t(row) * std::size_t(w.rows));
        }
    });
}

/// Weight rows [begin, begin + count) as f32: where they lie, or dequantized into `buffer` (room for kTileRows).
const float* Matmul::tileRows(const kernels::WeightView& w, int begin, int count, AlignedBuffer& buffer) const {
    const auto cols = std::size_t(w.cols);
    if (directFloats(w)) return reinterpret_cast<const float*>(w.data) + std::size_t(begin) * cols;
    const std::size_t bytes = kTileRows * cols * sizeof(float);
    if (buffer.size() < bytes) buffer = AlignedBuffer(bytes);
    m_kernels.weightRows(w, begin, begin + count, buffer.floats());
    return buffer.floats();
}

void Matmul::manyRows(const kernels::WeightView& w, const float* x, int rows, float* y) {
    const int tile = std::clamp((w.rows / (2 * m_pool.threads()) + 15) / 16 * 16, 16, kTileRows);
    m_tiles.resize(std::size_t(m_pool.threads()));
    m_pool.run((w.rows + tile - 1) / tile, [&](int index, int worker) {
        const int begin = index * tile, count = std::min(tile, w.rows - begin);
        const float* weights = tileRows(w, begin, count, m_tiles[std::size_t(worker)]);
        gemm({Transpose::B, rows, count, w.cols, x, w.cols, weights, w.cols, 0, y + begin, w.rows});
    });
}

void Matmul::addBackward(const kernels::WeightView& w, const float* dy, int rows, float* dx) {
    m_tiles.resize(std::size_t(m_pool.threads()));
    m_pool.run((rows + kBackwardRows - 1) / kBackwardRows, [&](int index, int worker) {
        const int first = index * kBackwardRows, count = std::min(kBackwardRows, rows - first);
        for (int begin = 0; begin < w.rows; begin += kTileRows) {
            const int features = std::min(kTileRows, w.rows - begin);
            const float* weights = tileRows(w, begin, features, m_tiles[std::size_t(worker)]);
            gemm({Transpose::None, count, w.cols, features, dy + std::size_t(first) * std::size_t(w.rows) + begin,
                  w.rows, weights, w.cols, 1, dx + std::size_t(first) * std::size_t(w.cols), w.cols});
        }
    });
}

std::uint64_t Matmul::scratchBytes() const {
    std::uint64_t bytes = 0;
    for (const auto& tile : m_tiles) bytes += tile.allocated();
    return bytes;
}

}  // namespace lectern
