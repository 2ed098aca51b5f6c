// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/conversation_panel.h"

#include <QHBoxLayout>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedWidget>
#include <QTimer>

#include "ui/branch_beside.h"
#include "ui/branch_tabs.h"
#include "ui/find_bar.h"
#include "ui/format.h"
#include "ui/message_card.h"
#include "ui/message_list.h"
#include "ui/question_edit.h"
#include "ui/reading_card.h"
#include "ui/themed_icon.h"
#include "ui/widgets.h"

namespace lectern::ui {
namespace {

constexpr int kAsideName = 80;  ///< characters of the question

}  // namespace

ConversationPanel::ConversationPanel(QWidget* parent) : QWidget(parent) {
    auto* column = makeColumn(this, 0, 8);
    column->setContentsMargins(12, 6, 12, 10);
    makeTabs();
    column->addWidget(m_tabs);
    m_find = new FindBar(tr("Find in this conversation"), this);
    m_find->setObjectName("findInConversation");
    column->addWidget(m_find);
    connect(m_find, &FindBar::changed, this, &ConversationPanel::find);
    connect(m_find, &FindBar::step, this, &ConversationPanel::stepFind);
    m_reading = new ReadingCard(this);
    m_reading->hide();
    column->addWidget(m_reading);
    m_stack = new QStackedWidget(this);
    m_stack->addWidget(makeEmpty());
    m_messages = new MessageList(this);
    m_messages->setObjectName("messages");
    m_messages->setAccessibleName(tr("Conversation"));
    m_stack->addWidget(m_messages);
    m_more = new QTimer(this);
    m_more->setSingleShot(true);
    m_more->setInterval(0);
    connect(m_more, &QTimer::timeout, this, &ConversationPanel::syncMessages);
    column->addWidget(makeSides(), 1);
    column->addWidget(makeInput());
    connect(m_reading, &ReadingCard::cancel, this, &ConversationPanel::cancelReading);
    connect(m_reading, &ReadingCard::resume, this, &ConversationPanel::resumeReading);
    syncInput();
}

void ConversationPanel::makeTabs() {
    m_tabs = new BranchTabs(this);
    connect(m_tabs, &BranchTabs::shown, this, [this] {
        syncMessages();
        syncInput();
        find(m_find->text());
        if (m_tabs->current().draft) focusInput();
    });
}

/// The conversation in sight, and beside it another one where that is wanted.
QWidget* ConversationPanel::makeSides() {
    m_beside = new BranchBeside(this);
    m_beside->setObjectName("beside");
    m_beside->hide();
    m_sides = new QSplitter(this);
    m_sides->setChildrenCollapsible(false);
    m_sides->setHandleWidth(12);
    m_sides->addWidget(m_stack);
    m_sides->addWidget(m_beside);
    connect(m_beside, &BranchBeside::closed, m_beside, &QWidget::hide);
    connect(m_beside, &BranchBeside::citationOpened, this, &ConversationPanel::citationOpened);
    return m_sides;
}

void ConversationPanel::toggleBeside() {
    m_beside->setVisible(m_beside->isHidden() && m_beside->choose(m_tabs->current().name));
    m_sides->setSizes({width() / 2, width() / 2});
}

QWidget* ConversationPanel::makeEmpty() {
    auto* scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    auto* page = new QWidget(scroll);
    auto* column = makeColumn(page, 20, 10);
    column->addStretch(2);
    m_empty_title = new TextLabel(TextRole::Heading, {}, page);
    m_empty_title->setAlignment(Qt::AlignHCenter);
    m_empty_title->setWordWrap(true);
    m_empty_text = new TextLabel(TextRole::Muted, {}, page);
    m_empty_text->setAlignment(Qt::AlignHCenter);
    m_empty_text->setWordWrap(true);
    column->addWidget(m_empty_title);
    column->addWidget(m_empty_text);
    m_suggestions = new QWidget(page);
    auto* list = makeColumn(m_suggestions, 0, 8);
    for (const QString& question : {tr("What is this document about?"), tr("What are the main conclusions?"),
                                    tr("Which numbers and dates matter most?")}) {
        auto* button = new QPushButton(question, m_suggestions);
        button->setObjectName("suggestion");
        connect(button, &QPushButton::clicked, this, [this, question] { startAsking(question, false); });
        list->addWidget(button, 0, Qt::AlignHCenter);
    }
    column->addSpacing(8);
    column->addWidget(m_suggestions);
    column->addStretch(3);
    scroll->setWidget(page);
    return scroll;
}

QWidget* ConversationPanel::makeInput() {
    auto* box = new QWidget(this);
    auto* column = makeColumn(box, 0, 4);
    auto* row = makeRow(8);
    m_input = new QuestionEdit(box);
    m_input->setObjectName("question");
    m_send = new QToolButton(box);
    m_send->setIcon(accentIcon("send"));
    m_send->setProperty("primary", true);
    m_stop = new QToolButton(box);
    m_stop->setIcon(accentIcon("stop"));
    m_stop->setProperty("primary", true);
    m_send->setObjectName("ask");
    m_stop->setObjectName("stop");
    m_send->setAccessibleName(tr("Ask"));
    m_send->setToolTip(tr("Ask (Enter)"));
    for (QToolButton* button : {m_send, m_stop}) {
        button->setFixedSize(38, 38);
        button->setIconSize({20, 20});
        row->addWidget(button, 0, Qt::AlignBottom);
    }
    row->insertWidget(0, m_input, 1, Qt::AlignBottom);
    column->addLayout(row);
    m_hint = new TextLabel(TextRole::Small, tr("Enter asks · Shift+Enter for a new line"), box);
    m_hint->setWordWrap(true);
    m_hint->setObjectName("hint");
    column->addWidget(m_hint);
    connect(m_input, &QuestionEdit::submitted, this, &ConversationPanel::submit);
    connect(m_input, &QPlainTextEdit::textChanged, this, &ConversationPanel::syncInput);
    connect(m_send, &QToolButton::clicked, this, &ConversationPanel::submit);
    connect(m_stop, &QToolButton::clicked, this, &ConversationPanel::stop);
    return box;
}

void ConversationPanel::focusInput() {
    m_input->setFocus();
}

void ConversationPanel::quote(const QString& words) {
    m_input->setPlainText(words + ' ' + m_input->toPlainText());
    m_input->moveCursor(QTextCursor::End);
    focusInput();
}

void ConversationPanel::submit() {
    const QString question = m_input->toPlainText().trimmed();
    if (question.isEmpty() || !m_send->isEnabled()) return;
    m_input->clear();
    startAsking(question, false);
}

void ConversationPanel::startAsking(const QString& question, bool undo_last, bool vary) {
    m_messages->followEnd();
    const QString name = m_tabs->nameDraft(question);
    if (undo_last && m_session) {
        std::vector<BranchInfo> left = *m_session->branches;
        for (BranchInfo& info : left)
            if (text(info.name) == name && !info.messages.empty()) info.messages.pop_back();
        m_session->branches = std::make_shared<const std::vector<BranchInfo>>(std::move(left));
    }
    m_pending = Pending{name, question, {}};
    syncMessages();
    syncInput();
    Question asked;
    asked.request.question = question.toStdString();
    asked.request.branch = name.toStdString();
    asked.undo_last = undo_last;
    asked.aside = tr("%1 (earlier answer)").arg(titleOf(question, kAsideName)).toStdString();
    if (m_tabs->current().draft) asked.fork = m_tabs->current().fork;
    emit ask(asked, vary);
}

void ConversationPanel::growAnswer(const QString& text) {
    if (!m_pending) return;
    m_pending->answer += text;
    if (m_pending->branch == m_tabs->current().name && m_messages->size() > 0)
        m_messages->last()->setAnswer(m_pending->answer);
}

void ConversationPanel::answerEnded(bool failed) {
    if (!m_pending) return;
    if (failed && m_input->toPlainText().isEmpty()) {
        m_input->setPlainText(m_pending->question);
        m_input->moveCursor(QTextCursor::End);
    }
    m_pending.reset();
    syncMessages();
    syncInput();
}

void ConversationPanel::regenerateLast() {
    if (messages().empty() || m_tabs->current().draft || m_activity != Activity::Idle) return;
    startAsking(text(messages().back().question), true, true);
}

/// A draft that goes on from the conversation in sight after its first `turns` answers.
void ConversationPanel::beginFork(int turns) {
    const BranchTab& now = m_tabs->current();
    m_tabs->begin(ForkPlace{now.draft && now.fork ? now.fork->branch : now.name.toStdString(), turns});
}

/// Nothing is lost: the question is asked anew in a conversation that leaves this one before it.
void ConversationPanel::editAt(std::size_t index) {
    if (index >= messages().size() || m_activity != Activity::Idle) return;
    const QString question = text(messages()[index].question);
    beginFork(int(index));
    m_input->setPlainText(question);
    m_input->moveCursor(QTextCursor::End);
    focusInput();
}

void ConversationPanel::forkAt(std::size_t index) {
    if (index < messages().size() && m_activity == Activity::Idle) beginFork(int(index) + 1);
}

void ConversationPanel::editLast() {
    if (!messages().empty()) editAt(messages().size() - 1);
}

void ConversationPanel::forkLast() {
    if (!messages().empty()) forkAt(messages().size() - 1);
}

void ConversationPanel::setActivity(Activity activity) {
    m_activity = activity;
    if (activity == Activity::Reading) m_reading->showStarting();
    syncMessages();
    syncReading();
    syncInput();
}

void ConversationPanel::showProgress(const IngestEvent& event) {
    if (m_activity == Activity::Reading) m_reading->showProgress(event);
}

}  // namespace lectern::ui
