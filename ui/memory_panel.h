// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QScrollArea>
#include <array>

#include "ui/values.h"

namespace lectern::ui {

class MemoryChart;
class TextLabel;

/// How much memory the cache takes and what compression saves: ratio, chart over time, the ledger in numbers.
class MemoryPanel final : public QScrollArea {
    Q_OBJECT
public:
    explicit MemoryPanel(QWidget* parent = nullptr);

    void setSession(const std::optional<SessionSnapshot>& session);
    void showLedger(const MemoryLedger& ledger);
    std::size_t samples() const;  ///< in the chart
    QString ratioText() const;

private:
    void showNumbers(const MemoryLedger& ledger);
    QWidget* makeNumbers();

    static constexpr std::size_t kRows = 10;
    std::filesystem::path m_file;
    TextLabel* m_ratio;
    TextLabel* m_caption;
    TextLabel* m_comparison;
    MemoryChart* m_chart;
    std::array<TextLabel*, kRows> m_numbers{};
};

}  // namespace lectern::ui
