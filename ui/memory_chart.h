// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QChartView>
#include <QElapsedTimer>
#include <array>
#include <vector>

#include "engine/kv/ledger.h"

class QAreaSeries;
class QLineSeries;
class QTimer;
class QValueAxis;

namespace lectern::ui {

/// Bytes of the cache by kind, stacked, over time, with what an fp16 cache would take as a dashed line. GUI thread.
class MemoryChart final : public QChartView {
    Q_OBJECT
public:
    explicit MemoryChart(QWidget* parent = nullptr);

    void clear();
    void add(const MemoryLedger& ledger);  ///< at the present moment
    std::size_t samples() const { return m_samples.size(); }

protected:
    void changeEvent(QEvent* event) override;

private:
    static constexpr std::size_t kKinds = 5;
    struct Sample {
        double seconds = 0;
        std::array<double, kKinds> stacked{};  ///< bytes up to and with each kind
        double fp16 = 0;
    };
    void thinOut();
    void redraw();
    void recolor();

    QElapsedTimer m_clock;
    QTimer* m_redraw;               ///< a few times a second are enough
    std::vector<Sample> m_samples;  ///< at most 600; older ones are thinned out
    std::array<QLineSeries*, kKinds + 1> m_lines{};
    std::array<QAreaSeries*, kKinds> m_areas{};
    QLineSeries* m_fp16;
    QValueAxis* m_time;
    QValueAxis* m_bytes;
};

}  // namespace lectern::ui
