// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/memory_gauge.h"

#include <QPainter>
#include <QPainterPath>
#include <QTimer>
#include <algorithm>

#include "ui/format.h"
#include "ui/theme.h"

namespace lectern::ui {
namespace {

constexpr int kLookMs = 2000, kBarHeight = 10, kGap = 6;

}  // namespace

MemoryGauge::MemoryGauge(QWidget* parent) : QWidget(parent) {
    setObjectName("memoryGauge");
    setAccessibleName(tr("Memory of this machine"));
    m_name = tr("Machine");
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_timer = new QTimer(this);
    m_timer->setInterval(kLookMs);
    connect(m_timer, &QTimer::timeout, this, &MemoryGauge::look);
    hide();
}

void MemoryGauge::setName(const QString& name) {
    m_name = name;
    setAccessibleName(tr("Memory of %1").arg(name));
    update();
}

void MemoryGauge::setSource(std::function<MachineMemory()> source) {
    m_source = std::move(source);
    setVisible(bool(m_source));
}

void MemoryGauge::setOwn(std::uint64_t bytes) {
    m_own = bytes;
    look();
}

void MemoryGauge::look() {
    if (m_source) m_machine = m_source();
    setAccessibleDescription(words());
    setToolTip(tr("%1 for the model, its work and this session's cache").arg(bytesText(m_own)));
    update();
}

QString MemoryGauge::words() const {
    if (m_machine.total == 0) return {};
    const QString words = m_machine.at_start ? tr("%1 of %2 free, as seen at the start") : tr("%1 of %2 free");
    return words.arg(bytesText(m_machine.free), bytesText(m_machine.total));
}

QSize MemoryGauge::sizeHint() const {
    return {200, fontMetrics().height() + kGap + kBarHeight};
}

void MemoryGauge::paintEvent(QPaintEvent*) {
    if (m_machine.total == 0) return;
    const ThemeColors& colors = themeColors();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(colors.muted);
    painter.drawText(rect(), Qt::AlignLeft | Qt::AlignTop, m_name);
    painter.setPen(colors.text);
    painter.drawText(rect(), Qt::AlignRight | Qt::AlignTop, words());
    const QRectF bar(0, height() - kBarHeight, width(), kBarHeight);
    QPainterPath shape;
    shape.addRoundedRect(bar, kBarHeight / 2.0, kBarHeight / 2.0);
    painter.setClipPath(shape);
    painter.fillRect(bar, colors.border);
    const double total = double(m_machine.total);
    const double used = double(m_machine.total - std::min(m_machine.total, m_machine.free));
    const double own = std::min(double(m_own), used);
    painter.fillRect(QRectF(bar.topLeft(), QSizeF(bar.width() * used / total, kBarHeight)), colors.muted);
    painter.fillRect(QRectF(bar.topLeft(), QSizeF(bar.width() * own / total, kBarHeight)), colors.accent);
}

void MemoryGauge::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    look();
    m_timer->start();
}

void MemoryGauge::hideEvent(QHideEvent* event) {
    QWidget::hideEvent(event);
    m_timer->stop();
}

}  // namespace lectern::ui
