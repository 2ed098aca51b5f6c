// SPDX-License-Identifier: GPL-3.0-or-later
// Conversations of a session as text to keep.
#pragma once

#include <string>
#include <vector>

#include "engine/engine.h"

namespace lectern::cli {

/// UTF-8. Model and document texts are quoted so that they cannot become markup of the result.
std::string conversationsMarkdown(const Session& session, const std::vector<BranchInfo>& branches);
std::string conversationsHtml(const Session& session, const std::vector<BranchInfo>& branches);
std::string conversationsJson(const Session& session, const std::vector<BranchInfo>& branches);

}  // namespace lectern::cli
