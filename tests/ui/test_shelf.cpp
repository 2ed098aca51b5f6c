// SPDX-License-Identifier: GPL-3.0-or-later
// Documents switched, moved, taken out and read anew in the shelf, on the fake engine.
#include "tests/ui/test_shelf.h"

#include <QAction>
#include <QLabel>
#include <QMessageBox>
#include <QMimeData>
#include <QPushButton>
#include <QTreeView>
#include <QtTest/QTest>

#include "tests/ui/support/gui_watch.h"
#include "ui/format.h"
#include "ui/page_view.h"
#include "ui/shelf_delegate.h"
#include "ui/shelf_model.h"

namespace lectern::test {

void TestShelf::readThree() {
    readDocuments({m_driver->document("a.pdf", "pages 3\n"), m_driver->document("b.pdf", "pages 2\n"),
                   m_driver->document("c.pdf", "pages 1\n")});
    QCOMPARE(m_world->pages_read.load(), 6);
}

QTreeView* TestShelf::shelf() const {
    return m_driver->find<QTreeView>("shelf");
}

QString TestShelf::row(int row) const {
    return shelf()->model()->index(row, 0).data(ui::ShelfModel::kDetail).toString();
}

QStringList TestShelf::inSession() const {
    const std::lock_guard guard(m_world->lock);
    QStringList names;
    for (const FakeDocument& document : m_world->files.begin()->second.documents) {
        const QString name = ui::text(document.info.name).left(1);
        names << (document.info.on ? name : '(' + name + ')');
    }
    return names;
}

void TestShelf::select(int from, int to) {
    const auto* model = shelf()->model();
    shelf()->setCurrentIndex(model->index(from, 0));
    shelf()->selectionModel()->select(QItemSelection(model->index(from, 0), model->index(to, 0)),
                                      QItemSelectionModel::ClearAndSelect);
}

QMessageBox* TestShelf::question() const {
    m_driver->waitFor([&] { return m_driver->find<QMessageBox>("confirmReread") != nullptr; });
    return m_driver->find<QMessageBox>("confirmReread");
}

void TestShelf::eyeSwitchesADocumentAndOpensNothing() {
    readThree();
    const QModelIndex second = shelf()->model()->index(1, 0);
    const QPoint eye = ui::ShelfDelegate::eyeRect(shelf()->visualRect(second)).center();
    auto* page = m_driver->find<ui::PageView>("pageView");
    QTest::mouseClick(shelf()->viewport(), Qt::LeftButton, {}, eye);
    QVERIFY(m_driver->waitFor([&] { return row(1).startsWith("Off"); }));
    QCOMPARE(inSession().join(""), QString("a(b)c"));
    QVERIFY(!page->isVisible());
    QVERIFY(second.data(Qt::ToolTipRole).toString().contains("were read seeing it"));
    QVERIFY(m_driver->waitIdle());
    shelf()->setFocus();
    select(1, 1);
    QTest::keyClick(shelf(), Qt::Key_Space);
    QVERIFY(m_driver->waitFor([&] { return inSession().join("") == "abc"; }));
    QVERIFY(m_driver->waitIdle());
    QTest::mouseClick(shelf()->viewport(), Qt::LeftButton, {}, shelf()->visualRect(second).center());
    QVERIFY2(m_driver->waitFor([&] { return page->isVisible(); }), "the rest of the row opens it");
    QCOMPARE(m_world->pages_read.load(), 6);
}

void TestShelf::severalDocumentsAreSwitchedAtOnce() {
    readThree();
    select(0, 1);
    m_driver->find<QAction>("switchOff")->trigger();
    QVERIFY(m_driver->waitFor([&] { return inSession().join("") == "(a)(b)c"; }));
    QVERIFY(m_driver->waitIdle());
    QVERIFY(!m_driver->find<QAction>("switchOff")->isEnabled());
    QVERIFY(m_driver->find<QLabel>("hint")->text().endsWith("2 documents are off"));
    m_driver->ask("What did the keeper write?");
    QVERIFY(m_driver->waitFor([&] { return !m_driver->cards().empty(); }));
    QVERIFY(m_driver->waitIdle());
    QVERIFY(m_driver->find<QLabel>("cost")->text().endsWith("2 documents off"));
    m_driver->find<QAction>("switchOn")->trigger();
    QVERIFY(m_driver->waitFor([&] { return inSession().join("") == "abc"; }));
}

void TestShelf::takingOutSaysWhatIsReadAgainBeforeItBegins() {
    readThree();
    const QString tokens = row(1).split(" · ").at(1).section(' ', 0, 0);
    select(0, 0);
    shelf()->setFocus();
    QTest::keyClick(shelf(), Qt::Key_Delete);
    QMessageBox* box = question();
    QVERIFY(box != nullptr);
    QCOMPARE(box->text(), QString("Take “a.pdf” out of the session?"));
    QVERIFY2(box->informativeText().contains("tokens are read again, about"), qPrintable(box->informativeText()));
    QCOMPARE(inSession().join(""), QString("abc"));
    box->findChild<QPushButton*>("confirmed")->click();
    QVERIFY(m_driver->waitFor([&] { return inSession().join("") == "bc"; }));
    QVERIFY(m_driver->waitFor([&] { return m_world->pages_read == 9; }));
    QVERIFY(m_driver->waitIdle());
    QCOMPARE(shelf()->model()->rowCount(), 2);
    QVERIFY(row(0).contains(tokens));
    select(1, 1);
    m_driver->find<QAction>("removeDocuments")->trigger();
    QVERIFY(m_driver->waitFor([&] { return question() != nullptr && question()->isVisible(); }));
    QVERIFY(question()->informativeText().startsWith("Nothing has to be read again."));
}

void TestShelf::whatWasTakenOutComesBackWhereItStood() {
    readThree();
    select(0, 1);
    m_driver->find<QAction>("removeDocuments")->trigger();
    question()->findChild<QPushButton*>("confirmed")->click();
    QVERIFY(m_driver->waitFor([&] { return inSession().join("") == "c"; }));
    QVERIFY(m_driver->waitIdle());
    QCOMPARE(m_driver->notice(), QString("2 documents are out of the session."));
    m_driver->click("noticeAction");
    QVERIFY(m_driver->waitFor([&] { return inSession().join("") == "abc"; }));
    QVERIFY(m_driver->waitIdle());
    QVERIFY(m_driver->notice().isEmpty());
    for (int document = 0; document < 3; ++document)
        QVERIFY2(row(document).contains("tokens"), qPrintable(row(document)));
}

void TestShelf::cancelledChangeChangesNothing() {
    readThree();
    select(0, 1);
    m_driver->find<QAction>("removeDocuments")->trigger();
    QMessageBox* box = question();
    QVERIFY(box != nullptr);
    QCOMPARE(box->text(), QString("Take 2 documents out of the session?"));
    box->reject();
    QVERIFY(m_driver->waitIdle());
    QCOMPARE(inSession().join(""), QString("abc"));
    QCOMPARE(m_world->pages_read.load(), 6);
}

void TestShelf::keysAndDropsMoveDocuments() {
    readThree();
    select(0, 0);
    shelf()->setFocus();
    QVERIFY(!m_driver->find<QAction>("moveUp")->isEnabled());
    QTest::keyClick(shelf(), Qt::Key_Down, Qt::AltModifier);
    QVERIFY(question() != nullptr);
    question()->findChild<QPushButton*>("confirmed")->click();
    QVERIFY(m_driver->waitFor([&] { return inSession().join("") == "bac"; }));
    QVERIFY(m_driver->waitFor([&] { return m_world->pages_read == 12 && m_driver->activity() == "Ready"; }));
    QVERIFY(m_driver->waitFor([&] { return m_driver->find<QMessageBox>("confirmReread") == nullptr; }));
    auto* model = shelf()->model();
    const std::unique_ptr<QMimeData> two(model->mimeData({model->index(1, 0), model->index(2, 0)}));
    QVERIFY(model->dropMimeData(two.get(), Qt::MoveAction, 0, 0, {}));
    QVERIFY(question() != nullptr);
    question()->findChild<QPushButton*>("confirmed")->click();
    QVERIFY(m_driver->waitFor([&] { return inSession().join("") == "acb"; }));
    QVERIFY(m_driver->waitFor([&] { return m_driver->activity() == "Ready"; }));
    QVERIFY(m_driver->waitFor([&] { return m_driver->find<QMessageBox>("confirmReread") == nullptr; }));
    const std::unique_ptr<QMimeData> same(model->mimeData({model->index(0, 0)}));
    QVERIFY(model->dropMimeData(same.get(), Qt::MoveAction, 1, 0, {}));
    QVERIFY2(m_driver->activity() == "Ready", "where it was it stays");
    const QMimeData foreign;
    QVERIFY(!model->canDropMimeData(&foreign, Qt::MoveAction, 0, 0, {}));
}

void TestShelf::changedFileIsShownAndReadAgain() {
    readThree();
    {
        const std::lock_guard guard(m_world->lock);
        m_world->changed = {"b.pdf"};
    }
    reopenRecent();
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("readChanged") != nullptr; }));
    QVERIFY(row(1).startsWith("Changed on disk"));
    QVERIFY(!row(0).contains("Changed"));
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("readChanged")->isEnabled(); }));
    m_driver->click("readChanged");
    QVERIFY(question() != nullptr);
    QVERIFY2(question()->informativeText().startsWith("Up to "), qPrintable(question()->informativeText()));
    question()->findChild<QPushButton*>("confirmed")->click();
    QVERIFY(m_driver->waitFor([&] { return m_world->pages_read == 9; }));
    QVERIFY(m_driver->waitIdle());
    QVERIFY(m_driver->visible("readChanged") == nullptr);
    QVERIFY(!row(1).contains("Changed"));
}

