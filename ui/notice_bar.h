// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <functional>

#include "engine/base/result.h"

class QLabel;
class QPushButton;

namespace lectern::ui {

/// A sentence or two above the content, with at most one thing to do about it; hidden until show*() is called.
class NoticeBar final : public QFrame {
    Q_OBJECT
public:
    enum class Kind { Info, Problem };
    explicit NoticeBar(QWidget* parent = nullptr);

    void showNotice(Kind kind, const QString& message, const QString& action = {}, std::function<void()> act = {});
    /// What the engine could not do, with its own sentence as details where that is put in other words here.
    void showProblem(const Error& error, const QString& action = {}, std::function<void()> act = {});
    void setDetails(const QString& details);  ///< of the notice shown, on request
    QString message() const;

protected:
    void changeEvent(QEvent* event) override;

private:
    void repaintIcon();
    Kind m_kind = Kind::Info;
    QLabel* m_icon;
    QLabel* m_message;
    QLabel* m_details;
    QPushButton* m_more;
    QPushButton* m_action;
    std::function<void()> m_act;
};

}  // namespace lectern::ui
