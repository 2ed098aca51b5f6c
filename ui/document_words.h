// SPDX-License-Identifier: GPL-3.0-or-later
// What is said about documents that could not be read. Pure functions.
#pragma once

#include <QString>

#include "ui/values.h"

namespace lectern::ui {

/// Why a document could not be read and what to do, as a sentence or two. Empty where it could.
QString problemText(const DocumentEntry& entry);

/// The same of a file: `sentence` is the engine's, `parts` what it says.
QString problemText(const DocumentProblemParts& parts, const QString& file, const QString& sentence);

/// Why a page has no text to read; empty where it has.
QString problemText(PageState state);

}  // namespace lectern::ui
