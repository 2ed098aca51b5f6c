// SPDX-License-Identifier: GPL-3.0-or-later
// Every sentence that a document can fail with, in one place. `name` is the file's name without its folder.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/document/page_wire.h"

namespace lectern::documentError {

Error missing(std::string_view name);
Error isFolder(std::string_view name);
Error notAFile(std::string_view name);  ///< a device, a pipe
Error empty(std::string_view name);
Error cannotOpen(std::string_view name, std::string_view reason);
Error changed(std::string_view name);
Error interrupted(std::string_view name);
Error tookTooLong(std::string_view name, double seconds);
Error tooMuchText(std::string_view name);
Error needsOcr(std::string_view name);  ///< pictures of pages and no text
Error noText(std::string_view name);
Error notRecognized(std::string_view name, std::string_view reason);  ///< pictures of pages that OCR got no text from
Error readerLost(std::string_view name, std::string_view obituary);
Error allPagesLost(std::string_view name, std::string_view reason);
Error fromFailure(std::string_view name, const wire::Failure& failure);

/// Drawing page `page` (0-based) failed; `reason` completes "because ...".
Error cannotDraw(std::string_view name, int page, std::string_view reason);
Error drawingTooLarge(std::string_view name, int page);

bool needsPassword(const Error& error);
/// What one of these sentences (but for those about being stopped and about drawing) says; Other of any text that is
/// none.
DocumentProblemParts problemIn(std::string_view sentence);

}  // namespace lectern::documentError
