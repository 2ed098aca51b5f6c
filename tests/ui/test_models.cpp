// SPDX-License-Identifier: GPL-3.0-or-later
// Models looked at, added and removed in the window, on the fake engine.
#include "tests/ui/test_models.h"

#include <QAction>
#include <QComboBox>
#include <QFileDialog>
#include <QLabel>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>
#include <QStandardPaths>
#include <QTreeWidget>
#include <QtTest/QTest>

#include "tests/ui/support/gui_watch.h"
#include "ui/format.h"
#include "ui/model_chooser.h"

namespace lectern::test {

std::filesystem::path TestModels::own() const {
    return m_driver->folder() / "models";
}

QString TestModels::file(const QString& name) {
    return m_driver->document(name, "a model\n");
}

ui::ModelManager* TestModels::manager() {
    if (auto* open = m_driver->find<ui::ModelManager>("modelManager")) return open;
    m_driver->find<QAction>("models")->trigger();
    return m_driver->find<ui::ModelManager>("modelManager");
}

void TestModels::add(const QString& file, const char* button) {
    manager()->findChild<QPushButton*>("addModel")->menu()->actions().first()->trigger();
    auto* dialog = manager()->findChild<QFileDialog*>();
    QVERIFY(dialog != nullptr);
    emit dialog->fileSelected(file);
    dialog->close();
    auto* box = manager()->findChild<QMessageBox*>("addModelDialog");
    QVERIFY(box != nullptr);
    box->findChild<QPushButton*>(button)->click();
}

bool TestModels::select(const QString& name) {
    auto* list = manager()->findChild<QTreeWidget*>("modelList");
    for (QTreeWidgetItem* item : list->findItems(name, Qt::MatchExactly | Qt::MatchRecursive)) {
        list->setCurrentItem(item);
        return true;
    }
    return false;
}

void TestModels::listSaysWhatEachModelTakesAndWhatFits() {
    {
        const std::lock_guard lock(m_world->lock);
        std::filesystem::create_directories(own());
        m_world->models = {fakeModel(ui::toPath(file("models/Large-8B.gguf"))),
                           fakeModel(ui::toPath(file("models/torn.gguf")))};
        m_world->models[1].problem = "models/torn.gguf is cut short: copy it again.";
    }
    m_driver->closeWindow();
    m_driver->openWindow();
    QVERIFY(m_driver->waitIdle());
    QVERIFY(manager() != nullptr);
    QVERIFY(select("Large-8B"));
    auto* list = manager()->findChild<QTreeWidget*>("modelList");
    QTreeWidgetItem* item = list->currentItem();
    QStringList cells;
    for (int column = 1; column < list->columnCount(); ++column) cells << item->text(column);
    QCOMPARE(cells.join('|').replace(QChar(0xa0), ' '), QString("4.9 GB|F32, Q4_K, Q6_K|440K|560K|790K|125K"));
    QVERIFY(item->parent()->text(0).endsWith("/models"));
    auto* details = manager()->findChild<QLabel*>("modelDetails");
    QVERIFY2(!details->text().contains("Fingerprint"), "it is not worked out for a list");
    manager()->findChild<QPushButton*>("findFingerprint")->click();
    QVERIFY(m_driver->waitFor([&] { return details->text().contains("Fingerprint fake-Large-8B"); }));
    QVERIFY(select("torn"));
    QVERIFY(details->text().contains("copy it again"));
    QVERIFY(!manager()->findChild<QPushButton*>("useModel")->isEnabled());
    QVERIFY(select("Lectern Reader"));
    QVERIFY2(!manager()->findChild<QPushButton*>("removeModel")->isEnabled(), "it came with the program");
    QVERIFY(manager()->findChild<QLabel*>("modelSources")->text().contains("https://huggingface.co/"));
}

void TestModels::copiedModelIsInItsFolderAndCanBeChosen() {
    add(file("Mistral-7B.gguf"), "copyModel");
    QVERIFY(m_driver->waitFor([&] { return select("Mistral-7B"); }));
    QVERIFY(std::filesystem::exists(own() / "Mistral-7B.gguf"));
    QVERIFY(manager()->findChild<QLabel*>("modelNews")->text().contains("Mistral-7B.gguf"));
    add(file("Mistral-7B.gguf"), "copyModel");
    QVERIFY(m_driver->waitFor([&] { return manager()->findChild<QLabel*>("modelNews")->text().contains("already"); }));
    manager()->findChild<QPushButton*>("useModel")->click();
    QCOMPARE(m_driver->find<ui::ModelChooser>("startModel")->model(), ui::fromPath(own() / "Mistral-7B.gguf"));
}

void TestModels::cancelledCopyLeavesNothing() {
    m_world->piece_ms = 60;
    add(file("Mistral-7B.gguf"), "copyModel");
    auto* cancel = manager()->findChild<QPushButton*>("cancelModel");
    QVERIFY(m_driver->waitFor([&] { return cancel->isVisible(); }));
    QVERIFY(!manager()->findChild<QPushButton*>("addModel")->isEnabled());
    cancel->click();
    QVERIFY(m_driver->waitIdle());
    QVERIFY(!std::filesystem::exists(own() / "Mistral-7B.gguf"));
    QVERIFY(!select("Mistral-7B"));
    QVERIFY(!cancel->isVisible());
}

void TestModels::modelUsedWhereItIsIsKeptAndForgottenWithItsFileLeft() {
    const QString path = file("Qwen2-7B.gguf");
    add(path, "useInPlace");
    QVERIFY(m_driver->waitFor([&] { return select("Qwen2-7B"); }));
    QVERIFY(m_driver->waitIdle());
    QVERIFY2(!std::filesystem::exists(own()), "nothing is copied");
    m_driver->closeWindow();
    m_driver->openWindow();
    QVERIFY(m_driver->waitIdle());
    manager();
    QVERIFY2(select("Qwen2-7B"), "it is there at the next start");
    manager()->findChild<QPushButton*>("removeModel")->click();
    QVERIFY2(manager()->findChild<QMessageBox*>("removeModelDialog") == nullptr, "no file goes: nothing to ask");
    QVERIFY(manager()->findChild<QLabel*>("modelNews")->text().contains("stay where they are"));
    QVERIFY(m_driver->waitFor([&] { return !select("Qwen2-7B"); }));
    QVERIFY(QFile::exists(path));
}

void TestModels::removedModelGoesToTheTrashAfterAYes() {
    const QByteArray before = qgetenv("XDG_DATA_HOME");
    qputenv("XDG_DATA_HOME", ui::fromPath(m_driver->folder() / "data").toLocal8Bit());
    add(file("Mistral-7B.gguf"), "copyModel");
    QVERIFY(m_driver->waitFor([&] { return select("Mistral-7B"); }));
    QVERIFY(m_driver->waitIdle());
    auto* remove = manager()->findChild<QPushButton*>("removeModel");
    remove->click();
    auto* box = manager()->findChild<QMessageBox*>("removeModelDialog");
    QVERIFY(box != nullptr);
    QVERIFY2(box->informativeText().contains("Mistral-7B.gguf"), qPrintable(box->informativeText()));
    box->reject();
    QVERIFY(std::filesystem::exists(own() / "Mistral-7B.gguf"));
    QVERIFY(m_driver->waitFor([&] { return manager()->findChild<QMessageBox*>("removeModelDialog") == nullptr; }));
    remove->click();
    manager()->findChild<QMessageBox*>("removeModelDialog")->findChild<QPushButton*>("reallyRemoveModel")->click();
    QVERIFY(m_driver->waitFor([&] { return !select("Mistral-7B"); }));
    QVERIFY(!std::filesystem::exists(own() / "Mistral-7B.gguf"));
    QVERIFY(manager()->findChild<QLabel*>("modelNews")->text().contains("trash"));
    QVERIFY(std::filesystem::exists(m_driver->folder() / "data/Trash/files/Mistral-7B.gguf"));
    before.isEmpty() ? qunsetenv("XDG_DATA_HOME") : qputenv("XDG_DATA_HOME", before);
}

void TestModels::modelOfTheOpenSessionStays() {
    add(file("Mistral-7B.gguf"), "copyModel");
    QVERIFY(m_driver->waitFor([&] { return select("Mistral-7B"); }));
    QVERIFY(m_driver->waitIdle());
    QVERIFY(manager()->findChild<QPushButton*>("removeModel")->isEnabled());
    manager()->close();
    m_world->session_model = own() / "Mistral-7B.gguf";
    readDocuments({m_driver->document("harbour.pdf", "pages 2\n")});
    QVERIFY(select("Mistral-7B"));
    auto* remove = manager()->findChild<QPushButton*>("removeModel");
    QVERIFY(!remove->isEnabled());
    QVERIFY(remove->toolTip().contains("open session"));
}

}  // namespace lectern::test

int main(int argc, char** argv) {
    lectern::test::WatchedApplication application(argc, argv);
    QApplication::setStyle("Fusion");
    lectern::test::TestModels test;
    return QTest::qExec(&test, argc, argv);
}
