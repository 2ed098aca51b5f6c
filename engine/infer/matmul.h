// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>

#include "engine/base/aligned_buffer.h"
#include "engine/base/thread_pool.h"
#include "kernels/dispatch.h"

namespace lectern {

/// Products with model weights. Few rows (decode) stream the weights once through our kernels; many rows (prefill) go
/// to oneDNN in tiles of output features, dequantized tile by tile. Not thread safe; one caller at a time.
class Matmul {
public:
    Matmul(ThreadPool& pool, const kernels::KernelTable& kernels) : m_pool(pool), m_kernels(kernels) {}

    /// y = x · wᵀ (+ bias).  x [rows][w.cols], y [rows][w.rows] f32; bias [w.rows] or empty.
    void run(const kernels::WeightView& w, std::span<const float> bias, const float* x, int rows, float* y);

    /// The product the other way, as backward passes need it: dx += dy · w.  dy [rows][w.rows], dx [rows][w.cols] f32.
    void addBackward(const kernels::WeightView& w, const float* dy, int rows, float* dx);

    std::uint64_t scratchBytes() const;

private:
    const float* tileRows(const kernels::WeightView& w, int begin, int count, AlignedBuffer& buffer) const;
    void fewRows(const kernels::WeightView& w, const float* x, int rows, float* y);
    void manyRows(const kernels::WeightView& w, const float* x, int rows, float* y);

    ThreadPool& m_pool;
    const kernels::KernelTable& m_kernels;
    std::vector<AlignedBuffer> m_tiles;  ///< [worker]: dequantized weights
};

}  // namespace lectern
