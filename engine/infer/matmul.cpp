// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/infer/matmul.h"

#include <algorithm>
#include <cstdint>

#if LECTERN_ONEDNN
#include <dnnl.h>
#include <omp.h>
#endif

namespace lectern {

namespace {

constexpr int kFewRows = 3;      ///< up to here streaming the weights per row beats packing them for a product
constexpr int kTileRows = 256;   ///< output features of one task in prefill
constexpr int kStreamRows = 64;  ///< output features of one task in decode, at least

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

void Matmul::manyRows([[maybe_unused]] const kernels::WeightView& w, [[maybe_unused]] const float* x,
                      [[maybe_unused]] int rows, [[maybe_unused]] float* y) {
#if LECTERN_ONEDNN
    const auto cols = std::size_t(w.cols);
    const int tile = std::clamp((w.rows / (2 * m_pool.threads()) + 15) / 16 * 16, 16, kTileRows);
    m_tiles.resize(std::size_t(m_pool.threads()));
    m_pool.run((w.rows + tile - 1) / tile, [&](int index, int worker) {
        omp_set_num_threads(1);  // our pool is the only one that makes threads
        const int begin = index * tile, count = std::min(tile, w.rows - begin);
        const float* weights = nullptr;
        if (directFloats(w)) {
            weights = reinterpret_cast<const float*>(w.data) + std::size_t(begin) * cols;
        } else {
            auto& buffer = m_tiles[std::size_t(worker)];
            if (buffer.size() < std::size_t(tile) * cols * sizeof(float))
                buffer = floatBuffer(std::size_t(tile) * cols);
            m_kernels.weightRows(w, begin, begin + count, buffer.floats());
            weights = buffer.floats();
        }
        dnnl_sgemm('N', 'T', rows, count, w.cols, 1.0F, x, w.cols, weights, w.cols, 0.0F, y + begin, w.rows);
    });
#endif
}

std::uint64_t Matmul::scratchBytes() const {
    std::uint64_t bytes = 0;
    for (const auto& tile : m_tiles) bytes += tile.allocated();
    return bytes;
}

}  // namespace lectern
