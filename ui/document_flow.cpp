// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/document_flow.h"

#include <QMessageBox>
#include <QPushButton>
#include <algorithm>

#include "ui/format.h"
#include "ui/notice_bar.h"
#include "ui/shelf_panel.h"

namespace lectern::ui {
namespace {

constexpr qint64 kLookAgainMs = 60'000;  ///< at documents' files, when the window comes to the front

bool contains(const std::vector<int>& ids, int id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
}

/// "12,300 tokens are read again, about 40 s."
QString costText(const RereadPlan& plan) {
    if (plan.tokens == 0) return DocumentFlow::tr("Nothing has to be read again.");
    const QString tokens = DocumentFlow::tr("%1 tokens are read again").arg(countText(plan.tokens));
    if (plan.seconds == 0) return tokens + '.';
    return plan.seconds < 1 ? DocumentFlow::tr("%1, in a moment.").arg(tokens)
                            : DocumentFlow::tr("%1, about %2.").arg(tokens, durationText(plan.seconds));
}

}  // namespace

DocumentFlow::DocumentFlow(SessionController* controller, const ShelfPanel* shelf, NoticeBar* notice, QWidget* window)
    : QObject(window), m_controller(controller), m_notice(notice), m_window(window) {
    connect(shelf, &ShelfPanel::switchDocuments, this, &DocumentFlow::switchDocuments);
    connect(shelf, &ShelfPanel::removeDocuments, this, &DocumentFlow::removeDocuments);
    connect(shelf, &ShelfPanel::moveDocuments, this, &DocumentFlow::moveDocuments);
    connect(shelf, &ShelfPanel::readChanged, this, &DocumentFlow::readChanged);
    connect(controller, &SessionController::ended, this, [this](const TaskResult& result) {
        if (result.task == Task::Weigh) weighed(result);
    });
    connect(controller, &SessionController::loadEnded, this, [this] { m_checked.start(); });
}

void DocumentFlow::windowActivated() {
    if (m_checked.isValid() && m_checked.elapsed() > kLookAgainMs) checkSources();
}

bool DocumentFlow::ready() const {
    const auto& session = m_controller->session();
    return !m_controller->busy() && session && session->open;
}

void DocumentFlow::checkSources() {
    if (!ready() || m_controller->loading()) return;
    m_checked.start();
    m_controller->change([](Session& open) -> Status {
        open.checkSources();
        return {};
    });
}

QString DocumentFlow::namesOf(const std::vector<int>& ids) const {
    if (ids.size() != 1) return tr("%1 documents").arg(ids.size());
    const DocumentEntry* entry = m_controller->session()->document(ids.front());
    return entry == nullptr ? QString() : tr("“%1”").arg(text(entry->info.name));
}

void DocumentFlow::switchDocuments(const std::vector<int>& ids, bool on) {
    if (!ready()) return;
    std::vector<std::string> names;
    for (const DocumentEntry& entry : m_controller->session()->documents)
        if (contains(ids, entry.info.id) && entry.info.state != DocumentState::Failed && entry.info.on != on)
            names.push_back(entry.info.name);
    m_controller->change([names, on](Session& session) -> Status {
        for (const std::string& name : names)
            if (auto done = session.switchDocument(name, on); !done) return done;
        return {};
    });
}

void DocumentFlow::removeDocuments(const std::vector<int>& ids) {
    if (!ready() || ids.empty()) return;
    std::vector<int> order = m_controller->session()->order();
    std::erase_if(order, [&](int id) { return contains(ids, id); });
    const QString names = namesOf(ids);
    weigh({std::move(order), tr("Take %1 out of the session?").arg(names), tr("Take out"),
           ids.size() == 1 ? tr("%1 is out of the session.").arg(names) : tr("%1 are out of the session.").arg(names)});
}

void DocumentFlow::moveDocuments(const std::vector<int>& ids, int place) {
    if (!ready() || ids.empty()) return;
    std::vector<int> before, moved, after, now;
    for (const DocumentEntry& entry : m_controller->session()->documents) {
        const int id = entry.info.id;
        (contains(ids, id) ? moved : int(now.size()) < place ? before : after).push_back(id);
        now.push_back(id);
    }
    before.insert(before.end(), moved.begin(), moved.end());
    before.insert(before.end(), after.begin(), after.end());
    if (before != now) weigh({std::move(before), tr("Move %1?").arg(namesOf(ids)), tr("Move"), {}});
}

void DocumentFlow::weigh(Arrangement arrangement) {
    m_controller->weigh(arrangement.order);
    m_arrangement = std::move(arrangement);
}

void DocumentFlow::weighed(const TaskResult& result) {
    const auto arrangement = std::exchange(m_arrangement, {});
    if (result.error || !arrangement) return;
    const SessionSnapshot& session = *m_controller->session();
    // Reading that was paused is not taken up by the way.
    const auto act = [this, arrangement = *arrangement, read = !session.hasUnread()] { arrange(arrangement, read); };
    const bool all_stay = arrangement->order.size() == session.documents.size();
    if (result.reread->tokens == 0 && all_stay) return act();
    confirm(arrangement->question, costText(*result.reread), arrangement->action, act);
}

void DocumentFlow::arrange(const Arrangement& arrangement, bool read) {
    const SessionSnapshot& session = *m_controller->session();
    const TakenOut taken{session.file, session.order(), arrangement.done, read};
    m_controller->arrange(arrangement.order, read);
    if (!arrangement.done.isEmpty()) offerUndo(taken);
}

void DocumentFlow::offerUndo(const TakenOut& taken) {
    m_notice->showNotice(NoticeBar::Kind::Info, taken.sentence, tr("Undo"), [this, taken] { bringBack(taken); });
}

/// To where the documents stood, among those that are there now. Reading is broken off for it; other work is not, and
/// the offer stays then.
void DocumentFlow::bringBack(const TakenOut& taken) {
    const auto& session = m_controller->session();
    if (!session || session->file != taken.session) return;
    if (m_controller->busy() && m_controller->activity() != Activity::Reading) return offerUndo(taken);
    std::vector<int> order = session->order();
    auto place = order.begin();
    for (const int id : taken.before) {
        const auto there = std::find(order.begin(), order.end(), id);
        place = std::next(there != order.end() ? there : order.insert(place, id));
    }
    m_controller->arrange(order, taken.read);
}

/// How much follows the first changed document is known before its file is read; how much of it is new is not.
void DocumentFlow::readChanged() {
    if (!ready()) return;
    const auto& session = m_controller->session();
    std::uint64_t most = 0;
    for (const DocumentEntry& entry : session->documents) {
        if (entry.info.source_state != SourceState::Changed) continue;
        most = session->shelf ? most + entry.tokens()
                              : std::max(most, session->tokens - std::min(session->tokens, entry.info.token_begin));
    }
    if (most == 0) return;
    confirm(tr("Read what has changed on disk again?"),
            session->shelf
                ? tr("About %1 tokens are read again.").arg(countText(most))
                : tr("Up to %1 tokens are read again: the new text, and what follows it.").arg(countText(most)),
            tr("Read again"), [this] { m_controller->refresh(); });
}

void DocumentFlow::confirm(const QString& question, const QString& cost, const QString& action,
                           std::function<void()> act) {
    auto* box = new QMessageBox(QMessageBox::NoIcon, tr("Documents"), question, QMessageBox::Cancel, m_window);
    box->setObjectName("confirmReread");
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setInformativeText(cost + ' ' + tr("Conversations stay, and are computed again where they go on."));
    auto* go = box->addButton(action, QMessageBox::AcceptRole);
    go->setObjectName("confirmed");
    box->setDefaultButton(go);
    connect(go, &QPushButton::clicked, this, [this, act = std::move(act)] {
        if (ready()) act();
    });
    box->open();
}

}  // namespace lectern::ui
