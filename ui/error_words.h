// SPDX-License-Identifier: GPL-3.0-or-later
// What is said where the engine could not do what it was asked for. Pure functions.
#pragma once

#include <QString>

#include "engine/base/result.h"

namespace lectern::ui {

/// The engine's sentence, which is English; in a window of another language, what kind of problem it is comes first.
QString errorText(const Error& error);

}  // namespace lectern::ui
