// SPDX-License-Identifier: GPL-3.0-or-later
// What the worker takes from itself before it touches a file that may be hostile.
#pragma once

#include <cstdint>

namespace lectern::worker {

/// At program start: dies with the thread that started it, closes every descriptor above stderr, writes no core dumps
/// and no files, gains no privileges, starts no processes. False when `parent` (0 = any) is gone already.
bool enterSandbox(int parent);

/// Address space beyond what is mapped now. Not under AddressSanitizer or ThreadSanitizer, whose shadow memory counts.
void limitMemory(std::uint64_t bytes_beyond_now);

/// Processor time from now on; past it the process ends by SIGXCPU. Can be called again for the next command.
void limitProcessorTime(double seconds_from_now);

}  // namespace lectern::worker
