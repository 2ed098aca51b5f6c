// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/print/pdf.h"

#include <QCoreApplication>
#include <QFont>
#include <QPdfWriter>
#include <QSaveFile>
#include <QTextDocument>

namespace lectern::ui {

Status writePdf(const std::string& html, const std::filesystem::path& file) {
    const QString name = QString::fromStdU16String(file.u16string());
    QSaveFile out(name);
    if (out.open(QIODevice::WriteOnly)) {
        QPdfWriter writer(&out);
        writer.setPageSize(QPageSize(QPageSize::A4));
        writer.setCreator("Lectern");
        QTextDocument document;
        document.setDefaultFont(QFont("sans-serif", 10));
        document.setHtml(QString::fromStdString(html));
        writer.setTitle(document.metaInformation(QTextDocument::DocumentTitle));
        document.print(&writer);  // with its own margins and page numbers
    }
    if (out.isOpen() && out.commit()) return {};
    const QString why = QCoreApplication::translate("export", "%1 cannot be written (%2); choose another folder.");
    return Error{ErrorCode::Failed, why.arg(name, out.errorString()).toStdString()};
}

}  // namespace lectern::ui
