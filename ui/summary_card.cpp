// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/summary_card.h"

#include <QTimer>
#include <QVBoxLayout>

#include "ui/answer_view.h"
#include "ui/citation_chip.h"
#include "ui/format.h"
#include "ui/widgets.h"

namespace lectern::ui {
namespace {

constexpr int kRefreshMs = 40;
constexpr int kMostName = 160;  ///< pixels of a document's name

}  // namespace

SummaryCard::SummaryCard(const QString& title, const QString& pages, bool lead, QWidget* parent)
    : QFrame(parent), m_lead(lead) {
    setProperty("card", true);
    setObjectName("summaryCard");
    setAccessibleName(title);
    m_column = makeColumn(this, 0, 8);
    m_column->setContentsMargins(16, 12, 16, 14);
    auto* row = makeRow(8);
    auto* heading = new TextLabel(TextRole::Heading, title, this);
    heading->setWordWrap(true);
    row->addWidget(heading, 1);
    row->addWidget(new TextLabel(TextRole::Small, pages, this), 0, Qt::AlignTop);
    m_column->addLayout(row);
    m_note = new TextLabel(TextRole::Muted, tr("Reading…"), this);
    m_note->setWordWrap(true);
    m_column->addWidget(m_note);
    m_view = new AnswerView(this);
    m_view->hide();
    m_column->addWidget(m_view);
    m_refresh = new QTimer(this);
    m_refresh->setSingleShot(true);
    m_refresh->setInterval(kRefreshMs);
    connect(m_refresh, &QTimer::timeout, this, [this] {
        m_view->setAnswer(m_text);
        m_view->show();
        m_note->hide();
    });
}

void SummaryCard::grow(const QString& text) {
    m_text += text;
    if (!m_refresh->isActive()) m_refresh->start();
}

/// The page of a sentence; a lead may take from several documents and names them.
QWidget* SummaryCard::makeLink(const Citation& citation) {
    const QString page = pageName(citation), document = ui::text(citation.document);
    auto* link = makeLinkButton(
        m_lead ? fontMetrics().elidedText(document, Qt::ElideMiddle, kMostName) + ' ' + page : page, this);
    link->setObjectName("summaryCitation");
    link->setAccessibleName(document + ' ' + page);
    link->setToolTip(tr("Show this sentence in %1").arg(document));
    connect(link, &QAbstractButton::clicked, this, [this, citation] { emit citationOpened(citation); });
    return link;
}

void SummaryCard::showSentences(const QString& text, const std::vector<Citation>& citations) {
    const QStringList lines = text.split('\n', Qt::SkipEmptyParts);
    for (int i = 0; i < int(lines.size()); ++i) {
        auto* row = makeRow(12);
        auto* sentence = new QLabel(lines[i].startsWith("- ") ? lines[i].mid(2) : lines[i], this);
        sentence->setTextFormat(Qt::PlainText);
        sentence->setWordWrap(true);
        sentence->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
        row->addWidget(sentence, 1);
        if (std::size_t(i) < citations.size()) row->addWidget(makeLink(citations[std::size_t(i)]), 0, Qt::AlignTop);
        m_column->addLayout(row);
    }
}

void SummaryCard::showWords(const std::vector<Citation>& citations) {
    m_view->setAnswer(m_text);
    m_view->show();
    if (citations.empty()) return;
    auto* chips = new QWidget(this);
    auto* flow = new FlowLayout(6);
    chips->setLayout(flow);
    for (const Citation& citation : citations) {
        auto* chip = new CitationChip(citation, chips);
        chip->setObjectName("summaryCitation");
        connect(chip, &QAbstractButton::clicked, this, [this, citation] { emit citationOpened(citation); });
        flow->addWidget(chip);
    }
    m_column->addWidget(chips);
}

void SummaryCard::setText(const QString& markdown, const std::vector<Citation>& citations, bool quotes, bool cut) {
    m_refresh->stop();
    m_text = markdown;
    m_note->setVisible(markdown.isEmpty() || (cut && !quotes));
    m_note->setText(!markdown.isEmpty() ? tr("Cut off at the most tokens.")
                    : quotes            ? tr("Nothing here can be quoted as a sentence.")
                                        : tr("The model had nothing to say."));
    m_view->hide();
    if (markdown.isEmpty()) return;
    quotes ? showSentences(markdown, citations) : showWords(citations);
}

}  // namespace lectern::ui
