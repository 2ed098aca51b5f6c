// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QScrollArea>
#include <memory>

#include "ui/heat_map.h"
#include "ui/statistics_plots.h"
#include "ui/values.h"

class QComboBox;

namespace lectern::ui {

class FigureSaver;
class HeatMapView;
class PlotView;
class TextLabel;

/// What quantization does to each layer: a heat map over layers, and the plots of the one chosen. GUI thread.
class LayerPage final : public QScrollArea {
    Q_OBJECT
public:
    explicit LayerPage(FigureSaver* saver, QWidget* parent = nullptr);

    /// `statistics` [layers], not empty. `attention`: of attentionByLayer().
    void setStatistics(Statistics statistics, std::vector<double> attention, const KvSettings& kv, int head_dim);

private:
    QWidget* makeHead();
    void makePlots();
    void showMap();
    void showLayer();

    Statistics m_statistics;
    std::vector<double> m_attention;
    KvSettings m_kv;
    int m_head_dim = 0;
    FigureSaver* m_saver;
    QComboBox* m_measure;
    TextLabel* m_note;
    HeatMapView* m_map;
    TextLabel* m_layer;
    TextLabel* m_facts;
    std::array<PlotView*, 6> m_plots{};
};

}  // namespace lectern::ui
