// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <functional>

class QLabel;
class QPushButton;

namespace lectern::ui {

/// One sentence above the content, with at most one thing to do about it; hidden until show*() is called.
class NoticeBar final : public QFrame {
    Q_OBJECT
public:
    enum class Kind { Info, Problem };
    explicit NoticeBar(QWidget* parent = nullptr);

    void showNotice(Kind kind, const QString& message, const QString& action = {}, std::function<void()> act = {});
    void setDetails(const QString& details);  ///< of the notice shown, as a tool tip
    QString message() const;

protected:
    void changeEvent(QEvent* event) override;

private:
    void repaintIcon();
    Kind m_kind = Kind::Info;
    QLabel* m_icon;
    QLabel* m_message;
    QPushButton* m_action;
    std::function<void()> m_act;
};

}  // namespace lectern::ui
