// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "engine/engine.h"

namespace lectern::cli {

/// Where a conversation is left: after its first `turns` answers, -1 = after the last.
struct ForkPlace {
    std::string branch;
    int turns = -1;
};

/// Reads "NAME" or "NAME:TURN". A conversation of `session` whose name is the whole text goes before the second
/// reading.
ForkPlace forkPlace(const Session& session, const std::string& text);

}  // namespace lectern::cli
