// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/reading_card.h"

#include <QProgressBar>
#include <QPushButton>

#include "ui/format.h"
#include "ui/widgets.h"

namespace lectern::ui {

ReadingCard::ReadingCard(QWidget* parent) : QFrame(parent) {
    setProperty("card", true);
    auto* column = makeColumn(this, 16, 8);
    auto* row = makeRow();
    m_title = new TextLabel(TextRole::Heading, {}, this);
    m_cancel = new QPushButton(tr("Cancel"), this);
    m_cancel->setObjectName("cancelReading");
    m_resume = makePrimaryButton(tr("Resume"), this);
    m_resume->setObjectName("resumeReading");
    row->addWidget(m_title, 1);
    row->addWidget(m_cancel);
    row->addWidget(m_resume);
    column->addLayout(row);
    m_document = new ElidedLabel({}, this);
    column->addWidget(m_document);
    m_bar = new QProgressBar(this);
    m_bar->setRange(0, 1000);
    m_bar->setTextVisible(false);
    m_bar->setAccessibleName(tr("Reading progress"));
    column->addWidget(m_bar);
    m_facts = new TextLabel(TextRole::Small, {}, this);
    m_facts->setWordWrap(true);
    column->addWidget(m_facts);
    connect(m_cancel, &QPushButton::clicked, this, &ReadingCard::cancel);
    connect(m_resume, &QPushButton::clicked, this, &ReadingCard::resume);
}

void ReadingCard::setRunning(bool running) {
    m_cancel->setVisible(running);
    m_resume->setVisible(!running);
    m_document->setVisible(running);
    m_bar->setVisible(running);
}

void ReadingCard::showStarting() {
    setRunning(true);
    m_title->setText(tr("Reading…"));
    m_document->setFullText({});
    m_bar->setValue(0);
    m_facts->setText(tr("You can look at the pages in the meantime; questions are answered when all is read."));
}

void ReadingCard::showProgress(const IngestEvent& event) {
    setRunning(true);
    const double share = event.tokens_total > 0 ? double(event.tokens) / double(event.tokens_total) : 0;
    m_title->setText(tr("Reading… %1").arg(percentText(share)));
    m_bar->setValue(int(share * 1000));
    if (!event.document.empty())
        m_document->setFullText(
            tr("%1 · page %2 of %3").arg(text(event.document)).arg(event.pages).arg(event.pages_total));
    QStringList facts = {tr("%1 of %2 tokens").arg(countText(event.tokens), countText(event.tokens_total))};
    if (event.tokens_per_s > 0) facts << rateText(event.tokens_per_s);
    if (event.seconds_left > 0) facts << tr("%1 left").arg(durationText(event.seconds_left));
    m_facts->setText(facts.join(" · "));
}

void ReadingCard::showPaused(std::uint64_t tokens_read) {
    setRunning(false);
    m_title->setText(tr("Reading is paused"));
    m_facts->setText(
        tr("%1 tokens are read and saved. Questions see only these until you resume.").arg(countText(tokens_read)));
}

}  // namespace lectern::ui
