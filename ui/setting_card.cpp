// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/setting_card.h"

#include <QPainter>

#include "ui/format.h"
#include "ui/theme.h"

namespace lectern::ui {

SettingCard::SettingCard(const QString& name, const QString& remark, QWidget* parent)
    : QAbstractButton(parent), m_remark(remark) {
    setText(name);
    setCheckable(true);
    setAutoExclusive(true);
    setAccessibleName(name);
    setAccessibleDescription(remark);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setCursor(Qt::PointingHandCursor);
    setAttribute(Qt::WA_Hover);
}

void SettingCard::setCost(const QString& bytes, double share) {
    m_bytes = bytes;
    m_share = share;
    setAccessibleDescription(tr("%1. %2").arg(bytes, m_remark));
    update();
}

void SettingCard::setQuality(const QString& measured) {
    m_quality = measured;
    setAccessibleDescription(tr("%1. %2").arg(m_bytes, measured.isEmpty() ? m_remark : measured));
    setToolTip({});
    update();
}

QSize SettingCard::sizeHint() const {
    return {150, fontMetrics().height() * 5 + 22};
}

void SettingCard::paintEvent(QPaintEvent*) {
    const ThemeColors& colors = themeColors();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const bool fits = m_share <= 1;
    painter.setPen(QPen(isChecked() || hasFocus() ? colors.accent : colors.border, isChecked() ? 2 : 1));
    painter.setBrush(isChecked() ? colors.accent_soft : underMouse() ? colors.sunken : colors.surface);
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 9, 9);
    const QRect body = rect().adjusted(12, 10, -12, -10);
    const int line = fontMetrics().height();
    QFont font = this->font();
    font.setWeight(QFont::DemiBold);
    painter.setFont(font);
    painter.setPen(colors.text);
    painter.drawText(body, Qt::AlignTop, text());
    font.setPointSizeF(font.pointSizeF() * 1.3);
    painter.setFont(font);
    painter.setPen(fits ? colors.text : colors.bad);
    painter.drawText(body.adjusted(0, line + 3, 0, 0), Qt::AlignTop, m_bytes);
    painter.setFont(this->font());
    painter.setPen(fits ? colors.muted : colors.bad);
    const QString remark = fits ? (m_quality.isEmpty() ? m_remark : m_quality) : tr("does not fit what is free");
    painter.drawText(body.adjusted(0, int(line * 2.6) + 3, 0, 0), Qt::AlignTop | Qt::TextWordWrap, remark);
    if (m_share < 0) return;
    const QRectF track(body.x(), body.bottom() - 3, body.width(), 4);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colors.border);
    painter.drawRoundedRect(track, 2, 2);
    painter.setBrush(fits ? colors.accent : colors.bad);
    painter.drawRoundedRect(QRectF(track.topLeft(), QSizeF(qBound(4.0, track.width() * m_share, track.width()), 4)), 2,
                            2);
}

}  // namespace lectern::ui
