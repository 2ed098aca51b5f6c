// SPDX-License-Identifier: GPL-3.0-or-later
// Text of models and documents quoted for files, so that it cannot become markup there.
#pragma once

#include <string>
#include <string_view>

#include "engine/engine.h"

namespace lectern::cli {

inline constexpr std::size_t kPassageColumns = 600;  ///< of a cited passage

std::string escapedHtml(std::string_view text);
/// One line in which nothing is Markdown, cut to `columns`.
std::string plainMarkdown(std::string_view text, std::size_t columns);
std::string pageOf(const Citation& citation);  ///< as printed, else its number
/// The beginning of an HTML file up to its body's heading.
std::string htmlOpening(std::string_view title);

}  // namespace lectern::cli
