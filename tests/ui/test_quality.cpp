// SPDX-License-Identifier: GPL-3.0-or-later
// Fidelity checks and calibration from the window, on the fake engine.
#include "tests/ui/test_quality.h"

#include <QLabel>
#include <QtTest/QTest>

#include "tests/ui/support/gui_watch.h"
#include "ui/calibration_dialog.h"

namespace lectern::test {

void TestQuality::fidelityIsCheckedWarnedAboutAndKept() {
    m_world->kl = 0.5;
    readDocuments({m_driver->document("harbour.pdf", "pages 4\n")});
    QVERIFY(m_driver->visible("fidelityGrade") == nullptr);
    m_driver->click("checkFidelity");
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("fidelityGrade") != nullptr; }));
    QVERIFY(m_driver->waitIdle());
    QVERIFY2(m_driver->notice().contains("does badly at nuq4"), qPrintable(m_driver->notice()));
    reopenRecent();
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("fidelityGrade") != nullptr; }));
    QVERIFY(m_driver->find<QLabel>("fidelityResult")->text().contains("50%"));
    QVERIFY(m_driver->visible("fidelityWarning") != nullptr);
}

void TestQuality::fidelityCheckCanBeCancelled() {
    m_world->piece_ms = 300;
    readDocuments({m_driver->document("harbour.pdf", "pages 4\n")});
    m_driver->click("checkFidelity");
    QVERIFY(m_driver->waitFor([&] { return m_driver->activity() == "Checking fidelity…"; }));
    m_driver->click("statusCancel");
    QVERIFY(m_driver->waitIdle(2000));
    QVERIFY2(m_driver->notice().isEmpty(), "a cancel is no error");
    QVERIFY(m_driver->visible("fidelityGrade") == nullptr);
}

void TestQuality::modelIsCalibratedFromThePlan() {
    m_world->calibrated = false;
    m_driver->drop({m_driver->document("harbour.pdf", "pages 4\n")});
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("planCalibrate") != nullptr; }));
    QVERIFY(m_driver->waitIdle());
    m_driver->click("planCalibrate");
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("startCalibration") != nullptr; }));
    auto* dialog = m_driver->find<ui::CalibrationDialog>("calibrationDialog");
    dialog->addTexts({m_driver->document("mine.txt", "One line.\n"), m_driver->document("more.txt", "Another.\n")});
    m_driver->click("startCalibration");
    QVERIFY(m_driver->waitFor([&] { return m_driver->notice().contains("The model is calibrated"); }));
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("planRead")->isEnabled(); }));
    QCOMPARE(m_world->calibration_texts.load(), 2);
    QVERIFY(m_driver->visible("planCalibrate") == nullptr);
    m_driver->click("planRead");
    QVERIFY(m_driver->waitFor([&] { return m_world->pages_read == 4; }));
    QVERIFY(m_driver->waitIdle());
    QVERIFY(m_driver->find<QLabel>("calibrationState")->text().contains("the model's calibration"));
    QVERIFY(m_driver->visible("calibrate") == nullptr);
}

void TestQuality::cancelledCalibrationKeepsThePlan() {
    m_world->calibrated = false;
    m_world->piece_ms = 300;
    m_driver->drop({m_driver->document("harbour.pdf", "pages 4\n")});
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("planCalibrate") != nullptr; }));
    QVERIFY(m_driver->waitIdle());
    m_driver->click("planCalibrate");
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("startCalibration") != nullptr; }));
    QVERIFY2(!m_driver->visible("startCalibration")->isEnabled(), "there is no text of ours in this installation");
    m_driver->find<ui::CalibrationDialog>("calibrationDialog")
        ->addTexts({m_driver->document("mine.txt", "One line.\n")});
    m_driver->click("startCalibration");
    QVERIFY(m_driver->waitFor([&] { return m_driver->activity() == "Calibrating…"; }));
    QVERIFY(!m_driver->visible("planRead")->isEnabled());
    m_driver->click("planCancel");
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("planRead")->isEnabled(); }));
    QVERIFY2(m_driver->notice().isEmpty(), "a cancel is no error");
    m_driver->click("planRead");
    QVERIFY(m_driver->waitFor([&] { return m_world->pages_read == 4; }));
    QVERIFY(m_driver->waitIdle());
    QVERIFY(m_driver->find<QLabel>("calibrationState")->text().startsWith("Not calibrated"));
}

}  // namespace lectern::test

int main(int argc, char** argv) {
    lectern::test::WatchedApplication application(argc, argv);
    QApplication::setStyle("Fusion");
    lectern::test::TestQuality test;
    return QTest::qExec(&test, argc, argv);
}
