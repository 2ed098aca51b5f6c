// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/conversation_export.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QSaveFile>

#include "ui/format.h"
#include "ui/print/pdf.h"

namespace lectern::ui {
namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("export", text);
}

}  // namespace

ConversationFormat formatOf(const QString& file) {
    const QString ending = QFileInfo(file).suffix().toLower();
    if (ending == "html" || ending == "htm") return ConversationFormat::Html;
    if (ending == "pdf") return ConversationFormat::Pdf;
    return ending == "json" ? ConversationFormat::Json : ConversationFormat::Markdown;
}

Status writeConversation(const std::string& text, const QString& file, ConversationFormat format) {
    if (format == ConversationFormat::Pdf) return writePdf(text, toPath(file));
    QSaveFile out(file);
    bool written = out.open(QIODevice::WriteOnly);
    if (written) written = out.write(text.data(), qint64(text.size())) == qint64(text.size());
    if (written && out.commit()) return {};
    return Error{ErrorCode::Failed,
                 tr("%1 cannot be written (%2); choose another folder.").arg(file, out.errorString()).toStdString()};
}

}  // namespace lectern::ui
