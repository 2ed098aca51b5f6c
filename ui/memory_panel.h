// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QScrollArea>
#include <array>

#include "ui/session_controller.h"

namespace lectern::ui {

class FidelityCard;
class MemoryChart;
class TextLabel;

/// How much memory the cache takes and what compression saves: ratio, chart over time, the ledger in numbers; and what
/// it costs in fidelity.
class MemoryPanel final : public QScrollArea {
    Q_OBJECT
public:
    explicit MemoryPanel(QWidget* parent = nullptr);

    void setSession(const std::optional<SessionSnapshot>& session);
    void setActivity(Activity activity);
    void showLedger(const MemoryLedger& ledger);
    void showShare(double share);  ///< of a fidelity check in progress
    std::size_t samples() const;   ///< in the chart
    QString ratioText() const;

signals:
    void checkFidelity();
    void calibrate();

private:
    void showNumbers(const MemoryLedger& ledger);
    QWidget* makeNumbers();

    static constexpr std::size_t kRows = 10;
    std::filesystem::path m_file;
    TextLabel* m_ratio;
    TextLabel* m_caption;
    TextLabel* m_comparison;
    MemoryChart* m_chart;
    FidelityCard* m_fidelity;
    std::array<TextLabel*, kRows> m_numbers{};
};

}  // namespace lectern::ui
