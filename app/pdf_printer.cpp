// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pdf_printer.h"

#include <QGuiApplication>
#include <cstdlib>

#include "ui/print/pdf.h"

namespace lectern {
namespace {

/// What a library has to remark belongs on nobody's terminal; that printing failed is said by us.
void stayQuiet(QtMsgType, const QMessageLogContext&, const QString&) {}

}  // namespace

cli::PdfPrinter pdfPrinter() {
    return [](const std::string& html, const std::filesystem::path& file) {
        setenv("QT_QPA_PLATFORM", "offscreen", 1);
        setenv("LC_ALL", "C.UTF-8", 1);  // Qt takes the locale over, and complains where it has no UTF-8
        qInstallMessageHandler(stayQuiet);
        char name[] = "lectern-cli";
        char* arguments[] = {name, nullptr};
        int count = 1;
        const QGuiApplication application(count, arguments);
        return ui::writePdf(html, file);
    };
}

}  // namespace lectern
