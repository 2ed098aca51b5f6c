// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/quota_flow.h"

#include <QDateTime>
#include <QFileInfo>
#include <QLocale>
#include <QMessageBox>
#include <QPushButton>
#include <QTimer>
#include <algorithm>

#include "ui/format.h"
#include "ui/notice_bar.h"

namespace lectern::ui {

QuotaFlow::QuotaFlow(SessionController* controller, PreferenceStore& store, NoticeBar* notice, QWidget* window)
    : QObject(window), m_controller(controller), m_store(store), m_notice(notice), m_window(window) {
    connect(controller, &SessionController::ended, this, &QuotaFlow::ended);
}

void QuotaFlow::setQuota(std::uint64_t bytes) {
    if (bytes == m_quota) return;
    m_quota = bytes;
    m_offered = false;
    check();
}

/// What the file system says first: only where that is too much does the engine look into the files.
void QuotaFlow::check() {
    if (m_quota == 0 || m_offered || m_controller->busy()) return;
    std::uint64_t bytes = 0;
    std::vector<SessionOnDisk> sessions;
    for (const RecentSession& recent : m_store.recentSessions()) {
        bytes += std::uint64_t(qMax(qint64(0), QFileInfo(recent.file).size()));
        sessions.push_back({.file = toPath(recent.file), .used = recent.time});
    }
    if (bytes > m_quota) m_controller->weighDisk(sessions, m_quota);
}

void QuotaFlow::ended(const TaskResult& result) {
    switch (result.task) {
        case Task::Start:
        case Task::Read:
        case Task::Reread:
            QTimer::singleShot(0, this, &QuotaFlow::check);  // after what waits for the same end
            return;
        case Task::WeighDisk:
            if (result.quota && !result.quota->strip.empty()) offer(*result.quota);
            return;
        case Task::Strip:
            return stripped(result);
        default:
            return;
    }
}

void QuotaFlow::offer(const QuotaPlan& plan) {
    m_offered = true;
    m_notice->showNotice(NoticeBar::Kind::Info,
                         tr("Recent sessions take %1 of the disk, more than the %2 set for them.")
                             .arg(bytesText(plan.bytes), bytesText(m_quota)),
                         tr("Make room…"), [this, plan] { ask(plan); });
}

void QuotaFlow::ask(const QuotaPlan& plan) {
    QStringList lines;
    std::vector<std::filesystem::path> files;
    for (const SessionOnDisk& session : plan.strip) {
        const QString used =
            QLocale().toString(QDateTime::fromSecsSinceEpoch(session.used).date(), QLocale::ShortFormat);
        lines << tr("%1: %2, last used %3")
                     .arg(QFileInfo(fromPath(session.file)).completeBaseName(), bytesText(session.cache_bytes), used);
        files.push_back(session.file);
    }
    auto* box = new QMessageBox(QMessageBox::NoIcon, tr("Make room"),
                                tr("Drop the caches of the sessions that were not used for longest?"),
                                QMessageBox::Cancel, m_window);
    box->setObjectName("confirmStrip");
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setTextFormat(Qt::PlainText);
    box->setInformativeText(lines.join('\n') + "\n\n" +
                            tr("Texts and conversations stay; the documents are read again when they are needed."));
    auto* drop = box->addButton(tr("Drop these caches"), QMessageBox::AcceptRole);
    drop->setObjectName("stripThem");
    box->setDefaultButton(QMessageBox::Cancel);
    connect(drop, &QPushButton::clicked, this, [this, files] {
        if (!m_controller->busy()) return m_controller->strip(files);
        m_offered = false;  // asked again once the present work has ended
    });
    box->open();
}

void QuotaFlow::stripped(const TaskResult& result) {
    std::uint64_t freed = 0;
    for (const StrippedSession& session : result.stripped) {
        freed += session.sizes.before - std::min(session.sizes.before, session.sizes.after);
        m_store.noteStripped(fromPath(session.file), session.sizes.after);
    }
    if (result.error) return m_notice->showProblem(*result.error);
    m_notice->showNotice(NoticeBar::Kind::Info, tr("%1 of the disk are free again.").arg(bytesText(freed)));
}

}  // namespace lectern::ui
