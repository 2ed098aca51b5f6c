// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <stop_token>

#include "engine/base/thread_pool.h"
#include "engine/engine_types.h"
#include "kernels/dispatch.h"

namespace lectern {

/// Makes a session without a model (MadeUpSession) and a plain file of the same bytes in `request.folder`, measures how
/// they are written and read, one against the other, and removes both. "Cold" is as cold as an ordinary user can have
/// it: the system is asked to forget what it has cached of the file. Errors: NoRoom, Usage, Failed, Interrupted.
Result<SessionSpeedReport> measureSession(const SessionSpeedRequest& request, const kernels::KernelTable& kernels,
                                          ThreadPool& pool, const std::function<void(double)>& progress,
                                          std::stop_token stop);

}  // namespace lectern
