// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <set>

#include "engine/session_impl.h"

namespace lectern {

/// One run of ingest().
struct SessionImpl::Reading {
    const IngestEvents& events;
    std::stop_token stop;
    std::chrono::steady_clock::time_point started;
    std::uint64_t tokens = 0;         ///< to be read, when it began
    std::set<int> done_before, told;  ///< ids of documents: read before it began; reported as read
};

}  // namespace lectern
