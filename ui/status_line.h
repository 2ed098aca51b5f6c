// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "ui/session_controller.h"

class QProgressBar;
class QToolButton;

namespace lectern::ui {

class ElidedLabel;
class TextLabel;

/// The status bar's content: model, device, context used, what runs now with its speed, progress and cancel.
class StatusLine final : public QWidget {
    Q_OBJECT
public:
    explicit StatusLine(QWidget* parent = nullptr);

    void setDevice(const QString& device);
    void setSession(const std::optional<SessionSnapshot>& session);
    void setActivity(Activity activity);
    void showProgress(const IngestEvent& event);
    void showShare(double share);  ///< of the work in progress
    void showRate(double tokens_per_s);
    /// Of the session's cache, while it comes back and questions can be asked already; nothing: it does not.
    void setLoading(std::optional<double> share);
    void showReceipt(const QString& receipt);  ///< until other work begins

signals:
    void cancel();

private:
    void showDevice();
    void syncActivity();
    QString m_best_device;  ///< that the engine has
    Processor m_processor;  ///< of the session
    Activity m_now = Activity::Idle;
    std::optional<double> m_loading;
    ElidedLabel* m_model;
    TextLabel* m_device;
    TextLabel* m_context;
    TextLabel* m_activity;
    ElidedLabel* m_receipt;
    TextLabel* m_rate;
    QProgressBar* m_progress;
    QToolButton* m_cancel;
};

/// "812,344 tokens restored in 6.9 s; about 38 min of reading saved".
QString restoredText(const Restored& restored);

/// The device the engine works on, for people: "CPU, 16 cores, AVX-512".
QString describeDevice(const EngineFacts& facts, const QString& wanted);

}  // namespace lectern::ui
