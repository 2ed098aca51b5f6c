// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/message_card.h"

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QLocale>
#include <QTimer>

#include "ui/answer_view.h"
#include "ui/citation_chip.h"
#include "ui/format.h"
#include "ui/widgets.h"

namespace lectern::ui {
namespace {

QString samplerText(const AnswerLedger& ledger) {
    const SamplerSettings& s = ledger.sampler;
    const auto number = [](double value) { return QLocale().toString(value, 'g', 3); };
    QStringList parts;
    if (s.temperature > 0) {
        parts << MessageCard::tr("Temperature %1").arg(number(s.temperature));
        if (s.top_k > 0) parts << MessageCard::tr("top-k %1").arg(s.top_k);
        if (s.typical_p < 1) parts << MessageCard::tr("typical-p %1").arg(number(s.typical_p));
        if (s.min_p > 0) parts << MessageCard::tr("min-p %1").arg(number(s.min_p));
        if (s.top_p < 1) parts << MessageCard::tr("top-p %1").arg(number(s.top_p));
    } else {
        parts << MessageCard::tr("The likeliest token each time (temperature 0)");
    }
    if (s.repetition_penalty != 1) parts << MessageCard::tr("repetition penalty %1").arg(number(s.repetition_penalty));
    if (s.presence_penalty != 0) parts << MessageCard::tr("presence penalty %1").arg(number(s.presence_penalty));
    if (s.frequency_penalty != 0) parts << MessageCard::tr("frequency penalty %1").arg(number(s.frequency_penalty));
    if (s.dry_multiplier > 0) parts << MessageCard::tr("DRY %1").arg(number(s.dry_multiplier));
    return (parts << MessageCard::tr("seed %1").arg(ledger.seed)).join(", ");
}

}  // namespace

MessageCard::MessageCard(QWidget* parent) : QWidget(parent) {
    auto* column = makeColumn(this, 0, 8);
    auto* bubble = new QFrame(this);
    bubble->setProperty("question", true);
    auto* inside = makeColumn(bubble, 0, 0);
    inside->setContentsMargins(14, 10, 14, 10);
    m_question = new QLabel(bubble);
    m_question->setTextFormat(Qt::PlainText);
    m_question->setWordWrap(true);
    m_question->setTextInteractionFlags(Qt::TextSelectableByMouse);
    inside->addWidget(m_question);
    m_answer = new AnswerView(this);
    m_waiting = new TextLabel(TextRole::Muted, tr("Thinking…"), this);
    m_weak = new TextLabel(TextRole::Small,
                           tr("The built-in model answers with quotes. For answers in its own words open a LLaMA, "
                              "Mistral or Qwen model (GGUF)."),
                           this);
    m_weak->setWordWrap(true);
    m_chips_title = new TextLabel(TextRole::Small, tr("Pages the answer attended to"), this);
    m_chips = new QWidget(this);
    m_chip_flow = new FlowLayout(6);
    m_chips->setLayout(m_chip_flow);
    m_quote = new TextLabel(TextRole::Muted, {}, this);
    m_quote->setObjectName("quote");
    m_quote->setWordWrap(true);
    m_quote->setTextInteractionFlags(Qt::TextSelectableByMouse);
    column->addWidget(bubble);
    column->addWidget(m_weak);
    column->addWidget(m_waiting);
    column->addWidget(m_answer);
    column->addWidget(m_chips_title);
    column->addWidget(m_chips);
    column->addWidget(m_quote);
    makeFooter(column);
    m_refresh = new QTimer(this);
    m_refresh->setSingleShot(true);
    m_refresh->setInterval(40);
    connect(m_refresh, &QTimer::timeout, this, &MessageCard::showAnswer);
    connect(m_copy, &QToolButton::clicked, this, &MessageCard::copyAnswer);
    connect(m_regenerate, &QToolButton::clicked, this, &MessageCard::regenerate);
    connect(m_edit, &QToolButton::clicked, this, &MessageCard::editQuestion);
    connect(m_fork, &QToolButton::clicked, this, &MessageCard::fork);
}

/// The ledger in a line, the buttons, and the ledger in full below them.
void MessageCard::makeFooter(QVBoxLayout* column) {
    auto* row = makeRow(2);
    m_ledger = new TextLabel(TextRole::Small, {}, this);
    m_ledger->setObjectName("cost");
    m_more = makeIconButton("down", tr("What this answer took"), this);
    m_more->setObjectName("ledgerDetails");
    m_more->setCheckable(true);
    m_copy = makeIconButton("copy", tr("Copy the answer"), this);
    m_regenerate = makeIconButton("again", tr("Answer again"), this);
    m_regenerate->setObjectName("regenerate");
    m_edit = makeIconButton("edit", tr("Edit the question and ask again, in a conversation of its own"), this);
    m_edit->setObjectName("editQuestion");
    m_fork = makeIconButton("branch", tr("Go on from here in a conversation of its own"), this);
    m_fork->setObjectName("forkHere");
    row->addWidget(m_ledger, 1);
    for (QToolButton* button : {m_more, m_copy, m_regenerate, m_edit, m_fork}) row->addWidget(button);
    column->addLayout(row);
    m_ledger_details = new TextLabel(TextRole::Small, {}, this);
    m_ledger_details->setObjectName("ledger");
    m_ledger_details->setWordWrap(true);
    m_ledger_details->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_ledger_details->hide();
    column->addWidget(m_ledger_details);
    connect(m_more, &QToolButton::toggled, m_ledger_details, &QWidget::setVisible);
}

void MessageCard::setPending(const QString& question, const QString& waiting) {
    m_waiting->setText(waiting);
    m_question_text = question;
    m_question->setText(question);
    m_time = 0;
    m_answer_text.clear();
    showAnswer();
    showCitations({}, false);
    m_ledger->clear();
    m_more->setChecked(false);
    m_more->hide();
    setActions(false, false, false);
}

void MessageCard::setAnswer(const QString& markdown) {
    m_answer_text = markdown;
    if (!m_refresh->isActive()) m_refresh->start();
}

void MessageCard::showAnswer() {
    m_answer->setAnswer(m_answer_text);
    const bool empty = m_answer_text.trimmed().isEmpty();
    m_answer->setVisible(!empty);
    m_waiting->setVisible(empty);
}

void MessageCard::setMessage(const Message& message, bool quotes) {
    const QString question = text(message.question), answer = text(message.answer);
    if (m_time != 0 && m_time == message.time && question == m_question_text && answer == m_answer_text &&
        quotes == m_quotes)
        return;
    m_quotes = quotes;
    m_question_text = question;
    m_answer_text = answer;
    m_time = message.time;
    m_question->setText(question);
    m_waiting->setText(message.stop == StopReason::Interrupted ? tr("Stopped before the first word.")
                                                               : tr("(no answer)"));
    m_refresh->stop();
    showAnswer();
    showCitations(message.citations, quotes);
    showLedger(message);
}

void MessageCard::showCitations(const std::vector<Citation>& citations, bool quotes) {
    while (QLayoutItem* item = m_chip_flow->takeAt(0)) {
        item->widget()->deleteLater();
        delete item;
    }
    for (const Citation& citation : citations) {
        auto* chip = new CitationChip(citation, m_chips);
        chip->setObjectName("citation");
        connect(chip, &QAbstractButton::clicked, this, [this, citation] { emit citationOpened(citation); });
        m_chip_flow->addWidget(chip);
    }
    m_chips->setVisible(!citations.empty());
    m_chips_title->setVisible(!citations.empty());
    m_weak->setVisible(quotes && !citations.empty());
    m_quote->hide();
    if (!quotes || citations.empty()) return;
    const Citation& first = citations.front();
    const QString passage = text(first.text).simplified();
    m_quote->setText(tr("“%1” — %2, %3").arg(passage, text(first.document), pageName(first)));
    m_quote->setVisible(!m_answer_text.simplified().contains(passage));  // else it is said already
}

void MessageCard::showLedger(const Message& message) {
    const AnswerLedger& ledger = message.ledger;
    QStringList parts;
    if (message.stop == StopReason::Interrupted) parts << tr("stopped");
    if (message.stop == StopReason::MaxTokens) parts << tr("length limit reached");
    if (ledger.tokens_answer > 0) parts << tr("%1 tokens").arg(countText(ledger.tokens_answer));
    if (ledger.decode_tokens_per_s > 0) parts << rateText(ledger.decode_tokens_per_s);
    if (ledger.tokens_reused > 0)
        parts << tr("%1 reused, %2 new").arg(shortCountText(ledger.tokens_reused), shortCountText(ledger.tokens_new));
    if (!message.without.empty())
        parts << (message.without.size() == 1 ? tr("1 document off")
                                              : tr("%1 documents off").arg(message.without.size()));
    m_ledger->setText(parts.join(" · "));
    const bool kept = ledger.saysHowItWasChosen();
    const QStringList lines = {
        tr("Tokens: %1 reused, %2 read for the question, %3 answered")
            .arg(countText(ledger.tokens_reused), countText(ledger.tokens_new), countText(ledger.tokens_answer)),
        tr("First token after %1 s, question read at %2")
            .arg(QLocale().toString(ledger.seconds_to_first_token, 'f', 2), rateText(ledger.prefill_tokens_per_s)),
        tr("Answer written at %1").arg(rateText(ledger.decode_tokens_per_s)),
        kept ? tr("Context read for each token: %1; peak memory %2")
                   .arg(bytesText(ledger.cache_bytes), bytesText(ledger.peak_bytes))
             : tr("Peak memory %1").arg(bytesText(ledger.peak_bytes)),
        kept ? samplerText(ledger) : tr("seed %1").arg(ledger.seed),
        tr("Asked: %1").arg(whenText(message.time))};
    m_ledger_details->setText(lines.join('\n'));
    m_more->show();
}

void MessageCard::setActions(bool last, bool can_ask, bool enabled) {
    m_copy->setVisible(!m_answer_text.isEmpty());
    m_regenerate->setVisible(last && can_ask);
    m_edit->setVisible(can_ask);
    m_fork->setVisible(can_ask);
    for (QToolButton* button : {m_regenerate, m_edit, m_fork}) button->setEnabled(enabled);
}

void MessageCard::highlight(const QString& words) {
    m_answer->highlight(words);
    if (words == m_highlighted) return;
    m_highlighted = words;
    const auto at = words.isEmpty() ? -1 : m_question_text.indexOf(words, 0, Qt::CaseInsensitive);
    if (at >= 0)
        m_question->setSelection(int(at), int(words.size()));
    else if (m_question->hasSelectedText())
        m_question->setText(m_question_text);
}

void MessageCard::copyAnswer() const {
    QApplication::clipboard()->setText(m_answer_text);
}

}  // namespace lectern::ui
