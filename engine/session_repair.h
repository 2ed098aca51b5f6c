// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/session_impl.h"

namespace lectern {

/// What repairing came to, in blocks of the documents.
struct RepairOutcome {
    std::uint64_t computed = 0;     ///< that were damaged
    std::uint64_t identical = 0;    ///< of those, computed again to the bytes that were written once
    std::uint64_t reread_from = 0;  ///< where fewer: everything from this token on was read again
};

/// Computes blocks again that verifying found damaged. Blocks of conversations are dropped: they are computed when the
/// conversation goes on. Errors: those of SessionImpl::open() and of reading; Interrupted, with nothing changed.
Result<RepairOutcome> repairBlocks(SessionContext context, const std::filesystem::path& file, std::string_view model,
                                   const std::vector<BlockRecord>& damaged, std::stop_token stop);

}  // namespace lectern
