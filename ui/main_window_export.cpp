// SPDX-License-Identifier: GPL-3.0-or-later
// From what is in sight to a file.
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QStandardPaths>

#include "ui/conversation_export.h"
#include "ui/conversation_panel.h"
#include "ui/format.h"
#include "ui/main_window.h"
#include "ui/notice_bar.h"

namespace lectern::ui {

void MainWindow::exportConversation() {
    if (m_controller->busy() || !inSession() || !m_controller->session()) return;
    if (!m_conversation->hasMessages() || m_conversation->branchName().isEmpty())
        return m_notice->showNotice(NoticeBar::Kind::Info, tr("There is no answer to export yet."));
    const QString branch = m_conversation->branchName();
    QString name = QFileInfo(fromPath(m_controller->session()->file)).completeBaseName();
    if (branch != "main") name += " – " + branch;
    auto* dialog = chooseExport(tr("Export the conversation"), name, true, [this, branch](const QString& file) {
        m_controller->exportConversation(branch.toStdString(), toPath(file));
    });
    dialog->setObjectName("conversationExport");
}

/// Asks for a file, in the folder of the last time. `name`: without ending.
QFileDialog* MainWindow::chooseExport(const QString& title, const QString& name, bool json,
                                      std::function<void(const QString&)> write) {
    QString folder = m_store.settings().value("export/folder").toString();
    if (folder.isEmpty()) folder = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    QList<std::pair<QString, QString>> kinds = {
        {tr("Markdown (*.md)"), "md"}, {tr("Web page (*.html)"), "html"}, {tr("PDF (*.pdf)"), "pdf"}};
    if (json) kinds.append({tr("JSON (*.json)"), "json"});
    QStringList filters;
    for (const auto& [filter, ending] : kinds) filters << filter;
    const QString proposed = QString(name).replace('/', '-') + ".md";
    auto* dialog = new QFileDialog(this, title, QDir(folder).filePath(proposed));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilters(filters);
    dialog->setDefaultSuffix("md");
    connect(dialog, &QFileDialog::filterSelected, dialog, [dialog, kinds](const QString& chosen) {
        for (const auto& [filter, ending] : kinds)
            if (filter == chosen) dialog->setDefaultSuffix(ending);
        const QStringList files = dialog->selectedFiles();
        if (files.isEmpty()) return;
        const QFileInfo file(files.first());
        dialog->selectFile(file.dir().filePath(file.completeBaseName() + '.' + dialog->defaultSuffix()));
    });
    connect(dialog, &QFileDialog::fileSelected, this, [this, write = std::move(write)](const QString& file) {
        m_store.settings().setValue("export/folder", QFileInfo(file).absolutePath());
        write(file);
    });
    dialog->open();
    return dialog;
}

void MainWindow::showExported(const QString& file) {
    m_notice->showNotice(NoticeBar::Kind::Info, tr("Exported to %1.").arg(pathText(toPath(file))));
}

}  // namespace lectern::ui
