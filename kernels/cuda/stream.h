// SPDX-License-Identifier: GPL-3.0-or-later
// What a caller of the kernels knows of CUDA: these headers need no compiler of its own.
#pragma once

#include <cstdint>

struct CUstream_st;  // CUDA's own name

namespace lectern::kernels {

using Stream = CUstream_st*;
/// 0 = done, otherwise CUDA's own error number negated (cuda_module.h has errorText).
using LaunchStatus = std::int32_t;

}  // namespace lectern::kernels
