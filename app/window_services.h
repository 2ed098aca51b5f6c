// SPDX-License-Identifier: GPL-3.0-or-later
// Where the window's concrete things are put together.
#pragma once

#include "ui/services.h"

namespace lectern {

/// The real engine, worker, built-in model and sample of this installation or build tree.
ui::Services windowServices();

}  // namespace lectern
