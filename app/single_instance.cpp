// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/single_instance.h"

#include <unistd.h>

#include <QDir>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QLocalSocket>
#include <QStandardPaths>
#include <QTimer>
#include <QUrl>

#include "ui/session_link.h"

namespace lectern {
namespace {

constexpr int kConnectMs = 300, kAnswerMs = 700;
constexpr qint64 kMostBytes = 1 << 20;  ///< of a request; longer ones are no command line
constexpr int kPatienceMs = 2000;       ///< with one who connects and says nothing
const QByteArray kTaken = "taken\n";

}  // namespace

SingleInstance::SingleInstance(QString name, QObject* parent) : QObject(parent), m_name(std::move(name)) {
    m_server.setSocketOptions(QLocalServer::UserAccessOption);
    connect(&m_server, &QLocalServer::newConnection, this, &SingleInstance::serve);
}

bool SingleInstance::handOver(const QStringList& arguments) const {
    QLocalSocket socket;
    socket.connectToServer(m_name);
    if (!socket.waitForConnected(kConnectMs)) return false;
    socket.write(QJsonDocument(QJsonArray::fromStringList(arguments)).toJson(QJsonDocument::Compact) + '\n');
    while (!socket.canReadLine())
        if (!socket.waitForReadyRead(kAnswerMs)) return false;
    return socket.readLine() == kTaken;
}

bool SingleInstance::listen() {
    if (m_server.listen(m_name)) return true;
    QLocalServer::removeServer(m_name);  // left by one that crashed: nobody answered
    return m_server.listen(m_name);
}

void SingleInstance::serve() {
    QLocalSocket* socket = m_server.nextPendingConnection();
    connect(socket, &QLocalSocket::disconnected, socket, &QObject::deleteLater);
    QTimer::singleShot(kPatienceMs, socket, [socket] { socket->abort(); });
    connect(socket, &QLocalSocket::readyRead, this, [this, socket] {
        if (socket->bytesAvailable() > kMostBytes) return socket->abort();
        if (!socket->canReadLine()) return;
        const QJsonDocument request = QJsonDocument::fromJson(socket->readLine());
        if (!request.isArray()) return socket->abort();
        QStringList arguments;
        for (const auto& value : request.array()) arguments << value.toString();
        socket->write(kTaken);
        socket->flush();
        emit started(arguments);
    });
}

QString instanceName() {
    QString folder = QStandardPaths::writableLocation(QStandardPaths::RuntimeLocation);
    if (folder.isEmpty()) folder = QDir::tempPath();
    QString display = qEnvironmentVariable("WAYLAND_DISPLAY", qEnvironmentVariable("DISPLAY", "none"));
    display.replace('/', '-');
    return QString("%1/lectern-%2-%3").arg(folder).arg(getuid()).arg(display);
}

QStringList absoluteArguments(const QStringList& arguments) {
    QStringList absolute;
    for (const QString& argument : arguments) {
        const bool address = argument.startsWith("file:");
        if (ui::isLink(argument))
            absolute << argument;
        else
            absolute << QFileInfo(address ? QUrl(argument).toLocalFile() : argument).absoluteFilePath();
    }
    return absolute;
}

}  // namespace lectern
