// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

#include "engine/base/result.h"

namespace lectern::ui {

/// Prints `html` (UTF-8, what QTextDocument knows of it) on A4 pages with the fonts that its characters need inside;
/// the whole file or nothing. Needs a QGuiApplication; any thread. Errors: Failed, naming the file.
Status writePdf(const std::string& html, const std::filesystem::path& file);

}  // namespace lectern::ui
