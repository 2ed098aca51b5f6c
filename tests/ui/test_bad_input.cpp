// SPDX-License-Identifier: GPL-3.0-or-later
// What bad input gets, seen in the window on the real engine.
#include "tests/ui/test_bad_input.h"

#include <QFile>
#include <QLabel>
#include <QStringEncoder>
#include <QTreeView>
#include <QTreeWidget>
#include <QtTest/QTest>

#include "app/window_services.h"
#include "tests/engine/document/pdf_writer.h"
#include "tests/ui/support/gui_watch.h"
#include "ui/format.h"
#include "ui/model_chooser.h"
#include "ui/shelf_model.h"
#include "ui/text_page.h"

namespace lectern::test {
namespace {

constexpr int kPatienceMs = 120'000;
constexpr qint64 kVersionAt = 60;  ///< of an SQLite file: the user's version, big-endian

WatchedApplication& watch() {
    return *static_cast<WatchedApplication*>(QCoreApplication::instance());
}

QByteArray pdf(const std::vector<PdfPage>& pages) {
    PdfWriter writer;
    writer.pages = pages;
    return QByteArray::fromStdString(writer.bytes());
}

}  // namespace

void TestBadInput::init() {
    const ui::Services services = windowServices();
    if (services.options.built_in.empty()) QSKIP("the built-in model is not there");
    m_driver = std::make_unique<WindowDriver>(services);
    m_driver->openWindow();
    QVERIFY(m_driver->waitIdle(kPatienceMs));
    watch().restartWatch();
}

void TestBadInput::cleanup() {
    const QString problem = watch().problem();
    m_driver.reset();
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
}

std::filesystem::path TestBadInput::write(const char* name, const QByteArray& bytes) const {
    const auto path = m_driver->folder() / name;
    QFile file(ui::fromPath(path));
    if (file.open(QIODevice::WriteOnly)) file.write(bytes);
    return path;
}

bool TestBadInput::plan(const std::vector<std::filesystem::path>& files) {
    QStringList paths;
    for (const auto& file : files) paths << ui::fromPath(file);
    m_driver->drop(paths);
    auto* list = m_driver->find<QTreeWidget>("planDocuments");
    return m_driver->waitFor([&] { return list->topLevelItemCount() == int(files.size()); }, kPatienceMs);
}

QString TestBadInput::planned(const char* name) const {
    const auto* list = m_driver->find<QTreeWidget>("planDocuments");
    for (int row = 0; row < list->topLevelItemCount(); ++row) {
        const QString text = list->topLevelItem(row)->text(0);
        if (text.contains(name)) return text;
    }
    return {};
}

void TestBadInput::badDocumentsAreListedEachWithItsReason() {
    const QByteArray whole = pdf({{textAt(72, 720, "The lamp was lit.")}, {textAt(72, 720, "The well is deep.")}});
    const std::map<const char*, std::pair<QByteArray, const char*>> bad = {
        {"empty.pdf", {"", "is empty"}},
        {"cut.pdf", {whole.left(whole.size() / 3), "damaged"}},
        {"nopages.pdf", {pdf({}), "has no pages"}},
        {"scan.pdf", {pdf({{blackBox(100, 100, 300, 300)}}), "OCR"}},
        {"picture.pdf", {QByteArray("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16) + QByteArray(400, '\1'), "picture.pdf"}},
        {"program.txt",
         {QByteArray("\x7f"
                     "ELF\2\1\1\0",
                     8) +
              QByteArray(4000, '\0'),
          "binary file"}},
        {"blank.txt", {" \n\n", "has no text"}}};
    std::vector<std::filesystem::path> files = {write("good.pdf", whole), m_driver->folder() / "gone.pdf"};
    for (const auto& [name, what] : bad) files.push_back(write(name, what.first));
    QVERIFY(plan(files));
    for (const auto& [name, what] : bad)
        QVERIFY2(planned(name).contains(what.second), qPrintable(QString(name) + ": " + planned(name)));
    QVERIFY2(planned("gone.pdf").contains("does not exist"), qPrintable(planned("gone.pdf")));
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("planRead")->isEnabled(); }, kPatienceMs));
    m_driver->click("planRead");
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("question") != nullptr; }));
    QVERIFY(m_driver->waitIdle(kPatienceMs));
    auto* shelf = m_driver->find<QTreeView>("shelf");
    QCOMPARE(shelf->model()->rowCount(), int(files.size()));
    QVERIFY2(m_driver->notice().isEmpty(), qPrintable(m_driver->notice()));
    int failed = 0;
    for (int row = 0; row < shelf->model()->rowCount(); ++row) {
        const QModelIndex index = shelf->model()->index(row, 0);
        if (index.data(ui::ShelfModel::kState).toInt() != int(DocumentState::Failed)) continue;
        ++failed;
        const QString detail = index.data(ui::ShelfModel::kDetail).toString();
        QVERIFY2(detail.startsWith("Failed: ") || detail.startsWith("Needs OCR"), qPrintable(detail));
    }
    QCOMPARE(failed, int(files.size()) - 1);
}

