// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/branch_beside.h"

#include <QComboBox>
#include <QElapsedTimer>
#include <QSignalBlocker>
#include <QTimer>

#include "ui/branch_tabs.h"
#include "ui/format.h"
#include "ui/message_card.h"
#include "ui/message_list.h"
#include "ui/widgets.h"

namespace lectern::ui {
namespace {

constexpr qint64 kTurnMs = 8;  ///< of the event loop, spent on new cards
constexpr int kTitleLength = 48;

}  // namespace

BranchBeside::BranchBeside(QWidget* parent) : QWidget(parent) {
    auto* column = makeColumn(this, 0, 8);
    auto* row = makeRow(4);
    m_names = new QComboBox(this);
    m_names->setObjectName("besideName");
    m_names->setAccessibleName(tr("The conversation to read beside"));
    m_names->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_names->setMinimumContentsLength(10);
    auto* close = makeIconButton("close", tr("Show one conversation"), this);
    row->addWidget(m_names, 1);
    row->addWidget(close);
    column->addLayout(row);
    m_messages = new MessageList(this);
    m_messages->setAccessibleName(tr("Conversation beside"));
    column->addWidget(m_messages, 1);
    m_more = new QTimer(this);
    m_more->setSingleShot(true);
    m_more->setInterval(0);
    connect(m_more, &QTimer::timeout, this, &BranchBeside::sync);
    connect(m_names, &QComboBox::currentIndexChanged, this, &BranchBeside::sync);
    connect(close, &QToolButton::clicked, this, &BranchBeside::closed);
}

void BranchBeside::setSession(const std::optional<SessionSnapshot>& session) {
    const auto index = std::size_t(std::max(0, m_names->currentIndex()));
    const std::string shown = index < m_branches->size() ? (*m_branches)[index].name : std::string();
    m_branches = session ? session->branches : SessionSnapshot().branches;
    m_quotes = session && session->built_in_model;
    if (isHidden()) return;
    if (m_branches->size() < 2) return emit closed();
    fill(shown);
}

/// The names, with `shown` chosen where it is among them.
void BranchBeside::fill(const std::string& shown) {
    QStringList names;
    int index = 0;
    for (const BranchInfo& info : *m_branches) {
        if (info.name == shown) index = int(names.size());
        const bool trunk = info.name == "main" && !info.messages.empty();
        names << titleOf(text(trunk ? info.messages.front().question : info.name), kTitleLength);
    }
    const QSignalBlocker quiet(m_names);
    m_names->clear();
    m_names->addItems(names);
    m_names->setCurrentIndex(index);
    sync();
}

bool BranchBeside::choose(const QString& beside) {
    std::string other;
    for (const BranchInfo& info : *m_branches) {
        if (text(info.name) == beside && !info.parent.empty()) other = info.parent;
        if (text(info.name) != beside && other.empty()) other = info.name;
    }
    if (!other.empty()) fill(other);
    return !other.empty();
}

std::span<const Message> BranchBeside::messages() const {
    const int index = m_names->currentIndex();
    if (index < 0 || index >= int(m_branches->size())) return {};
    return (*m_branches)[std::size_t(index)].messages;
}

/// As many cards as one turn of the event loop has time for.
void BranchBeside::sync() {
    const auto all = messages();
    QElapsedTimer clock;
    clock.start();
    while (m_messages->size() > all.size()) m_messages->removeLast();
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (i >= m_messages->size()) {
            if (clock.elapsed() >= kTurnMs) return m_more->start();
            MessageCard* card = m_messages->append();
            card->setObjectName("messageBeside");
            connect(card, &MessageCard::citationOpened, this, &BranchBeside::citationOpened);
        }
        m_messages->card(i)->setMessage(all[i], m_quotes);
        m_messages->card(i)->setActions(false, false, false);
    }
}

}  // namespace lectern::ui
