// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/notice_bar.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QStyle>

#include "ui/error_words.h"
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
    auto* words = makeColumn(nullptr, 0, 4);
    const auto addWords = [&](const char* name) {
        auto* label = new QLabel(this);
        label->setObjectName(name);
        label->setTextFormat(Qt::PlainText);
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
        words->addWidget(label);
        return label;
    };
    m_message = addWords("noticeMessage");
    m_details = addWords("noticeDetails");
    m_more = makeLinkButton(tr("Details"), this);
    m_more->setObjectName("noticeMore");
    m_more->setCheckable(true);
    m_action = new QPushButton(this);
    m_action->setObjectName("noticeAction");
    auto* dismiss = makeIconButton("close", tr("Dismiss"), this);
    row->addWidget(m_icon);
    row->addLayout(words, 1);
    row->addWidget(m_more);
    row->addWidget(m_action);
    row->addWidget(dismiss);
    connect(dismiss, &QToolButton::clicked, this, &QWidget::hide);
    connect(m_more, &QPushButton::toggled, m_details, &QWidget::setVisible);
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

void NoticeBar::showProblem(const Error& error, const QString& action, std::function<void()> act) {
    showNotice(Kind::Problem, errorText(error), action, std::move(act));
    setDetails(errorDetails(error));
}

void NoticeBar::setDetails(const QString& details) {
    m_details->setText(details);
    m_details->hide();
    m_more->setChecked(false);
    m_more->setVisible(!details.isEmpty());
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
