// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/attend_decode_choice.cuh"

namespace lectern::kernels {

DecodeKernel decodeKernel2(const DecodeArgs& args, int copies) {
    return decodeKernel<2>(args, copies);
}

}  // namespace lectern::kernels
