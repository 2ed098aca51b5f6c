// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDBusConnection>
#include <QDBusVariant>
#include <QObject>
#include <QPalette>

namespace lectern {

/// Whether the desktop wants windows light or dark, and when it changes its mind: from the platform's palette and,
/// where there is one, the desktop portal's colour scheme (org.freedesktop.appearance), which Qt before 6.5 does not
/// ask. GUI thread.
class SystemLook final : public QObject {
    Q_OBJECT
public:
    /// Make it before the application has a palette of ours. `bus`: where the portal is; asked without waiting.
    explicit SystemLook(const QDBusConnection& bus, QObject* parent = nullptr);

    QPalette palette() const;  ///< for ui::applyTheme()

signals:
    void changed();  ///< the application's palette has to be set anew from palette()

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private slots:
    void settingChanged(const QString& space, const QString& key, const QDBusVariant& value);

private:
    enum class Scheme { Any, Dark, Light };
    void askPortal(const QDBusConnection& bus);
    void setScheme(const QVariant& value);
    void readPlatform();

    QPalette m_platform;
    Scheme m_scheme = Scheme::Any;
    bool m_reading = false;
};

}  // namespace lectern
