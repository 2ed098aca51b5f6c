// SPDX-License-Identifier: GPL-3.0-or-later
// A desktop portal on a message bus of its own.
#pragma once

#include <QDBusConnection>
#include <QDBusVariant>
#include <QObject>
#include <QProcess>

namespace lectern::test {

/// Says which colour scheme the desktop wants. Needs the program dbus-daemon.
class FakePortal final : public QObject {
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.freedesktop.portal.Settings")
public:
    explicit FakePortal(uint scheme) : m_scheme(scheme) {}
    ~FakePortal() override;

    bool start();                    ///< the bus and the portal on it; false where there is no dbus-daemon
    QDBusConnection client() const;  ///< another program's way to the bus
    void change(uint scheme);

public slots:
    QDBusVariant Read(const QString& space, const QString& key) const;  // as the portal's interface spells it

signals:
    void SettingChanged(const QString& space, const QString& key, const QDBusVariant& value);

private:
    uint m_scheme;
    QString m_address;
    QProcess m_daemon;
};

}  // namespace lectern::test
