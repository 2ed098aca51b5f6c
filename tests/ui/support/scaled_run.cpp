// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/support/scaled_run.h"

#include <QCoreApplication>
#include <QProcess>

namespace lectern::test {

int runAt(const char* scale, const QString& folder, const QString& language) {
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("QT_SCALE_FACTOR", scale);
    environment.insert("QT_QPA_PLATFORM", "offscreen");
    process.setProcessEnvironment(environment);
    process.setProcessChannelMode(QProcess::ForwardedChannels);
    process.start(QCoreApplication::applicationFilePath(), {folder, scale, language});
    process.waitForFinished(-1);
    return process.exitCode();
}

}  // namespace lectern::test
