// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/command.h"

namespace lectern {

/// What prints for the command line, without a display; none where the program was built without Qt. To be called on
/// the main thread.
cli::PdfPrinter pdfPrinter();

}  // namespace lectern
