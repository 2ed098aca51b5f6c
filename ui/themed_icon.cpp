// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/themed_icon.h"

#include <QFile>
#include <QGuiApplication>
#include <QIconEngine>
#include <QPainter>
#include <QPalette>
#include <QPixmapCache>
#include <QSvgRenderer>

namespace lectern::ui {
namespace {

QByteArray svgSource(const QString& name) {
    QFile file(":/icons/" + name + ".svg");
    const bool opened = file.open(QIODevice::ReadOnly);
    Q_ASSERT_X(opened, "themedIcon", qPrintable("no icon named " + name));
    return opened ? file.readAll() : QByteArray();
}

class ThemedIconEngine final : public QIconEngine {
public:
    ThemedIconEngine(QString name, QPalette::ColorRole role) : m_name(std::move(name)), m_role(role) {}

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override {
        const int size = qMin(rect.width(), rect.height());
        const QRect square(rect.x() + (rect.width() - size) / 2, rect.y() + (rect.height() - size) / 2, size, size);
        painter->drawPixmap(square, iconPixmap(m_name, color(mode), size, painter->device()->devicePixelRatioF()));
    }
    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
        return scaledPixmap(size, mode, state, 1);
    }
    QPixmap scaledPixmap(const QSize& size, QIcon::Mode mode, QIcon::State, qreal) override {
        return iconPixmap(m_name, color(mode), qMin(size.width(), size.height()), 1);
    }
    QIconEngine* clone() const override { return new ThemedIconEngine(m_name, m_role); }

private:
    QColor color(QIcon::Mode mode) const {
        const QPalette palette = QGuiApplication::palette();
        if (mode == QIcon::Disabled) return palette.color(QPalette::Disabled, QPalette::ButtonText);
        return palette.color(m_role);
    }

    QString m_name;
    QPalette::ColorRole m_role;
};

}  // namespace

QIcon themedIcon(const QString& name) {
    return QIcon(new ThemedIconEngine(name, QPalette::ButtonText));
}

QIcon accentIcon(const QString& name) {
    return QIcon(new ThemedIconEngine(name, QPalette::HighlightedText));
}

QPixmap iconPixmap(const QString& name, const QColor& color, int size, double device_pixel_ratio) {
    if (size <= 0) return {};  // what is squeezed out of sight is painted too
    const QString key =
        QString("lectern:%1:%2:%3:%4").arg(name, color.name(QColor::HexArgb)).arg(size).arg(device_pixel_ratio);
    QPixmap pixmap;
    if (QPixmapCache::find(key, &pixmap)) return pixmap;
    QByteArray source = svgSource(name);
    source.replace("currentColor", color.name().toUtf8());
    const int pixels = qRound(size * device_pixel_ratio);
    pixmap = QPixmap(pixels, pixels);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setOpacity(color.alphaF());
    QSvgRenderer(source).render(&painter, QRectF(0, 0, pixels, pixels));
    painter.end();
    pixmap.setDevicePixelRatio(device_pixel_ratio);
    QPixmapCache::insert(key, pixmap);
    return pixmap;
}

}  // namespace lectern::ui
