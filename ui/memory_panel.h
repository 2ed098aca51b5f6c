// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QScrollArea>
#include <array>

#include "ui/memory_history.h"
#include "ui/session_controller.h"

class QCheckBox;
class QTimer;

namespace lectern::ui {

class FidelityCard;
class FigureSaver;
class MemoryGauge;
class PlotView;
class TextLabel;

/// How much memory model and cache take and what compression saves: ratio, chart over time, the ledger in numbers, the
/// machine's memory, bytes by layer; and what it costs in fidelity. GUI thread.
class MemoryPanel final : public QScrollArea {
    Q_OBJECT
public:
    explicit MemoryPanel(std::function<MachineMemory()> machine, QWidget* parent = nullptr);

    void setDevices(const std::vector<DeviceInfo>& devices);  ///< as they were when the engine started
    void setSession(const std::optional<SessionSnapshot>& session);
    void setActivity(Activity activity);
    void showLedger(const MemoryLedger& ledger);
    void showLayers(const Statistics& statistics);
    void showShare(double share);  ///< of a fidelity check in progress
    std::size_t samples() const { return m_history.size(); }
    QString ratioText() const;
    QSize minimumSizeHint() const override;  ///< nothing is cut off at the side

signals:
    void checkFidelity();
    void calibrate();
    void exported(const QString& file);
    void exportFailed(const QString& sentence);

private:
    void makeChart(QWidget* page, FigureSaver* saver);
    void redraw();
    void showNumbers(const MemoryLedger& ledger);
    QWidget* makeNumbers();
    void showDevice(const MemoryLedger& ledger);
    MachineMemory deviceMemory() const;

    static constexpr std::size_t kRows = 10;
    std::filesystem::path m_file;
    TextLabel* m_ratio;
    TextLabel* m_caption;
    TextLabel* m_device;  ///< what lies in the memory of a device that computes
    TextLabel* m_comparison;
    TextLabel* m_place;  ///< where the session's file lies
    MemoryHistory m_history;
    QElapsedTimer m_clock;  ///< since the session came
    QTimer* m_redraw;       ///< a few times a second are enough
    PlotView* m_chart;
    QCheckBox* m_weights;
    MemoryGauge* m_gauge;
    MemoryGauge* m_device_gauge;  ///< of the device that computes
    std::vector<DeviceInfo> m_devices;
    std::string m_processor;           ///< id of what computes
    std::uint64_t m_device_bytes = 0;  ///< of ours on it
    PlotView* m_layers;
    FidelityCard* m_fidelity;
    std::array<TextLabel*, kRows> m_numbers{};
};

}  // namespace lectern::ui
