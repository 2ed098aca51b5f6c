// SPDX-License-Identifier: GPL-3.0-or-later
// The worker program's inside: one process, one document, one thread. Only app/worker links this.
#pragma once

namespace lectern::worker {

/// Serves commands from `input` until it ends, writing frames to `output` (PROTOCOL.md). Returns the exit status: 0
/// when the input ended, 1 when a command was not understood or the other side is gone.
int serve(int input, int output);

}  // namespace lectern::worker