void TestBadInput::whereNothingCanBeReadNothingIs() {
    QVERIFY(plan({write("empty.pdf", "")}));
    QVERIFY(m_driver->waitIdle(kPatienceMs));
    QVERIFY(planned("empty.pdf").contains("is empty"));
    QVERIFY(!m_driver->visible("planRead")->isEnabled());
    QVERIFY(m_driver->visible("planCancel")->isEnabled());
}

void TestBadInput::oddEncodingsAndScriptsAreReadAsTheyAre() {
    const QString words = QString::fromUtf8("Der Müller mahlt. \u4e95\u5f88\u6df1\u3002 \u05d0\u05d1\u05d2.\n");
    QStringEncoder encode(QStringConverter::Utf16LE, QStringConverter::Flag::WriteBom);
    const QByteArray wide = encode(words);
    QVERIFY(plan({write("utf16.txt", wide), write("bom.txt", "\xef\xbb\xbf" + words.toUtf8()),
                  write("latin1.txt", QString("Der Müller mahlt.\n").toLatin1())}));
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("planRead")->isEnabled(); }, kPatienceMs));
    m_driver->click("planRead");
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("question") != nullptr; }));
    QVERIFY(m_driver->waitIdle(kPatienceMs));
    auto* shelf = m_driver->find<QTreeView>("shelf");
    for (int row = 0; row < 3; ++row) {
        emit shelf->clicked(shelf->model()->index(row, 0));
        auto* page = m_driver->find<ui::TextPage>("textPage");
        QVERIFY(m_driver->waitFor([&] { return page->toPlainText().contains(QString::fromUtf8("Müller")); }));
        if (row < 2) QVERIFY(page->toPlainText().contains(QString::fromUtf8("\u4e95\u5f88\u6df1")));
    }
}

void TestBadInput::publishedBrokenFilesFailInWordsAndTheRestGoesOn() {
    const auto folder = testData("pdf/malformed");
    if (!folder) QSKIP("the public test data is not there");
    std::vector<std::filesystem::path> files = {write("good.txt", "The well is deep.\n")};
    for (const auto& entry : std::filesystem::directory_iterator(*folder))
        if (entry.path().extension() == ".pdf") files.push_back(entry.path());
    QVERIFY(plan(files));
    const auto* list = m_driver->find<QTreeWidget>("planDocuments");
    for (int row = 0; row < list->topLevelItemCount(); ++row) {
        const auto* item = list->topLevelItem(row);
        const bool read = !item->text(1).isEmpty();
        const QString reason = item->text(0);
        QVERIFY2(read || (reason.startsWith(QChar(0x201c)) && reason.endsWith(QChar('.'))) || reason.endsWith(')'),
                 qPrintable(reason));
    }
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("planRead")->isEnabled(); }, kPatienceMs));
}

void TestBadInput::longDocumentIsPlanned() {
    std::vector<PdfPage> pages;
    for (int page = 1; page <= 5000; ++page) pages.push_back({textAt(72, 720, "Page " + std::to_string(page))});
    QVERIFY(plan({write("long.pdf", pdf(pages))}));
    QCOMPARE(m_driver->find<QTreeWidget>("planDocuments")->topLevelItem(0)->text(1), ui::countText(5000));
}

