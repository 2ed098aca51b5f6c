// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot_view.h"

#include <QApplication>
#include <QPainter>

#include "ui/plot_canvas.h"
#include "ui/plot_painter.h"
#include "ui/theme.h"
#include "ui/widgets.h"

namespace lectern::ui {

PlotView::PlotView(int height, QWidget* parent) : QWidget(parent) {
    auto* column = makeColumn(this, 0, 2);
    auto* head = makeRow(4);
    m_title = new TextLabel(TextRole::Heading, {}, this);
    m_export = makeExportButton({}, true, this, [this](FigureFormat format) { emit exportWanted(figure(), format); });
    head->addWidget(m_title, 1);
    head->addWidget(m_export);
    column->addLayout(head);
    m_note = new TextLabel(TextRole::Small, {}, this);
    m_note->setWordWrap(true);
    column->addWidget(m_note);
    m_canvas = new PlotCanvas(this);
    m_canvas->setFixedHeight(height);
    column->addWidget(m_canvas);
}

void PlotView::setPlot(const Plot& plot, const QString& note) {
    m_note->setText(note);
    m_note->setVisible(!note.isEmpty());
    m_title->setText(plot.title);
    const QString name = FigureSaver::tr("Export %1").arg(plot.title);
    m_export->setAccessibleName(name);
    m_export->setToolTip(name);
    m_export->setEnabled(plot.hasNumbers());
    m_canvas->setPlot(plot);
}

void PlotView::setLegend(bool shown) {
    m_canvas->setLegend(shown);
}

const Plot& PlotView::plot() const {
    return m_canvas->plot();
}

Figure PlotView::figure() const {
    const auto paint = [shown = plot(), font = QApplication::font()](QPainter& painter, const QRectF& area) {
        paintPlot(painter, area, shown, {lightColors(), font, -1, true, true});
    };
    return {plot().title, {720, 400}, paint, csvOf(plot())};
}

}  // namespace lectern::ui
