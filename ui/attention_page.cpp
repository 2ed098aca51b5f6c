// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/attention_page.h"

#include <QComboBox>
#include <QSignalBlocker>
#include <algorithm>
#include <functional>

#include "ui/figure.h"
#include "ui/format.h"
#include "ui/plot_colors.h"
#include "ui/plot_view.h"
#include "ui/widgets.h"

namespace lectern::ui {
namespace {

constexpr std::size_t kNamed = kCategoryColors - 1;  ///< documents with a colour of their own

/// A document over all answers.
struct Row {
    int id = 0;
    QString name;
    double sum = 0;
    std::vector<double> shares;  ///< [answers]
};

/// In the order in which documents lie in the context.
std::vector<Row> rowsOf(const std::vector<const Message*>& answers) {
    std::vector<Row> rows;
    for (std::size_t answer = 0; answer < answers.size(); ++answer) {
        for (const DocumentShare& part : answers[answer]->documents) {
            auto row =
                std::find_if(rows.begin(), rows.end(), [&](const Row& one) { return one.id == part.document_id; });
            if (row == rows.end())
                row = rows.insert(row,
                                  {part.document_id, text(part.document), 0, std::vector<double>(answers.size(), 0.0)});
            row->shares[answer] = part.share;
            row->sum += part.share;
        }
    }
    return rows;
}

/// Keeps the `most` rows with the largest sums in their order, and adds the rest up in one more.
void joinSmall(std::vector<Row>& rows, std::size_t most) {
    if (rows.size() <= most + 1) return;
    std::vector<double> sums;
    for (const Row& row : rows) sums.push_back(row.sum);
    std::nth_element(sums.begin(), sums.begin() + std::ptrdiff_t(most - 1), sums.end(), std::greater<>());
    const double least = sums[most - 1];
    std::vector<Row> kept;
    Row others{-1, AttentionPage::tr("Other documents"), 0, std::vector<double>(rows[0].shares.size(), 0.0)};
    for (Row& row : rows) {
        if (row.sum >= least && kept.size() < most) {
            kept.push_back(std::move(row));
            continue;
        }
        for (std::size_t answer = 0; answer < row.shares.size(); ++answer) others.shares[answer] += row.shares[answer];
    }
    kept.push_back(std::move(others));
    rows = std::move(kept);
}

}  // namespace

Plot attentionPlot(const std::vector<Message>& messages) {
    Plot plot{.title = AttentionPage::tr("Attention by document"),
              .x_name = AttentionPage::tr("Answer"),
              .y_name = AttentionPage::tr("Share of attention"),
              .x = {},
              .series = {}};
    plot.empty = messages.empty()
                     ? AttentionPage::tr("Ask something: each answer then shows which documents it attended to.")
                     : AttentionPage::tr(
                           "These answers were given before their attention was kept by document; ask "
                           "again to see it.");
    plot.unit = PlotUnit::Share;
    plot.stacked = true;
    plot.x_step = 1;
    std::vector<const Message*> answers;
    for (std::size_t i = 0; i < messages.size(); ++i) {
        if (messages[i].documents.empty()) continue;
        answers.push_back(&messages[i]);
        plot.x.push_back(double(i + 1));
    }
    auto rows = rowsOf(answers);
    joinSmall(rows, kNamed);
    for (std::size_t i = 0; i < rows.size(); ++i)
        plot.series.push_back({rows[i].name, PlotShape::Bars, int(i), rows[i].shares});
    return plot;
}

AttentionPage::AttentionPage(FigureSaver* saver, QWidget* parent) : QWidget(parent) {
    auto* column = makeColumn(this, 12, 8);
    m_branch = new QComboBox(this);
    m_branch->setObjectName("attentionBranch");
    m_branch->setAccessibleName(tr("Conversation"));
    column->addWidget(m_branch, 0, Qt::AlignLeft);
    m_plot = new PlotView(320, this);
    m_plot->setObjectName("attentionPlot");
    column->addWidget(m_plot);
    column->addStretch();
    connect(m_branch, &QComboBox::currentIndexChanged, this, &AttentionPage::showBranch);
    connect(m_plot, &PlotView::exportWanted, saver, &FigureSaver::save);
    showBranch();
}

void AttentionPage::setBranches(Branches branches) {
    const auto index = std::size_t(std::max(0, m_branch->currentIndex()));
    const std::string now = index < m_branches->size() ? (*m_branches)[index].name : std::string();
    const auto same = [](const BranchInfo& a, const BranchInfo& b) { return a.name == b.name; };
    const bool keep = std::equal(branches->begin(), branches->end(), m_branches->begin(), m_branches->end(), same);
    m_branches = std::move(branches);
    if (keep) return showBranch();
    const QSignalBlocker quiet(m_branch);
    QStringList names;
    int shown = 0;
    for (const BranchInfo& branch : *m_branches) {
        if (branch.name == now) shown = int(names.size());
        names << (branch.name == "main" ? tr("Conversation") : text(branch.name));
    }
    m_branch->clear();
    m_branch->addItems(names);
    m_branch->setCurrentIndex(names.isEmpty() ? -1 : shown);
    m_branch->setVisible(names.size() > 1);
    showBranch();
}

void AttentionPage::showBranch() {
    const int index = m_branch->currentIndex();
    const bool known = index >= 0 && std::size_t(index) < m_branches->size();
    m_plot->setPlot(attentionPlot(known ? (*m_branches)[std::size_t(index)].messages : std::vector<Message>()),
                    tr("What the documents drew of the attention that went to them, over all layers and heads."));
}

}  // namespace lectern::ui
