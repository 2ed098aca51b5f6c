// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/support/window_test.h"

#include <QListWidget>
#include <QtTest/QTest>

#include "tests/ui/support/gui_watch.h"

namespace lectern::test {
namespace {

WatchedApplication& watch() {
    return *static_cast<WatchedApplication*>(QCoreApplication::instance());
}

}  // namespace

void WindowTest::init() {
    m_world = std::make_shared<FakeWorld>();
    m_driver = std::make_unique<WindowDriver>(fakeServices(m_world));
    m_driver->openWindow();
    QVERIFY(m_driver->waitIdle());
    watch().restartWatch();
}

void WindowTest::cleanup() {
    const QString problem = watch().problem();
    m_driver.reset();
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
}

void WindowTest::startReading(const QStringList& paths) {
    m_driver->drop(paths);
    QVERIFY(
        m_driver->waitFor([&] { return m_driver->visible("planRead") && m_driver->visible("planRead")->isEnabled(); }));
    m_driver->click("planRead");
}

void WindowTest::readDocuments(const QStringList& paths) {
    startReading(paths);
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("question") != nullptr; }));
    QVERIFY(m_driver->waitIdle());
}

void WindowTest::reopenRecent() {
    m_driver->closeWindow();
    m_driver->openWindow();
    QVERIFY(m_driver->waitIdle());
    watch().restartWatch();
    auto* recent = m_driver->find<QListWidget>("recentSessions");
    emit recent->itemClicked(recent->item(0));
}

}  // namespace lectern::test
