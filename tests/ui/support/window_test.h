// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <memory>

#include "tests/ui/support/window_driver.h"

namespace lectern::test {

/// A test case whose tests each get a window on a fake engine of their own, and fail where an event blocks it.
class WindowTest : public QObject {
    Q_OBJECT

private slots:
    void init();
    void cleanup();

protected:
    void startReading(const QStringList& paths);
    void readDocuments(const QStringList& paths);
    void reopenRecent();  ///< closes the window and opens the first recent session in another one
    std::shared_ptr<FakeWorld> m_world;
    std::unique_ptr<WindowDriver> m_driver;
};

}  // namespace lectern::test
