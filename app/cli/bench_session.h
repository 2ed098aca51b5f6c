// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/command.h"

namespace lectern::cli {

/// `bench session`: how fast a session with a cache of Llama-3-8B's shape is written, opened, checked, made compact and
/// stripped, against a plain file of the same bytes on the same disk in the same run.
Action declareSessionBench(CLI::App& app);

}  // namespace lectern::cli
