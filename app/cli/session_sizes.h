// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <iosfwd>
#include <string>

#include "engine/session/session_life.h"

namespace lectern::cli {

/// What became of a session's size: a sentence, or with `json` one object on a line.
void writeSizes(std::ostream& out, const std::string& session, const FileSizes& sizes, bool json);

}  // namespace lectern::cli
