// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/summary_dialog.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QHeaderView>
#include <QTreeWidget>
#include <algorithm>
#include <utility>

#include "ui/format.h"
#include "ui/widgets.h"

namespace lectern::ui {
namespace {

constexpr int kColumnTitle = 0, kColumnPages = 1, kColumnTokens = 2;

QString pagesOf(const PlannedSection& section) {
    const int first = section.first_page + 1, last = section.last_page + 1;
    return first == last ? QString::number(first) : QString("%1–%2").arg(first).arg(last);
}

}  // namespace

SummaryDialog::SummaryDialog(const SessionSnapshot& session, const std::optional<SummaryPart>& part,
                             SummaryLength length, QWidget* parent)
    : QDialog(parent) {
    setObjectName("summaryDialog");
    setWindowTitle(tr("Summarize"));
    auto* column = makeColumn(this, 18, 12);
    column->addWidget(new TextLabel(TextRole::Heading, tr("Summarize"), this));
    m_what = new QComboBox(this);
    m_what->setObjectName("summaryWhat");
    m_what->setAccessibleName(tr("What to summarize"));
    m_what->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_what->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_length = new QComboBox(this);
    m_length->setObjectName("summaryLength");
    m_length->setAccessibleName(tr("Length"));
    m_length->addItems({tr("Short: a sentence or two for each chapter"), tr("Medium: the main points of each section"),
                        tr("Long: every section in some detail")});
    m_length->setCurrentIndex(int(length));
    m_length->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    auto* form = new QFormLayout;
    form->setHorizontalSpacing(14);
    form->setVerticalSpacing(8);
    form->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
    form->addRow(tr("&What"), m_what);
    form->addRow(tr("&Length"), m_length);
    column->addLayout(form);
    m_facts = new TextLabel(TextRole::Muted, {}, this);
    m_facts->setObjectName("summaryFacts");
    m_facts->setWordWrap(true);
    column->addWidget(m_facts);
    m_sections = makeTree(this);
    m_sections->setObjectName("summaryPlan");
    m_sections->setAccessibleName(tr("Sections of the summary"));
    m_sections->setHeaderLabels({tr("Section"), tr("Pages"), tr("Tokens")});
    m_sections->setRootIsDecorated(false);
    m_sections->setUniformRowHeights(true);
    m_sections->header()->setStretchLastSection(false);
    m_sections->header()->setSectionResizeMode(kColumnTitle, QHeaderView::Stretch);
    m_sections->header()->setSectionResizeMode(kColumnPages, QHeaderView::ResizeToContents);
    m_sections->header()->setSectionResizeMode(kColumnTokens, QHeaderView::ResizeToContents);
    for (const int number : {kColumnPages, kColumnTokens})
        m_sections->headerItem()->setTextAlignment(number, Qt::AlignRight | Qt::AlignVCenter);
    column->addWidget(m_sections, 1);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    m_start = makePrimaryButton(tr("Summarize"), this);
    m_start->setObjectName("startSummary");
    buttons->addButton(m_start, QDialogButtonBox::AcceptRole);
    column->addWidget(buttons);
    addChoices(session, part);
    showProblem(tr("Planning…"));
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_what, &QComboBox::currentIndexChanged, this, &SummaryDialog::askForPlan);
    connect(m_length, &QComboBox::currentIndexChanged, this, &SummaryDialog::askForPlan);
    resize(560, 480);
}

/// The whole set, each document that is in the context and not off, and the entries of outlines below theirs.
void SummaryDialog::addChoices(const SessionSnapshot& session, const std::optional<SummaryPart>& part) {
    m_what->addItem(tr("All documents"));
    for (const DocumentEntry& entry : session.documents) {
        if (!entry.info.on || entry.pagesInContext() == 0) continue;
        m_names[entry.info.id] = text(entry.info.name);
        m_what->addItem(text(entry.info.name));
        m_parts.push_back({entry.info.name, -1});
        const auto& outline = entry.info.outline;
        for (std::size_t i = 0; i < outline.size(); ++i) {
            m_what->addItem(QString(4 * (outline[i].level + 1), ' ') + text(outline[i].title));
            m_parts.push_back({entry.info.name, int(i)});
        }
    }
    if (!part) return;
    const auto chosen = std::find(m_parts.begin(), m_parts.end(), *part);
    if (chosen != m_parts.end()) m_what->setCurrentIndex(int(chosen - m_parts.begin()) + 1);
}

SummaryRequest SummaryDialog::request() const {
    SummaryRequest request;
    request.length = SummaryLength(m_length->currentIndex());
    if (m_what->currentIndex() > 0) request.parts = {m_parts[std::size_t(m_what->currentIndex()) - 1]};
    return request;
}

void SummaryDialog::askForPlan() {
    showProblem(tr("Planning…"));
    emit planWanted(request());
}

void SummaryDialog::showPlan(const SummaryPlan& plan) {
    m_sections->clear();
    QList<QTreeWidgetItem*> items;
    const bool several = std::any_of(plan.sections.begin(), plan.sections.end(), [&](const PlannedSection& section) {
        return section.document != plan.sections.front().document;
    });
    int document = -1;
    for (const PlannedSection& section : plan.sections) {
        if (several && section.document != std::exchange(document, section.document)) {
            auto* heading = new QTreeWidgetItem({m_names[section.document]});
            QFont bold = font();
            bold.setBold(true);
            heading->setFont(kColumnTitle, bold);
            heading->setFlags(Qt::ItemIsEnabled);
            items << heading;
        }
        auto* item = new QTreeWidgetItem({QString(2 * std::max(0, section.level - 1), ' ') + text(section.title),
                                          pagesOf(section), countText(section.token_end - section.token_begin)});
        for (const int number : {kColumnPages, kColumnTokens})
            item->setTextAlignment(number, Qt::AlignRight | Qt::AlignVCenter);
        items << item;
    }
    m_sections->addTopLevelItems(items);
    QString facts = plan.sections.size() == 1 ? tr("1 section") : tr("%1 sections").arg(plan.sections.size());
    if (plan.kept > 0) facts += tr(" (%1 of them are there already: it goes on after them)").arg(plan.kept);
    if (plan.lead) facts += tr(", and a lead over all of them");
    if (plan.seconds > 0) facts += tr("; about %1 on this machine").arg(durationText(std::max(1.0, plan.seconds)));
    m_facts->setText(
        tr("%1. %2").arg(facts, plan.quotes ? tr("This model quotes: it chooses sentences of the text, word for word.")
                                            : tr("The model writes in its own words, from one section at a time.")));
    m_start->setText(plan.kept > 0 ? tr("Go on") : tr("Summarize"));
    m_start->setEnabled(true);
}

void SummaryDialog::showProblem(const QString& sentence) {
    m_sections->clear();
    m_facts->setText(sentence);
    m_start->setEnabled(false);
}

}  // namespace lectern::ui
