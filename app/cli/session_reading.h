// SPDX-License-Identifier: GPL-3.0-or-later
// What comes before a question to an open session.
#pragma once

#include "app/cli/command.h"

namespace lectern::cli {

/// A session whose cache was dropped reads its documents again before it answers.
Status readStripped(CommandContext& context, Session& session);
/// Nothing is left out silently: says what the answer cannot know about.
void warnAboutUnread(CommandContext& context, const Session& session);

}  // namespace lectern::cli
