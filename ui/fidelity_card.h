// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "ui/session_controller.h"

class QPushButton;

namespace lectern::ui {

class GradeBadge;
class TextLabel;

/// What compression changes in this session's answers: the last fidelity check, whether the model is calibrated, and
/// buttons that ask for either. Shows what it is given; asks by signals.
class FidelityCard final : public QWidget {
    Q_OBJECT
public:
    explicit FidelityCard(QWidget* parent = nullptr);

    void setSession(const std::optional<SessionSnapshot>& session);
    void setActivity(Activity activity);
    void showShare(double share);  ///< of the check in progress

signals:
    void check();
    void calibrate();

private:
    void sync();

    std::optional<SessionSnapshot> m_session;
    Activity m_activity = Activity::Idle;
    GradeBadge* m_badge;
    TextLabel* m_result;
    TextLabel* m_warning;
    TextLabel* m_calibration;
    QPushButton* m_check;
    QPushButton* m_calibrate;
};

}  // namespace lectern::ui
