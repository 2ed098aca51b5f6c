// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/notice_bar.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QStyle>

#include "ui/theme.h"
#include "ui/themed_icon.h"
#include "ui/widgets.h"

namespace lectern::ui {

NoticeBar::NoticeBar(QWidget* parent) : QFrame(parent) {
    setProperty("notice", true);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(12, 8, 8, 8);
    row->setSpacing(10);
    m_icon = new QLabel(this);
    m_message = new QLabel(this);
    m_message->setObjectName("noticeMessage");
    m_message->setTextFormat(Qt::PlainText);
    m_message->setWordWrap(true);
    m_message->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_action = new QPushButton(this);
    m_action->setObjectName("noticeAction");
    auto* dismiss = makeIconButton("close", tr("Dismiss"), this);
    row->addWidget(m_icon);
    row->addWidget(m_message, 1);
    row->addWidget(m_action);
    row->addWidget(dismiss);
    connect(dismiss, &QToolButton::clicked, this, &QWidget::hide);
    connect(m_action, &QPushButton::clicked, this, [this] {
        hide();
        if (const auto act = m_act) act();
    });
    hide();
}

void NoticeBar::showNotice(Kind kind, const QString& message, const QString& action, std::function<void()> act) {
    m_kind = kind;
    setProperty("problem", kind == Kind::Problem);
    style()->polish(this);
    m_message->setText(message);
    setAccessibleName(message);
    setDetails({});
    m_action->setText(action);
    m_action->setVisible(!action.isEmpty());
    m_act = std::move(act);
    repaintIcon();
    show();
}

void NoticeBar::setDetails(const QString& details) {
    m_message->setToolTip(details);
    setAccessibleDescription(details);
}

QString NoticeBar::message() const {
    return m_message->text();
}

void NoticeBar::repaintIcon() {
    const ThemeColors& colors = themeColors();
    const bool problem = m_kind == Kind::Problem;
    m_icon->setPixmap(
        iconPixmap(problem ? "warning" : "info", problem ? colors.bad : colors.accent, 20, devicePixelRatioF()));
}

void NoticeBar::changeEvent(QEvent* event) {
    QFrame::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && isVisible()) repaintIcon();
}

}  // namespace lectern::ui
