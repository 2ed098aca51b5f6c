// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <functional>

#include "ui/services.h"

class QTimer;

namespace lectern::ui {

/// The memory of this machine, or of a device in it, as a bar: what the session holds, what all else holds, what is
/// free. Looks every two seconds while it is in sight. GUI thread.
class MemoryGauge final : public QWidget {
    Q_OBJECT
public:
    explicit MemoryGauge(QWidget* parent = nullptr);

    void setName(const QString& name);  ///< of a device; without one it is the machine

    void setSource(std::function<MachineMemory()> source);  ///< none: the gauge stays hidden
    void setOwn(std::uint64_t bytes);                       ///< of the session and its model
    QString words() const;
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    void look();

    std::function<MachineMemory()> m_source;
    MachineMemory m_machine;
    QString m_name;
    std::uint64_t m_own = 0;
    QTimer* m_timer;
};

}  // namespace lectern::ui
