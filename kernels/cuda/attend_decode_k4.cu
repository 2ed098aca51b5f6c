// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/attend_decode_choice.cuh"

namespace lectern::kernels {

DecodeKernel decodeKernel4(const DecodeArgs& args, int copies) {
    return decodeKernel<4>(args, copies);
}

}  // namespace lectern::kernels
