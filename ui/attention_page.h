// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "ui/plot.h"
#include "ui/values.h"

class QComboBox;

namespace lectern::ui {

class FigureSaver;
class PlotView;

/// Stacked shares of attention, an answer at a time; the documents that drew most by name, the others together.
/// Answers whose shares were not kept are left out.
Plot attentionPlot(const std::vector<Message>& messages);

/// Which documents the answers of a conversation attended to. GUI thread.
class AttentionPage final : public QWidget {
    Q_OBJECT
public:
    explicit AttentionPage(FigureSaver* saver, QWidget* parent = nullptr);
    void setBranches(Branches branches);  ///< not null

private:
    void showBranch();

    Branches m_branches = std::make_shared<const std::vector<BranchInfo>>();
    QComboBox* m_branch;
    PlotView* m_plot;
};

}  // namespace lectern::ui
