// SPDX-License-Identifier: GPL-3.0-or-later
// The table that Tesseract answers with, believed in nothing. Pure functions.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "engine/document/word_composer.h"

namespace lectern {

/// The picture that was read.
struct PictureSize {
    int width = 0, height = 0;  ///< pixels
    double dpi = 0;
};

/// Words as composePage() takes them, in reading order, boxes in points: as wide as the word and as high as its line.
/// `table`: tab-separated rows "level page block paragraph line word left top width height confidence text" under a
/// row of these names; rows with a negative confidence are structure. Nothing where it is not such a table; boxes are
/// cut to the picture, and words outside of it or without a character left out.
std::optional<std::vector<RawWord>> tesseractWords(std::string_view table, const PictureSize& picture);

}  // namespace lectern
