// SPDX-License-Identifier: GPL-3.0-or-later
// The reader: scrolling, thumbnails, outline, selection, dark pages.
#include "tests/ui/test_reader.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QLineEdit>
#include <QMouseEvent>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QTabBar>
#include <QTreeView>
#include <QTreeWidget>
#include <QtTest/QTest>

#include "tests/ui/support/gui_watch.h"
#include "ui/night.h"
#include "ui/page_pictures.h"
#include "ui/page_selection.h"
#include "ui/page_view.h"
#include "ui/reader_panel.h"
#include "ui/thumbnail_list.h"

namespace lectern::test {

ui::PageView* TestReader::openFirst(int pages) {
    readDocuments({m_driver->document("harbour.pdf", QString("pages %1\n").arg(pages))});
    auto* shelf = m_driver->find<QTreeView>("shelf");
    emit shelf->clicked(shelf->model()->index(0, 0));
    auto* view = m_driver->find<ui::PageView>("pageView");
    if (!m_driver->waitFor([&] { return view->isVisible() && !view->image().isNull(); })) qFatal("no first page");
    return view;
}

void TestReader::drag(QPoint from, QPoint to) {
    QWidget* viewport = m_driver->find<ui::PageView>("pageView")->viewport();
    QTest::mousePress(viewport, Qt::LeftButton, {}, from);
    for (const QPoint at : {(from + to) / 2, to}) {
        QMouseEvent move(QEvent::MouseMove, at, viewport->mapToGlobal(at), Qt::NoButton, Qt::LeftButton, {});
        QCoreApplication::sendEvent(viewport, &move);
    }
    QTest::mouseRelease(viewport, Qt::LeftButton, {}, to);
}

void TestReader::pagesScrollAsOneAndTheNumberFollows() {
    auto* view = openFirst(40);
    auto* bar = view->verticalScrollBar();
    QVERIFY2(view->pageRect(1).top() > view->pageRect(0).bottom(), "below one another");
    bar->setValue(bar->maximum() / 2);
    QVERIFY(view->currentPage() > 15 && view->currentPage() < 25);
    const QString number = QString::number(view->currentPage() + 1);
    QCOMPARE(m_driver->find<QLineEdit>("pageField")->text(), number);
    QVERIFY(m_driver->waitFor([&] { return !view->image().isNull(); }));
    const int page = view->currentPage();
    m_driver->find<QAction>("zoomIn")->trigger();
    QCOMPARE(view->currentPage(), page);
    m_driver->find<QAction>("nextPage")->trigger();
    QCOMPARE(view->currentPage(), page + 1);
    QVERIFY(qAbs(view->pageRect(page + 1).top()) < 20);
    bar->setValue(bar->maximum());
    QCOMPARE(view->currentPage(), 39);
}

void TestReader::thousandPagesScrollWithoutBlocking() {
    ui::SessionSnapshot session;
    ui::DocumentEntry long_one;
    long_one.info.id = 1;
    long_one.info.name = "long.pdf";
    long_one.info.kind = "pdf";
    long_one.info.source = m_driver->document("long.pdf", "pages 1000\n").toStdString();
    long_one.pages.resize(1000);
    session.documents.push_back(std::move(long_one));
    ui::ReaderPanel reader(fakeServices(m_world));
    reader.setSession(session);
    reader.setSideVisible(true);
    reader.resize(600, 700);
    reader.setVisible(true);
    reader.open({1, 0, {}, {}});
    auto* view = reader.findChild<ui::PageView*>();
    auto* bar = view->verticalScrollBar();
    static_cast<WatchedApplication*>(QCoreApplication::instance())->restartWatch();
    for (int step = 1; step <= 50; ++step) {
        bar->setValue(int(qint64(bar->maximum()) * step / 50));
        QTest::qWait(5);
    }
    QCOMPARE(view->currentPage(), 999);
    QVERIFY(m_driver->waitFor([&] { return !view->image().isNull(); }));
}

void TestReader::marksStayOnTheirPageAndBackReturns() {
    auto* view = openFirst(30);
    auto* reader = m_driver->window().findChild<ui::ReaderPanel*>();
    const int document = reader->place()->document_id;
    reader->open({document, 11, {{100, 400, 200, 12}}, "passage"});
    QCOMPARE(view->currentPage(), 11);
    QCOMPARE(view->markCount(), std::size_t(1));
    view->verticalScrollBar()->setValue(0);
    QCOMPARE(reader->place()->page, 0);
    QVERIFY2(reader->place()->rects.empty(), "no mark on this page");
    QCOMPARE(view->markCount(), std::size_t(1));
    reader->open({document, 20, {}, {}});
    QCOMPARE(view->currentPage(), 20);
    reader->goBack();
    QCOMPARE(view->currentPage(), 0);
    reader->goBack();
    QCOMPARE(view->currentPage(), 0);
}

void TestReader::selectedTextIsAskedAboutAndCopied() {
    auto* view = openFirst(3);
    QVERIFY(m_driver->waitFor([&] { return view->hasText(0); }));
    const QRect paper = view->pageRect(0);
    drag(paper.topLeft() + QPoint(paper.width() / 4, paper.height() / 4),
         paper.topLeft() + QPoint(paper.width() / 2, paper.height() / 3));
    const QString selected = view->selectedText();
    QVERIFY(selected.size() > 20);
    const QString whole = QString::fromStdString(fakePage("harbour.pdf", 0).text);
    QVERIFY(whole.contains(selected));
    m_driver->click("copySelection");
    QCOMPARE(QApplication::clipboard()->text(), selected);
    m_driver->click("askAboutSelection");
    auto* input = m_driver->find<QPlainTextEdit>("question");
    QCOMPARE(input->toPlainText(), QString("About “%1” (harbour.pdf, p. 1): ").arg(selected.simplified()));
    QVERIFY(input->hasFocus());
    QVERIFY2(view->selectedText().isEmpty() && m_driver->visible("selectionBar") == nullptr, "it was used");
    QTest::keyClick(view, Qt::Key_A, Qt::ControlModifier);
    QCOMPARE(view->selectedText(), whole.trimmed());
    QTest::keyClick(view, Qt::Key_Escape);
    QVERIFY(view->selectedText().isEmpty());
}

void TestReader::thumbnailsAreMadeForThoseInSightOnly() {
    openFirst(200);
    auto* pictures = m_driver->window().findChild<ui::PagePictures*>();
    QTest::qWait(100);
    QVERIFY2(pictures->thumbnail(0).isNull(), "nobody looks at them yet");
    m_driver->find<QAction>("readerSide")->trigger();
    QVERIFY(m_driver->waitFor([&] { return !pictures->thumbnail(0).isNull() && !pictures->thumbnail(2).isNull(); }));
    QVERIFY(pictures->thumbnail(150).isNull());
    auto* list = m_driver->find<ui::ThumbnailList>("thumbnails");
    list->scrollToBottom();
    QVERIFY(m_driver->waitFor([&] { return !pictures->thumbnail(199).isNull(); }));
    QVERIFY(pictures->thumbnail(100).isNull());
    emit list->clicked(list->model()->index(199, 0));
    QCOMPARE(m_driver->find<ui::PageView>("pageView")->currentPage(), 199);
    QCOMPARE(list->currentIndex().row(), 199);
}

void TestReader::outlineOpensItsPages() {
    auto* view = openFirst(40);
    m_driver->click("readerSideButton");
    m_driver->find<QTabBar>("readerSideTabs")->setCurrentIndex(1);
    auto* outline = m_driver->find<QTreeWidget>("readerOutline");
    QCOMPARE(outline->topLevelItemCount(), 4);
    emit outline->itemClicked(outline->topLevelItem(2), 0);
    QCOMPARE(view->currentPage(), 20);
}

void TestReader::darkPagesKeepTheirHuesAndAreRemembered() {
    QImage page(3, 1, QImage::Format_RGB32);
    page.setPixel(0, 0, qRgb(255, 255, 255));
    page.setPixel(1, 0, qRgb(0, 0, 0));
    page.setPixel(2, 0, qRgb(200, 0, 0));
    const QImage dark = ui::nightImage(page);
    QCOMPARE(dark.pixelColor(0, 0), ui::nightPaper());
    QVERIFY(dark.pixelColor(1, 0).lightness() > 200);
    QVERIFY(qAbs(dark.pixelColor(2, 0).hue()) < 5);
    auto* view = openFirst(3);
    m_driver->click("readerNight");
    QVERIFY(m_driver->waitFor(
        [&] { return !view->image().isNull() && view->image().pixelColor(2, 2) == ui::nightPaper(); }));
    m_driver->closeWindow();
    m_driver->openWindow();
    QVERIFY(m_driver->window().findChild<ui::ReaderPanel*>()->isNight());
}

void TestReader::picturesAreGivenUpLongestUnusedFirst() {
    const QImage image(10, 10, QImage::Format_RGB32);
    ui::PictureShelf shelf(2 * image.sizeInBytes());
    shelf.put(1, 72, image);
    shelf.put(2, 72, image);
    QVERIFY(!shelf.find(1).isNull());
    shelf.put(3, 72, image);
    QVERIFY2(!shelf.find(1).isNull(), "it was used last");
    QVERIFY(shelf.find(2).isNull());
    shelf.put(3, 144, image);
    QCOMPARE(shelf.dpi(3), 144.0);
    QCOMPARE(shelf.bytes(), 2 * image.sizeInBytes());
}

void TestReader::wordsAreFoundAndJoinedByLines() {
    PageText page;
    page.text = "Zwölf Möwen\nschliefen.\n";
    page.words = {{0, 6, {10, 10, 40, 10}}, {7, 13, {55, 10, 40, 10}}, {14, 24, {10, 30, 60, 10}}};
    QCOMPARE(ui::nearestWord(page, {60, 12}), 1);
    QCOMPARE(ui::nearestWord(page, {400, 33}), 2);
    QCOMPARE(ui::nearestWord(PageText(), {1, 1}), -1);
    QCOMPARE(ui::wordsText(page, 1, 2), QString("Möwen\nschliefen."));
    const auto boxes = ui::lineBoxes(page, 0, 2);
    QCOMPARE(boxes.size(), std::size_t(2));
    QCOMPARE(boxes[0].width, 85.0F);
}

}  // namespace lectern::test

int main(int argc, char** argv) {
    lectern::test::WatchedApplication application(argc, argv);
    QApplication::setStyle("Fusion");
    lectern::test::TestReader test;
    return QTest::qExec(&test, argc, argv);
}
