// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/system_look.h"

#include <QApplication>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QEvent>
#include <QTimer>

#include "ui/theme.h"

namespace lectern {
namespace {

constexpr const char* kService = "org.freedesktop.portal.Desktop";
constexpr const char* kPath = "/org/freedesktop/portal/desktop";
constexpr const char* kInterface = "org.freedesktop.portal.Settings";
constexpr const char* kSpace = "org.freedesktop.appearance";
constexpr const char* kKey = "color-scheme";

}  // namespace

SystemLook::SystemLook(const QDBusConnection& bus, QObject* parent)
    : QObject(parent), m_platform(QApplication::palette()) {
    qApp->installEventFilter(this);
    if (bus.isConnected()) askPortal(bus);
}

/// Changes are listened to from the answer on: a connection made just now may not take the wish to listen yet.
void SystemLook::askPortal(const QDBusConnection& bus) {
    QDBusMessage read = QDBusMessage::createMethodCall(kService, kPath, kInterface, "Read");
    read << QString(kSpace) << QString(kKey);
    auto* answer = new QDBusPendingCallWatcher(bus.asyncCall(read), this);
    connect(answer, &QDBusPendingCallWatcher::finished, this, [this, answer, open = QDBusConnection(bus)]() mutable {
        const QDBusPendingReply<QDBusVariant> reply = *answer;
        answer->deleteLater();
        open.connect(kService, kPath, kInterface, "SettingChanged", this,
                     SLOT(settingChanged(QString, QString, QDBusVariant)));
        if (reply.isValid()) setScheme(QVariant::fromValue(reply.value()));  // no portal: the palette alone tells
    });
}

void SystemLook::settingChanged(const QString& space, const QString& key, const QDBusVariant& value) {
    if (space == kSpace && key == kKey) setScheme(QVariant::fromValue(value));
}

/// 1: dark, 2: light; anything else: no wish. The answer to a question is wrapped once more than what a signal brings.
void SystemLook::setScheme(const QVariant& value) {
    QVariant plain = value;
    while (plain.userType() == qMetaTypeId<QDBusVariant>()) plain = plain.value<QDBusVariant>().variant();
    const uint number = plain.toUInt();
    const Scheme scheme = number == 1 ? Scheme::Dark : number == 2 ? Scheme::Light : Scheme::Any;
    if (scheme == m_scheme) return;
    m_scheme = scheme;
    emit changed();
}

QPalette SystemLook::palette() const {
    if (m_scheme == Scheme::Any || ui::isContrast(m_platform)) return m_platform;
    const bool dark = m_scheme == Scheme::Dark;
    if (ui::isDark(m_platform) == dark) return m_platform;
    const QColor ink = dark ? Qt::white : Qt::black, paper = dark ? QColor(32, 32, 32) : QColor(240, 240, 240);
    return {ink, paper, paper, paper, paper, ink, ink, paper, paper};
}

bool SystemLook::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::ThemeChange && !m_reading) {
        m_reading = true;
        QTimer::singleShot(0, this, &SystemLook::readPlatform);  // every window is told; once is enough
    }
    return QObject::eventFilter(watched, event);
}

/// Behind a palette of our own the platform's does not show: ours is taken away for a moment.
void SystemLook::readPlatform() {
    m_reading = false;
    QApplication::setPalette(QPalette());
    m_platform = QApplication::palette();
    emit changed();
}

}  // namespace lectern
