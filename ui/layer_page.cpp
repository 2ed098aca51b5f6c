// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/layer_page.h"

#include <QComboBox>

#include "ui/figure.h"
#include "ui/format.h"
#include "ui/heat_map_view.h"
#include "ui/plot_view.h"
#include "ui/widgets.h"

namespace lectern::ui {
namespace {

constexpr std::array<int, 6> kHeights = {190, 190, 150, 150, 150, 150};
constexpr std::array<const char*, 6> kNames = {"channelPlot",          "histogramPlot",        "codesPlot",
                                               "outliersPerTokenPlot", "outliersOverTimePlot", "driftOverTimePlot"};

}  // namespace

LayerPage::LayerPage(FigureSaver* saver, QWidget* parent) : QScrollArea(parent), m_saver(saver) {
    setObjectName("layerPage");
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::NoFocus);
    auto* page = new QWidget(this);
    auto* column = makeColumn(page, 12, 6);
    column->setContentsMargins(12, 8, 12, 12);
    column->addWidget(makeHead());
    m_map = new HeatMapView(page);
    column->addWidget(m_map);
    column->addSpacing(8);
    m_layer = new TextLabel(TextRole::Heading, {}, page);
    m_layer->setObjectName("chosenLayer");
    m_facts = new TextLabel(TextRole::Muted, {}, page);
    m_facts->setObjectName("layerFacts");
    m_facts->setWordWrap(true);
    column->addWidget(m_layer);
    column->addWidget(m_facts);
    makePlots();
    for (PlotView* plot : m_plots) {
        column->addSpacing(10);
        column->addWidget(plot);
    }
    column->addStretch();
    setWidget(page);
    connect(m_map, &HeatMapView::chosen, this, &LayerPage::showLayer);
}

QWidget* LayerPage::makeHead() {
    auto* box = new QWidget(this);
    auto* column = makeColumn(box, 0, 4);
    auto* row = makeRow(6);
    m_measure = new QComboBox(box);
    m_measure->setObjectName("layerMeasure");
    m_measure->setAccessibleName(tr("What the map shows"));
    for (int i = 0; i < kLayerMeasures; ++i) m_measure->addItem(measureName(LayerMeasure(i)));
    row->addWidget(m_measure);
    row->addStretch();
    auto* button = makeExportButton(tr("the map"), true, box,
                                    [this](FigureFormat format) { m_saver->save(m_map->figure(), format); });
    button->setObjectName("exportMap");
    row->addWidget(button);
    column->addLayout(row);
    m_note = new TextLabel(TextRole::Small, {}, box);
    m_note->setWordWrap(true);
    column->addWidget(m_note);
    connect(m_measure, &QComboBox::currentIndexChanged, this, &LayerPage::showMap);
    return box;
}

void LayerPage::makePlots() {
    for (std::size_t i = 0; i < m_plots.size(); ++i) {
        m_plots[i] = new PlotView(kHeights[i], this);
        m_plots[i]->setObjectName(kNames[i]);
        connect(m_plots[i], &PlotView::exportWanted, m_saver, &FigureSaver::save);
    }
}

void LayerPage::setStatistics(Statistics statistics, std::vector<double> attention, const KvSettings& kv,
                              int head_dim) {
    if (statistics == m_statistics && attention == m_attention) return;
    m_statistics = std::move(statistics);
    m_attention = std::move(attention);
    m_kv = kv;
    m_head_dim = head_dim;
    showMap();
    showLayer();
}

void LayerPage::showMap() {
    if (!m_statistics) return;
    const auto measure = LayerMeasure(m_measure->currentIndex());
    const bool asked = measure != LayerMeasure::Attention || !m_attention.empty();
    m_note->setText(asked ? measureNote(measure)
                          : tr("Ask something: this then shows how much each layer looks at the documents."));
    m_map->setData(heatMapOf(*m_statistics, m_attention, measure));
}

void LayerPage::showLayer() {
    const auto [layer, kind] = m_map->selected();
    const LayerStatistics& both = (*m_statistics)[std::size_t(layer)];
    const KvStatistics& s = kind == 0 ? both.keys : both.values;
    const int bits = kind == 0 ? m_kv.keyBits(layer) : m_kv.valueBits(layer);
    m_layer->setText(kind == 0 ? tr("Layer %1, keys").arg(layer) : tr("Layer %1, values").arg(layer));
    QStringList facts = {tr("%1 bits").arg(bits), tr("%1 tokens").arg(countText(s.tokens))};
    if (s.tokens > 0) facts << tr("%1 outliers").arg(plotNumber(s.outlier_share, PlotUnit::Share));
    if (s.snr_db > 0) facts << tr("%1 dB").arg(plotNumber(s.snr_db));
    if (s.sampled > 0) facts << tr("measured on %1").arg(countText(s.sampled));
    m_facts->setText(bits == 16 ? tr("Kept in fp16 by this session's setting: nothing is quantized here.")
                                : facts.join(" · "));
    const std::array<Plot, 6> plots = {channelPlot(s, m_head_dim), histogramPlot(s),        codesPlot(s),
                                       outliersPerTokenPlot(s),    outliersOverTimePlot(s), driftOverTimePlot(s)};
    const std::array<QString, 6> notes = {
        tr("Dotted lines part the heads."), tr("The outermost bars hold all that lies further out."), {}, {}, {}, {}};
    for (std::size_t i = 0; i < plots.size(); ++i) {
        m_plots[i]->setVisible(bits != 16);
        m_plots[i]->setPlot(plots[i], notes[i]);
    }
}

}  // namespace lectern::ui
