// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/selection_bar.h"

#include "ui/themed_icon.h"
#include "ui/widgets.h"

namespace lectern::ui {
namespace {

constexpr int kGap = 6;

}  // namespace

SelectionBar::SelectionBar(QWidget* viewport) : QFrame(viewport) {
    setProperty("card", true);
    setObjectName("selectionBar");
    setCursor(Qt::ArrowCursor);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(4, 3, 4, 3);
    row->setSpacing(2);
    const auto button = [&](const char* icon, const QString& text, const char* name) {
        auto* made = new QToolButton(this);
        made->setObjectName(name);
        made->setIcon(themedIcon(icon));
        made->setText(text);
        made->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
        made->setProperty("flat", true);
        row->addWidget(made);
        return made;
    };
    connect(button("send", tr("Ask about this"), "askAboutSelection"), &QToolButton::clicked, this, &SelectionBar::ask);
    connect(button("copy", tr("Copy"), "copySelection"), &QToolButton::clicked, this, &SelectionBar::copy);
    hide();
}

void SelectionBar::showAt(const QRect& selected) {
    adjustSize();
    const QWidget* viewport = parentWidget();
    int y = selected.bottom() + kGap;
    if (y + height() > viewport->height()) y = selected.top() - height() - kGap;
    const int x = qBound(kGap, selected.left(), qMax(kGap, viewport->width() - width() - kGap));
    move(x, qBound(kGap, y, qMax(kGap, viewport->height() - height() - kGap)));
    show();
    raise();
}

}  // namespace lectern::ui
