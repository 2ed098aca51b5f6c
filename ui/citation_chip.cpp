// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/citation_chip.h"

#include <QPainter>

#include "ui/format.h"
#include "ui/theme.h"

namespace lectern::ui {
namespace {

constexpr int kGap = 6, kSide = 9;
constexpr int kMaxName = 130;

}  // namespace

QString pageName(const Citation& citation) {
    const QString number = QString::number(citation.page);
    const QString label = text(citation.page_label);
    if (label.isEmpty() || label == number) return CitationChip::tr("p. %1").arg(number);
    return CitationChip::tr("p. %1 (%2)").arg(label, number);
}

CitationChip::CitationChip(const Citation& citation, QWidget* parent)
    : QAbstractButton(parent), m_page(pageName(citation)), m_share(percentText(citation.share)), m_citation(citation) {
    m_name = fontMetrics().elidedText(ui::text(citation.document), Qt::ElideMiddle, kMaxName);
    setAccessibleName(tr("%1 %2, attended %3").arg(ui::text(citation.document), m_page, m_share));
    const QString passage = ui::text(citation.text).trimmed().toHtmlEscaped();
    setAccessibleDescription(ui::text(citation.text).simplified());
    setToolTip(QString("<p style='white-space:normal'>%1</p>").arg(passage.isEmpty() ? accessibleName() : passage));
    setCursor(Qt::PointingHandCursor);
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_Hover);
}

QSize CitationChip::sizeHint() const {
    const QFontMetrics metrics = fontMetrics();
    const int width = metrics.horizontalAdvance(m_name) + metrics.horizontalAdvance(m_page) +
                      metrics.horizontalAdvance(m_share) + 2 * kGap + 2 * kSide + 4;
    return {width, metrics.height() + 14};
}

void CitationChip::paintEvent(QPaintEvent*) {
    const ThemeColors& colors = themeColors();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const bool active = underMouse() || hasFocus();
    painter.setPen(QPen(active ? colors.accent : colors.border, hasFocus() ? 2 : 1));
    painter.setBrush(isDown() ? colors.sunken : colors.accent_soft);
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 7, 7);
    int x = kSide;
    const QRect line(0, 0, width(), height() - 4);
    const auto draw = [&](const QString& text, const QColor& color) {
        painter.setPen(color);
        painter.drawText(line.adjusted(x, 0, 0, 0), Qt::AlignVCenter, text);
        x += painter.fontMetrics().horizontalAdvance(text) + kGap;
    };
    draw(m_name, colors.text);
    draw(m_page, colors.accent);
    draw(m_share, colors.muted);
    const QRectF track(kSide, height() - 6, width() - 2 * kSide, 2.5);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colors.border);
    painter.drawRoundedRect(track, 1, 1);
    painter.setBrush(colors.accent);
    painter.drawRoundedRect(QRectF(track.topLeft(), QSizeF(track.width() * qBound(0.0, m_citation.share, 1.0), 2.5)), 1,
                            1);
}

}  // namespace lectern::ui
