// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/infer/gemm.h"

#include <cstddef>

#if LECTERN_ONEDNN
#include <dnnl.h>
#include <omp.h>
#endif

namespace lectern {

void gemm(const Gemm& p) {
    if (p.m == 0 || p.n == 0) return;
#if LECTERN_ONEDNN
    omp_set_num_threads(1);  // the caller's pool is the only one that makes threads
    dnnl_sgemm(p.transpose == Transpose::A ? 'T' : 'N', p.transpose == Transpose::B ? 'T' : 'N', p.m, p.n, p.k, 1.0F,
               p.a, p.lda, p.b, p.ldb, p.beta, p.c, p.ldc);
#else
    const auto at = [](const float* x, int ld, int row, int column) {
        return x[std::size_t(row) * std::size_t(ld) + std::size_t(column)];
    };
    for (int i = 0; i < p.m; ++i) {
        for (int j = 0; j < p.n; ++j) {
            float sum = 0;
            for (int l = 0; l < p.k; ++l) {
                sum += (p.transpose == Transpose::A ? at(p.a, p.lda, l, i) : at(p.a, p.lda, i, l)) *
                       (p.transpose == Transpose::B ? at(p.b, p.ldb, j, l) : at(p.b, p.ldb, l, j));
            }
            float& out = p.c[std::size_t(i) * std::size_t(p.ldc) + std::size_t(j)];
            out = p.beta == 0 ? sum : sum + p.beta * out;
        }
    }
#endif
}

}  // namespace lectern
