// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLocalServer>
#include <QStringList>

namespace lectern {

/// One window for each person and screen: what is started again hands its arguments to the one that runs. GUI thread.
class SingleInstance final : public QObject {
    Q_OBJECT
public:
    /// `name`: of the socket; see instanceName().
    explicit SingleInstance(QString name, QObject* parent = nullptr);

    /// True where another one took the arguments; within a second.
    bool handOver(const QStringList& arguments) const;
    /// From now on started() tells what others are started with. False where the socket cannot be made: then each start
    /// is a window of its own.
    bool listen();

signals:
    void started(const QStringList& arguments);

private:
    void serve();

    QString m_name;
    QLocalServer m_server;
};

/// In the person's run-time folder, another one for each display.
QString instanceName();

/// What the command line means, from anywhere: links as they are, file addresses and paths as absolute paths.
QStringList absoluteArguments(const QStringList& arguments);

}  // namespace lectern
