// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/support/whole_job.h"

#include <QLineEdit>
#include <QListWidget>
#include <QtTest/QTest>

#include "ui/citation_chip.h"
#include "ui/memory_panel.h"
#include "ui/message_card.h"
#include "ui/page_view.h"

namespace lectern::test {
namespace {

/// Whether the last message in sight asks `question`; cards come into sight a moment after the session.
bool lastAsks(WindowDriver& driver, const QString& question) {
    return driver.waitFor([&] { return !driver.cards().empty() && driver.cards().back()->question() == question; });
}

void planAndRead(WindowDriver& driver, const QString& pdf, int patience_ms) {
    QVERIFY(driver.waitForPage("startPage"));
    driver.drop({pdf});
    QVERIFY(driver.waitForPage("planPage"));
    QVERIFY(driver.waitFor([&] { return driver.visible("planRead")->isEnabled(); }, patience_ms));
    driver.click("planRead");
    QVERIFY(driver.waitFor([&] { return driver.visible("question") != nullptr; }));
    QVERIFY(driver.waitIdle(patience_ms));
    QVERIFY2(driver.notice().isEmpty(), qPrintable(driver.notice()));
    auto* memory = driver.window().findChild<ui::MemoryPanel*>();
    QVERIFY(memory->samples() >= 1);
    QVERIFY(memory->ratioText().endsWith(QChar(0xd7)));
}

void askAndSeeAnswer(WindowDriver& driver, const QString& question, int patience_ms) {
    driver.ask(question);
    QVERIFY(driver.waitFor([&] { return driver.activity() == "Answering…" || driver.visible("citation") != nullptr; }));
    QVERIFY(driver.waitIdle(patience_ms));
    QVERIFY2(driver.notice().isEmpty(), qPrintable(driver.notice()));
    QVERIFY(lastAsks(driver, question));
    QVERIFY(driver.visible("citation") != nullptr);
}

void openCitedPage(WindowDriver& driver) {
    auto* chip = qobject_cast<ui::CitationChip*>(driver.visible("citation"));
    QVERIFY(chip != nullptr);
    const Citation citation = chip->citation();
    QVERIFY(citation.share > 0);
    QTest::mouseClick(chip, Qt::LeftButton);
    auto* page = driver.find<ui::PageView>("pageView");
    QVERIFY(driver.waitFor([&] { return page->isVisible() && !page->image().isNull(); }));
    QCOMPARE(page->markCount(), citation.rects.size());
    QVERIFY(page->markCount() > 0);
    QCOMPARE(driver.find<QLineEdit>("pageField")->text(), QString::number(citation.page));
}

void reopenFromRecent(WindowDriver& driver, int patience_ms) {
    driver.closeWindow();
    driver.openWindow();
    QVERIFY(driver.waitIdle());
    auto* recent = driver.find<QListWidget>("recentSessions");
    QCOMPARE(recent->count(), 1);
    QTest::mouseClick(recent->viewport(), Qt::LeftButton, {}, recent->visualItemRect(recent->item(0)).center());
    QVERIFY(driver.waitFor([&] { return driver.visible("question") != nullptr; }, patience_ms));
    QVERIFY(driver.waitIdle(patience_ms));
}

}  // namespace

void doWholeJob(WindowDriver& driver, const QString& pdf, const WholeJob& job) {
    const auto failed = [] { return QTest::currentTestFailed(); };
    planAndRead(driver, pdf, job.patience_ms);
    if (failed()) return;
    askAndSeeAnswer(driver, job.first_question, job.patience_ms);
    if (failed()) return;
    openCitedPage(driver);
    if (failed()) return;
    reopenFromRecent(driver, job.patience_ms);
    if (failed()) return;
    QVERIFY(lastAsks(driver, job.first_question));
    askAndSeeAnswer(driver, job.second_question, job.patience_ms);
}

}  // namespace lectern::test
