// SPDX-License-Identifier: GPL-3.0-or-later
// What is said about documents that could not be read. Pure functions.
#pragma once

#include <QString>

#include "ui/values.h"

namespace lectern::ui {

/// Why a document could not be read and what to do, as a sentence or two. Empty where it could.
QString problemText(const DocumentEntry& entry);

}  // namespace lectern::ui
