// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

#include "app/cli/command.h"

namespace lectern::cli {

/// Beside the target first, then renamed over it: a full disk leaves what was there. Errors: Failed, with the reason.
Status writeFile(const std::filesystem::path& file, const std::string& text);

/// Whether this program can print. Errors: Usage, naming `file`.
Status checkPdf(const CommandContext& context, const std::filesystem::path& file);

}  // namespace lectern::cli
