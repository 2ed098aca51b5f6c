// SPDX-License-Identifier: GPL-3.0-or-later
// Products of quantized matrices on the tensor cores: the part of matvecs() for types with blocks.
#pragma once

#include "kernels/cuda/matvec.h"

namespace lectern::kernels {

/// matvecs() of types with blocks.
LaunchStatus matvecTiles(const MatvecArgs& args, Stream stream);

}  // namespace lectern::kernels
