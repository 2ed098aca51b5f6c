// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/export_flow.h"

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QStandardPaths>

#include "ui/conversation_export.h"
#include "ui/conversation_panel.h"
#include "ui/format.h"
#include "ui/notice_bar.h"
#include "ui/summary_panel.h"

namespace lectern::ui {

ExportFlow::ExportFlow(SessionController* controller, SettingsFile& settings, const ConversationPanel* conversation,
                       const SummaryPanel* summaries, NoticeBar* notice, QWidget* window)
    : QObject(window),
      m_controller(controller),
      m_settings(settings),
      m_conversation(conversation),
      m_summaries(summaries),
      m_notice(notice),
      m_window(window) {}

QString ExportFlow::sessionName() const {
    return QFileInfo(fromPath(m_controller->session()->file)).completeBaseName();
}

void ExportFlow::exportConversation() {
    if (m_controller->busy() || !m_controller->session()) return;
    if (!m_conversation->hasMessages() || m_conversation->branchName().isEmpty())
        return m_notice->showNotice(NoticeBar::Kind::Info, tr("There is no answer to export yet."));
    const QString branch = m_conversation->branchName();
    QString name = sessionName();
    if (branch != "main") name += " – " + branch;
    auto* dialog = choose(tr("Export the conversation"), name, true, [this, branch](const QString& file) {
        m_controller->exportConversation(branch.toStdString(), toPath(file));
    });
    dialog->setObjectName("conversationExport");
}

void ExportFlow::exportSummary() {
    if (m_controller->busy() || !m_controller->session()) return;
    const Summary* summary = m_summaries->current();
    if (summary == nullptr)
        return m_notice->showNotice(NoticeBar::Kind::Info, tr("There is no summary to export yet."));
    const QString of = summary->title.empty() ? sessionName() : text(summary->title);
    auto* dialog =
        choose(tr("Export the summary"), tr("Summary of %1").arg(of), false,
               [this, id = summary->id](const QString& file) { m_controller->exportSummary(id, toPath(file)); });
    dialog->setObjectName("summaryExport");
}

/// Asks for a file, in the folder of the last time. `name`: without ending.
QFileDialog* ExportFlow::choose(const QString& title, const QString& name, bool json,
                                std::function<void(const QString&)> write) {
    QString folder = m_settings.value("export/folder").toString();
    if (folder.isEmpty()) folder = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    QList<std::pair<QString, QString>> kinds = {
        {tr("Markdown (*.md)"), "md"}, {tr("Web page (*.html)"), "html"}, {tr("PDF (*.pdf)"), "pdf"}};
    if (json) kinds.append({tr("JSON (*.json)"), "json"});
    QStringList filters;
    for (const auto& [filter, ending] : kinds) filters << filter;
    const QString proposed = QString(name).replace('/', '-') + ".md";
    auto* dialog = new QFileDialog(m_window, title, QDir(folder).filePath(proposed));
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
        m_settings.setValue("export/folder", QFileInfo(file).absolutePath());
        write(file);
    });
    dialog->open();
    return dialog;
}

void ExportFlow::showExported(const QString& file) {
    m_notice->showNotice(NoticeBar::Kind::Info, tr("Exported to %1.").arg(pathText(toPath(file))));
}

}  // namespace lectern::ui
