// SPDX-License-Identifier: GPL-3.0-or-later
// In the place of pdf_printer.cpp in a build without Qt.
#include "app/pdf_printer.h"

namespace lectern {

cli::PdfPrinter pdfPrinter() {
    return {};
}

}  // namespace lectern
