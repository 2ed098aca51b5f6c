// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/attend_decode_kernel.cuh"

namespace lectern::kernels {

DecodeKernel decodeKernel2(int value_bits, int head_dim) {
    return decodeKernel<2>(value_bits, head_dim);
}

}  // namespace lectern::kernels
