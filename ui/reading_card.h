// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

#include "ui/values.h"

class QProgressBar;
class QPushButton;

namespace lectern::ui {

class ElidedLabel;
class TextLabel;

/// Above the conversation while documents are not all read: progress with cancel, or a pause with resume.
class ReadingCard final : public QFrame {
    Q_OBJECT
public:
    explicit ReadingCard(QWidget* parent = nullptr);
    void showStarting();
    void showProgress(const IngestEvent& event);
    void showPaused(std::uint64_t tokens_read);

signals:
    void cancel();
    void resume();

private:
    void setRunning(bool running);
    TextLabel* m_title;
    ElidedLabel* m_document;
    TextLabel* m_facts;
    QProgressBar* m_bar;
    QPushButton* m_cancel;
    QPushButton* m_resume;
};

}  // namespace lectern::ui
