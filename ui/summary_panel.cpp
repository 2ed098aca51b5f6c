// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/summary_panel.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QElapsedTimer>
#include <QProgressBar>
#include <QTimer>
#include <algorithm>

#include "ui/card_list.h"
#include "ui/format.h"
#include "ui/summary_card.h"
#include "ui/themed_icon.h"
#include "ui/widgets.h"

namespace lectern::ui {
namespace {

constexpr qint64 kTurnMs = 8;  ///< of the event loop, spent on new cards
constexpr int kSpacing = 10;

QString lengthText(SummaryLength length) {
    return length == SummaryLength::Short  ? SummaryPanel::tr("short")
           : length == SummaryLength::Long ? SummaryPanel::tr("long")
                                           : SummaryPanel::tr("medium");
}

QString titleOf(const Summary& summary) {
    return summary.title.empty() ? SummaryPanel::tr("All documents") : text(summary.title);
}

QString pagesOf(const SummarySection& section) {
    const auto printed = [](const std::string& label, int page) {
        return label.empty() ? QString::number(page) : text(label);
    };
    const QString first = printed(section.first_label, section.first_page);
    if (section.first_page == section.last_page) return SummaryPanel::tr("p. %1").arg(first);
    return SummaryPanel::tr("pp. %1–%2").arg(first, printed(section.last_label, section.last_page));
}

bool severalDocuments(const Summary& summary) {
    return std::any_of(summary.sections.begin(), summary.sections.end(), [&](const SummarySection& section) {
        return section.document_id != summary.sections.front().document_id;
    });
}

}  // namespace

SummaryPanel::SummaryPanel(QWidget* parent) : QWidget(parent) {
    auto* column = makeColumn(this, 0, 8);
    column->setContentsMargins(12, 6, 12, 10);
    column->addWidget(makeBar());
    m_progress_card = makeProgress();
    column->addWidget(m_progress_card);
    m_facts = new TextLabel(TextRole::Small, {}, this);
    m_facts->setObjectName("summaryState");
    m_facts->setWordWrap(true);
    column->addWidget(m_facts);
    m_cards = new CardList(kSpacing, this);
    m_cards->setAccessibleName(tr("Summary"));
    column->addWidget(m_cards, 1);
    m_more = new QTimer(this);
    m_more->setSingleShot(true);
    m_more->setInterval(0);
    connect(m_more, &QTimer::timeout, this, &SummaryPanel::addCards);
    syncActions();
}

QWidget* SummaryPanel::makeBar() {
    auto* bar = new QWidget(this);
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(4);
    const auto button = [&](const char* icon, const QString& name, const char* object, auto act) {
        QToolButton* made = makeIconButton(icon, name, bar);
        made->setObjectName(object);
        connect(made, &QToolButton::clicked, this, act);
        row->addWidget(made);
        return made;
    };
    button("back", tr("Back to the conversation"), "summaryBack", [this] { emit back(); });
    m_which = new QComboBox(bar);
    m_which->setObjectName("summaries");
    m_which->setAccessibleName(tr("Summaries"));
    m_which->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_which->setMinimumContentsLength(12);
    m_which->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    row->addWidget(m_which, 1);
    connect(m_which, &QComboBox::activated, this, [this](int index) {
        if (std::size_t(index) < m_summaries.size()) showSummary(m_summaries[std::size_t(index)].id);
    });
    m_new = button("add", tr("Summarize…"), "newSummary", [this] { emit summarize(); });
    m_copy = button("copy", tr("Copy the summary"), "copySummary", [this] { copy(); });
    m_again = button("again", tr("Summarize again"), "summaryAgain", [this] {
        if (current() != nullptr) emit again(current()->request);
    });
    m_export = button("export", tr("Export the summary…"), "exportSummary", [this] { emit exportSummary(m_shown); });
    m_remove = button("close", tr("Delete the summary"), "removeSummary", [this] { emit remove(m_shown); });
    return bar;
}

QWidget* SummaryPanel::makeProgress() {
    auto* card = makeCard(this);
    auto* column = makeColumn(card, 0, 6);
    column->setContentsMargins(16, 10, 16, 12);
    auto* row = makeRow();
    m_progress_text = new TextLabel(TextRole::Body, {}, card);
    m_progress_left = new TextLabel(TextRole::Small, {}, card);
    m_progress_text->setWordWrap(true);
    auto* stop = new QPushButton(tr("Stop"), card);
    stop->setObjectName("stopSummary");
    connect(stop, &QPushButton::clicked, this, &SummaryPanel::stop);
    row->addWidget(m_progress_text, 1);
    row->addWidget(m_progress_left);
    row->addWidget(stop);
    column->addLayout(row);
    m_progress = new QProgressBar(card);
    m_progress->setTextVisible(false);
    m_progress->setAccessibleName(tr("Progress of the summary"));
    column->addWidget(m_progress);
    card->hide();
    return card;
}

void SummaryPanel::setSession(const std::optional<SessionSnapshot>& session) {
    m_summaries = session ? session->summaries : std::vector<Summary>();
    m_can_make = session && session->open && session->hasContext();
    m_can_change = session && session->canChange();
    m_which->clear();
    m_which->setPlaceholderText(m_summaries.empty() ? tr("No summaries yet") : QString());
    for (const Summary& summary : m_summaries)
        m_which->addItem(
            tr("%1 · %2 · %3").arg(titleOf(summary), lengthText(summary.request.length), whenText(summary.time)));
    if (m_making) return syncActions();
    const bool there = std::any_of(m_summaries.begin(), m_summaries.end(),
                                   [this](const Summary& summary) { return summary.id == m_shown; });
    const bool other = there && current()->time != m_filling.time;
    if (!there) m_shown = m_summaries.empty() ? 0 : m_summaries.back().id;
    if (!there || other) fill();
    syncActions();
}

const Summary* SummaryPanel::current() const {
    if (m_making) return nullptr;
    const auto found =
        std::find_if(m_summaries.begin(), m_summaries.end(), [this](const Summary& s) { return s.id == m_shown; });
    return found == m_summaries.end() ? nullptr : &*found;
}

void SummaryPanel::showSummary(int id) {
    if (m_making) return;
    m_shown = id;
    fill();
    syncActions();
}

void SummaryPanel::setActivity(Activity activity) {
    m_activity = activity;
    if (activity != Activity::Idle && activity != Activity::Summarizing) ended({});  // the session is left, say
    syncActions();
}

void SummaryPanel::ended(const std::optional<int>& id) {
    if (!m_making) return;
    m_making = false;
    if (id) m_shown = *id;
    fill();
    syncActions();
}

void SummaryPanel::clear() {
    m_more->stop();
    m_growing = nullptr;
    m_filled = 0;
    m_cards->clear();
}

SummaryCard* SummaryPanel::addCard(const QString& title, const QString& pages, bool lead) {
    auto* card = new SummaryCard(title, pages, lead, m_cards->page());
    connect(card, &SummaryCard::citationOpened, this, &SummaryPanel::citationOpened);
    m_cards->insert(lead ? 0 : m_cards->size(), card);
    return card;
}

void SummaryPanel::addDocument(const std::string& name) {
    auto* row = new QWidget(m_cards->page());
    auto* heading = new TextLabel(TextRole::Heading, text(name), row);
    heading->setWordWrap(true);
    makeColumn(row, 0, 0)->addWidget(heading);
    m_cards->insert(m_cards->size(), row);
}

/// The cards of the summary in sight, from the beginning.
void SummaryPanel::fill() {
    clear();
    m_filling = current() == nullptr ? Summary() : *current();
    m_cards->reveal(0);
    if (!m_filling.lead.empty())
        addCard(tr("In short"), {}, true)
            ->setText(text(m_filling.lead), m_filling.lead_citations, m_filling.quotes, false);
    addCards();
}

void SummaryPanel::addCards() {
    QElapsedTimer clock;
    clock.start();
    const bool several = severalDocuments(m_filling);
    for (; m_filled < m_filling.sections.size() && clock.elapsed() < kTurnMs; ++m_filled) {
        const SummarySection& section = m_filling.sections[m_filled];
        const bool opens = m_filled == 0 || section.document_id != m_filling.sections[m_filled - 1].document_id;
        if (several && opens) addDocument(section.document);
        addCard(text(section.title), pagesOf(section), false)
            ->setText(text(section.text), section.citations, m_filling.quotes, section.cut);
    }
    if (m_filled < m_filling.sections.size()) m_more->start();
}

void SummaryPanel::begin(const SummaryNews& news) {
    m_making = true;
    clear();
    m_cards->followEnd();
    m_filling = news.summary;
    m_planned = news.plan.sections;
    m_kept = news.plan.kept;
    m_progress->setRange(0, std::max(1, news.total));
    m_which->setCurrentIndex(-1);
    m_which->setPlaceholderText(tr("%1 · %2").arg(titleOf(news.summary), lengthText(news.summary.request.length)));
    syncActions();
}

/// The card that is being written.
SummaryCard* SummaryPanel::growing(const SummaryNews& news) {
    if (m_growing != nullptr) return m_growing;
    const bool lead = news.done >= news.total;
    m_growing = addCard(lead ? tr("In short") : text(m_planned[std::size_t(news.done)].title), {}, lead);
    return m_growing;
}

void SummaryPanel::show(const SummaryNews& news) {
    if (news.kind == SummaryEvent::Kind::Begin) begin(news);
    if (!m_making) return;
    const bool quotes = m_filling.quotes;
    if (news.kind == SummaryEvent::Kind::Text && !quotes) growing(news)->grow(text(news.text));
    if (news.kind == SummaryEvent::Kind::Section && news.section) {
        if (m_growing != nullptr) m_cards->remove(m_growing);
        m_growing = nullptr;
        m_filling.sections.push_back(*news.section);
        const std::size_t count = m_filling.sections.size();
        const SummarySection& section = m_filling.sections.back();
        if (count > 1 && section.document_id != m_filling.sections[count - 2].document_id)
            addDocument(section.document);
        addCard(text(section.title), pagesOf(section), false)
            ->setText(text(section.text), section.citations, quotes, section.cut);
    }
    m_progress->setValue(news.done);
    m_progress_text->setText(news.done < news.total ? tr("Section %1 of %2: %3")
                                                          .arg(news.done + 1)
                                                          .arg(news.total)
                                                          .arg(text(m_planned[std::size_t(news.done)].title))
                                                    : tr("All of it in short…"));
    m_progress_left->setText(news.seconds_left >= 1 ? tr("about %1 left").arg(durationText(news.seconds_left))
                                                    : QString());
}

void SummaryPanel::syncActions() {
    const Summary* summary = current();
    const bool idle = m_activity == Activity::Idle;
    m_progress_card->setVisible(m_making);
    m_which->setEnabled(!m_making && !m_summaries.empty());
    m_new->setEnabled(idle && m_can_make);
    const bool stopped = summary != nullptr && !summary->finished;
    m_again->setIcon(themedIcon(stopped ? "play" : "again"));
    m_again->setToolTip(stopped ? tr("Go on with the summary") : tr("Summarize again"));
    m_again->setAccessibleName(m_again->toolTip());
    m_again->setEnabled(summary != nullptr && idle && m_can_make);
    m_export->setEnabled(summary != nullptr && idle);
    m_remove->setEnabled(summary != nullptr && idle && m_can_change);
    m_copy->setEnabled(summary != nullptr);
    for (std::size_t i = 0; i < m_summaries.size() && !m_making; ++i)
        if (m_summaries[i].id == m_shown) m_which->setCurrentIndex(int(i));
    QString facts;
    if (m_making && m_kept > 0) facts = tr("Going on after %1 sections that were kept.").arg(m_kept);
    if (summary == nullptr && !m_making) facts = tr("No summary has been made in this session yet.");
    if (summary != nullptr) {
        facts = summary->quotes ? tr("Sentences of the text, chosen by %1.").arg(text(summary->model))
                                : tr("Written by %1 from one section at a time.").arg(text(summary->model));
        facts += ' ' + tr("%1 tokens of documents reused, %2 new, in %3.")
                           .arg(countText(summary->ledger.tokens_reused), countText(summary->ledger.tokens_new),
                                durationText(std::max(1.0, summary->ledger.seconds)));
        if (!summary->finished)
            facts += ' ' + tr("Stopped after %1 of %2 sections.").arg(summary->sections.size()).arg(summary->planned);
    }
    m_facts->setText(facts);
    m_facts->setVisible(!facts.isEmpty());
}

QString SummaryPanel::asText() const {
    const Summary* summary = current();
    if (summary == nullptr) return {};
    QString all;
    if (!summary->lead.empty()) all = text(summary->lead) + "\n\n";
    for (const SummarySection& section : summary->sections)
        all += QString("## %1 (%2)\n\n%3\n\n").arg(text(section.title), pagesOf(section), text(section.text));
    return all.trimmed() + '\n';
}

void SummaryPanel::copy() const {
    QApplication::clipboard()->setText(asText());
}

}  // namespace lectern::ui
