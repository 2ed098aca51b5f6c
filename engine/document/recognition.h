// SPDX-License-Identifier: GPL-3.0-or-later
// Text for the pages of a document that are pictures.
#pragma once

#include <filesystem>
#include <stop_token>

#include "engine/base/result.h"
#include "engine/document/document.h"

namespace lectern {

/// Has the worker program draw each page in state ImageOnly and Tesseract read it, where `request.ocr` asks for that.
/// A page with text is in state Read then, and PageText::problem says that it came by OCR; one without stays a picture,
/// and its problem says why. `progress` counts those pages. Any thread.
/// Errors: those of Tesseract::find(), only where there is such a page; NoRoom (too much text), Interrupted.
Status recognizePictures(const std::filesystem::path& worker, const ReadRequest& request, const PageProgress& progress,
                         const std::stop_token& stop, Document& document);

}  // namespace lectern