void TestShelf::pausedReadingStaysPausedWhenDocumentsMove() {
    m_world->page_ms = 15;
    startReading({m_driver->document("a.pdf", "pages 3\n"), m_driver->document("b.pdf", "pages 30\n"),
                  m_driver->document("c.pdf", "pages 1\n")});
    QVERIFY(m_driver->waitFor([&] { return m_world->pages_read > 4; }));
    m_driver->click("cancelReading");
    QVERIFY(m_driver->waitIdle());
    const int read = m_world->pages_read;
    select(2, 2);
    m_driver->find<QAction>("removeDocuments")->trigger();
    QVERIFY(question() != nullptr);
    question()->findChild<QPushButton*>("confirmed")->click();
    QVERIFY(m_driver->waitFor([&] { return inSession().join("") == "ab"; }));
    QVERIFY(m_driver->waitIdle());
    QCOMPARE(m_world->pages_read.load(), read);
    QVERIFY(m_driver->visible("resumeReading") != nullptr);
}

void TestShelf::nothingIsChangedWhileTheEngineWorks() {
    readThree();
    m_world->word_ms = 20;
    m_driver->ask("What did the keeper write?");
    QVERIFY(m_driver->waitFor([&] { return m_driver->activity().startsWith("Answering"); }));
    select(1, 1);
    for (const char* name : {"switchOff", "moveUp", "moveDown", "removeDocuments"})
        QVERIFY2(!m_driver->find<QAction>(name)->isEnabled(), name);
    QVERIFY(!shelf()->model()->index(1, 0).flags().testFlag(Qt::ItemIsUserCheckable));
    QVERIFY(m_driver->waitIdle());
    QVERIFY(m_driver->find<QAction>("removeDocuments")->isEnabled());
}

