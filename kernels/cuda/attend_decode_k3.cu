// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/attend_decode_kernel.cuh"

namespace lectern::cuda {

DecodeKernel decodeKernel3(int value_bits, int head_dim) {
    return head_dim <= 128 ? decodeKernel<3, 8>(value_bits) : decodeKernel<3, 16>(value_bits);
}

}  // namespace lectern::cuda
