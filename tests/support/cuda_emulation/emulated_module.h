// SPDX-License-Identifier: GPL-3.0-or-later
// A second table of device operations: memory is the host's, kernels are the emulated ones, everything is done when a
// call returns, or, between beginCapture() and endCapture(), when the graph is launched. What runs on it is the
// engine's own host code. All streams are one here.
#pragma once

#include "kernels/cuda/cuda_module.h"

namespace lectern::test {

/// One device, "cuda:0". Fresh memory is filled with NaN (its first megabytes).
const LecternCudaModule& emulatedModule();

/// How often graphs were launched so far.
int emulatedGraphLaunches();
/// How many copies between host and device were done so far.
int emulatedCopies();

/// Bytes of memory that the device has; allocations past it fail as CUDA's do.
void setEmulatedMemory(std::uint64_t bytes);

}  // namespace lectern::test
