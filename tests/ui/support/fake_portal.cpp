// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/support/fake_portal.h"

namespace lectern::test {
namespace {

constexpr const char* kOwn = "fake-portal";
constexpr const char* kClient = "fake-portal-client";

}  // namespace

FakePortal::~FakePortal() {
    QDBusConnection::disconnectFromBus(kClient);
    QDBusConnection::disconnectFromBus(kOwn);
    m_daemon.terminate();  // it takes its socket away
    m_daemon.waitForFinished();
}

bool FakePortal::start() {
    m_daemon.start("dbus-daemon", {"--session", "--nofork", "--print-address"});
    if (!m_daemon.waitForStarted() || !m_daemon.waitForReadyRead()) return false;
    m_address = QString::fromLocal8Bit(m_daemon.readLine()).trimmed();
    QDBusConnection bus = QDBusConnection::connectToBus(m_address, kOwn);
    return bus.registerObject("/org/freedesktop/portal/desktop", this,
                              QDBusConnection::ExportAllSlots | QDBusConnection::ExportAllSignals) &&
           bus.registerService("org.freedesktop.portal.Desktop");
}

QDBusConnection FakePortal::client() const {
    return QDBusConnection::connectToBus(m_address, kClient);
}

void FakePortal::change(uint scheme) {
    m_scheme = scheme;
    emit SettingChanged("org.freedesktop.appearance", "color-scheme", QDBusVariant(scheme));
}

QDBusVariant FakePortal::Read(const QString& space, const QString& key) const {
    const bool known = space == "org.freedesktop.appearance" && key == "color-scheme";
    const QVariant inner = QVariant::fromValue(QDBusVariant(known ? m_scheme : 0U));
    return QDBusVariant(inner);  // wrapped twice, as the real one does
}

}  // namespace lectern::test
