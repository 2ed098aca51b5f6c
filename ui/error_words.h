// SPDX-License-Identifier: GPL-3.0-or-later
// What is said where the engine could not do what it was asked for. Pure functions.
#pragma once

#include <QString>

#include "engine/base/result.h"

namespace lectern::ui {

/// What happened and what to do about it here, in the window's language. Where the engine does not name what stood in
/// the way, its own sentence, which is English; in a window of another language, what kind of problem it is comes
/// first.
QString errorText(const Error& error);

/// The engine's own sentence where errorText() says it in other words; else empty.
QString errorDetails(const Error& error);

}  // namespace lectern::ui
