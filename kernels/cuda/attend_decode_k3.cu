// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/attend_decode_kernel.cuh"

namespace lectern::kernels {

DecodeKernel decodeKernel3(int value_bits, int head_dim, int copies) {
    return decodeKernel<3>(value_bits, head_dim, copies);
}

}  // namespace lectern::kernels
