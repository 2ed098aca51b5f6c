// SPDX-License-Identifier: GPL-3.0-or-later
// The exit statuses that scripts may rely on.
#pragma once

#include "engine/base/result.h"

namespace lectern::cli {

enum ExitStatus : int {
    kDone = 0,
    kFailed = 1,         ///< failed while working; another model's session; a session open elsewhere
    kUsage = 2,          ///< wrong usage
    kBadInput = 3,       ///< an input file is unreadable or not what it claims to be
    kNoRoom = 4,         ///< would not fit the memory, disk or context limit; said before the work starts
    kDamaged = 5,        ///< the session is damaged
    kInterrupted = 130,  ///< stopped by a signal; what was done is kept
};

constexpr int exitStatus(ErrorCode code) {
    switch (code) {
        case ErrorCode::Usage:
            return kUsage;
        case ErrorCode::BadInput:
            return kBadInput;
        case ErrorCode::NoRoom:
            return kNoRoom;
        case ErrorCode::Damaged:
            return kDamaged;
        case ErrorCode::Interrupted:
            return kInterrupted;
        case ErrorCode::Failed:
        case ErrorCode::WrongModel:
        case ErrorCode::Busy:
            return kFailed;
    }
    return kFailed;
}

}  // namespace lectern::cli