void TestShelf::coverageTellsOfEveryPage() {
    using Model = ui::ShelfModel;
    ui::DocumentEntry entry;
    entry.info.id = 1;
    entry.info.name = "scan.pdf";
    entry.info.state = DocumentState::Reading;
    entry.pages.resize(6);
    for (PageInfo& page : entry.pages) page.tokens = 10;
    entry.pages[0].in_context = true;
    for (const std::size_t page : {1, 2, 4}) entry.pages[page] = {PageState::ImageOnly, false, "", "", 0, 0, 0};
    Model model;
    model.setDocuments({entry});
    const auto covers = [&] { return model.index(0, 0, {}).data(Model::kCoverage).toByteArray(); };
    const auto bytes = [](std::initializer_list<char> all) { return QByteArray(all.begin(), qsizetype(all.size())); };
    const char in = Model::kInContext, later = Model::kNotYet, none = Model::kNoText;
    QCOMPARE(covers(), bytes({in, none, none, later, none, later}));
    IngestEvent event;
    event.document = "scan.pdf";
    event.pages = 4;
    event.pages_total = 6;
    model.apply(event);
    QCOMPARE(covers(), bytes({in, none, none, in, none, later}));
    QVERIFY(model.index(0, 0, {}).data(Qt::ToolTipRole).toString().contains("2–3, 5"));
    event.kind = IngestEvent::Kind::Document;
    model.apply(event);
    const auto detail = [&] { return model.index(0, 0, {}).data(Model::kDetail).toString(); };
    QVERIFY2(detail().endsWith("3 pages need OCR"), qPrintable(detail()));
    ui::DocumentEntry scan = entry;
    scan.pages.assign(4, {PageState::ImageOnly, false, "", "", 0, 0, 0});
    scan.info.state = DocumentState::Failed;
    scan.info.problem = "the engine's own sentence";
    scan.info.problem_parts.problem = DocumentProblem::NeedsOcr;
    model.setDocuments({scan});
    QVERIFY2(detail().startsWith("Needs OCR"), qPrintable(detail()));
    const QString advice = model.index(0, 0, {}).data(Qt::ToolTipRole).toString();
    QVERIFY2(advice.contains("scan.pdf") && advice.contains("ocrmypdf"), qPrintable(advice));
    QVERIFY(scan.needsOcr() && entry.needsOcr());
    entry.pages[1] = {PageState::Read, true, "", "by OCR", 0, 0, 9};
    model.setDocuments({entry});
    QVERIFY(model.index(0, 0, {}).data(Qt::ToolTipRole).toString().contains("(OCR) and may have mistakes: 1"));
    entry.pages.assign(1500, PageInfo());
    QVERIFY(!entry.needsOcr());
    entry.pages[750].state = PageState::Unreadable;
    entry.info.state = DocumentState::InContext;
    model.setDocuments({entry});
    QCOMPARE(covers().size(), qsizetype(Model::kMostCells));
    QCOMPARE(covers().count(none), qsizetype(1));
}

}  // namespace lectern::test

int main(int argc, char** argv) {
    lectern::test::WatchedApplication application(argc, argv);
    QApplication::setStyle("Fusion");
    lectern::test::TestShelf test;
    return QTest::qExec(&test, argc, argv);
}