void TestBadInput::missingModelIsNamedAndAnotherCanBeChosen() {
    ui::Preferences preferences;
    preferences.reopen = false;
    preferences.model = "/nowhere/Llama-9B.gguf";
    m_driver->closeWindow();
    m_driver->setPreferences(preferences);
    m_driver->openWindow();
    QVERIFY(m_driver->waitIdle(kPatienceMs));
    m_driver->drop({ui::fromPath(write("good.txt", "The well is deep.\n"))});
    QVERIFY(m_driver->waitFor([&] { return !m_driver->notice().isEmpty(); }, kPatienceMs));
    QCOMPARE(m_driver->notice(), QString("The model “Llama-9B.gguf” is not there. Choose another one."));
    m_driver->click("noticeMore");
    QVERIFY(qobject_cast<QLabel*>(m_driver->visible("noticeDetails"))->text().contains("/nowhere/Llama-9B.gguf"));
    QVERIFY(m_driver->visible("startPage") != nullptr);
    auto* models = m_driver->find<ui::ModelChooser>("startModel");
    models->setCurrentIndex(0);
    emit models->activated(0);
    m_driver->drop({ui::fromPath(m_driver->folder() / "good.txt")});
    QVERIFY(m_driver->waitFor(
        [&] { return m_driver->visible("planRead") && m_driver->visible("planRead")->isEnabled(); }, kPatienceMs));
}

void TestBadInput::modelThatIsCutShortOrNoneIsNamed() {
    QFile whole(ui::fromPath(windowServices().options.built_in));
    QVERIFY(whole.open(QIODevice::ReadOnly));
    const QByteArray head = whole.read(whole.size() / 2);
    QByteArray hostile = head.left(4096);
    for (qsizetype at = 8; at < 24; ++at) hostile[at] = '\xff';  // numbers of tensors and of fields
    for (const auto& [name, bytes] : std::map<const char*, QByteArray>{
             {"cut.gguf", head}, {"hostile.gguf", hostile}, {"none.gguf", "not a model at all"}}) {
        const auto file = write(name, bytes);
        auto* models = m_driver->find<ui::ModelChooser>("startModel");
        models->selectModel(ui::fromPath(file));
        emit models->modelChosen(models->model());
        m_driver->drop({ui::fromPath(write("good.txt", "The well is deep.\n"))});
        QVERIFY2(m_driver->waitFor([&] { return m_driver->notice().contains(name); }, kPatienceMs),
                 qPrintable(m_driver->notice()));
        QVERIFY(m_driver->visible("startPage") != nullptr);
    }
}

std::filesystem::path TestBadInput::session() {
    const auto file = m_driver->folder() / "whole.lectern";
    auto engine = windowServices().make_engine(windowServices().options);
    auto session = (*engine)->createSession({.file = file});
    const auto text = write("well.txt", QByteArray("The well in the yard is deep. ").repeated(200));
    const auto planned = (*session)->addDocuments({{.file = text, .password = {}, .limits = {}}}, {}, {});
    const auto read = (*session)->ingest({}, {});
    return planned && read ? file : std::filesystem::path();
}

void TestBadInput::sessionsThatCannotBeUsedAreNamed_data() {
    QTest::addColumn<qint64>("at");  // from the file's beginning; negative: from its middle on
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("said");
    QTest::newRow("of a newer version") << kVersionAt << QByteArray("\0\0\0\x63", 4) << "newer";
    QTest::newRow("no session") << qint64(0) << QByteArray("%PDF-1.7 is no session") << "whole.lectern";
    QTest::newRow("with flipped bits") << qint64(-1) << QByteArray(3000, '\x5a') << "amaged";
}

void TestBadInput::sessionsThatCannotBeUsedAreNamed() {
    QFETCH(qint64, at);
    QFETCH(QByteArray, bytes);
    QFETCH(QString, said);
    const QString path = ui::fromPath(session());
    QVERIFY(!path.isEmpty());
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadWrite));
    QVERIFY(file.seek(at >= 0 ? at : file.size() / 2));
    QCOMPARE(file.write(bytes), bytes.size());
    file.close();
    m_driver->window().openPaths({path});
    QVERIFY(m_driver->waitFor([&] { return !m_driver->notice().isEmpty(); }, kPatienceMs));
    QVERIFY2(m_driver->notice().contains(said), qPrintable(m_driver->notice()));
    QVERIFY2(m_driver->notice().contains("whole.lectern"), qPrintable(m_driver->notice()));
    QVERIFY(m_driver->waitIdle(kPatienceMs));
}

}  // namespace lectern::test

int main(int argc, char** argv) {
    lectern::test::WatchedApplication application(argc, argv);
    QApplication::setStyle("Fusion");
    lectern::test::TestBadInput test;
    return QTest::qExec(&test, argc, argv);
}
