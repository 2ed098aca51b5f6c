// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace lectern {

/// Which operand of a product is read transposed.
enum class Transpose : unsigned char { None, A, B };

/// One f32 matrix product: C = A·B + beta·C, row-major; `lda`, `ldb`, `ldc` are the distances between stored rows.
///   A [m][k] (stored [k][m] with Transpose::A), B [k][n] (stored [n][k] with Transpose::B), C [m][n]
/// Runs on the calling thread alone: the caller's pool cuts the work. oneDNN, or plain loops in builds without it.
struct Gemm {
    Transpose transpose = Transpose::None;
    int m = 0, n = 0, k = 0;
    const float* a = nullptr;
    int lda = 0;
    const float* b = nullptr;
    int ldb = 0;
    float beta = 0;  ///< 0: C is only written
    float* c = nullptr;
    int ldc = 0;
};

void gemm(const Gemm& product);

}  // namespace lectern
