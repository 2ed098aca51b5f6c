// SPDX-License-Identifier: GPL-3.0-or-later
// The memory dock on the fake engine.
#include "tests/ui/test_memory.h"

#include <QAction>
#include <QCheckBox>
#include <QDockWidget>
#include <QFile>
#include <QFileDialog>
#include <QLabel>
#include <QtTest/QTest>

#include "tests/ui/support/fake_statistics.h"
#include "tests/ui/support/gui_watch.h"
#include "ui/format.h"
#include "ui/memory_gauge.h"
#include "ui/memory_history.h"
#include "ui/memory_panel.h"
#include "ui/plot_view.h"
#include "ui/status_line.h"

namespace lectern::test {

void TestMemory::chartStacksTheLedgerWithAndWithoutWeights() {
    readDocuments({m_driver->document("harbour.pdf", "pages 12\n")});
    auto* chart = m_driver->find<ui::PlotView>("memoryChart");
    QVERIFY(m_driver->waitFor([&] { return chart->plot().hasNumbers(); }));
    const auto file = m_world->files.begin()->second;
    const MemoryLedger ledger = fakeLedger(file.kv, file.tokens);
    QVERIFY(m_driver->waitFor([&] { return chart->plot().series[1].y.back() == double(ledger.key_codes); }));
    QCOMPARE(chart->plot().series[0].y.back(), double(ledger.weights));
    double stacked = 0;
    for (std::size_t kind = 0; kind < ui::kMemoryKinds; ++kind) stacked += chart->plot().series[kind].y.back();
    QCOMPARE(stacked, double(ledger.weights + ledger.kvBytes()));
    QCOMPARE(chart->plot().series[6].y.back(), double(ledger.weights + ledger.fp16_bytes));
    QCOMPARE(chart->plot().series[7].y.back(), double(ledger.file_bytes));
    m_driver->find<QCheckBox>("weightsInChart")->click();
    QCOMPARE(chart->plot().series[0].y.back(), double(ledger.key_codes));
    QCOMPARE(chart->plot().series[5].y.back(), double(ledger.fp16_bytes));
    auto* place = m_driver->find<QLabel>("sessionPlace");
    QVERIFY2(place->text().contains("harbour.lectern"), qPrintable(place->text()));
}

void TestMemory::layersAddUpToTheCache() {
    auto* layers = m_driver->find<ui::PlotView>("layerBytes");
    QVERIFY(layers->isHidden());
    readDocuments({m_driver->document("harbour.pdf", "pages 12\n")});
    QVERIFY(!layers->isHidden());
    const auto file = m_world->files.begin()->second;
    const auto statistics = fakeStatistics(file.kv, file.tokens);
    QCOMPARE(layers->plot().x.size(), statistics.size());
    QCOMPARE(layers->plot().series[0].y[3], double(statistics[3].keys.bytes));
    QCOMPARE(layers->plot().series[1].y[3], double(statistics[3].values.bytes));
}

void TestMemory::ofAFewTokensTheCacheIsSaidToBeLarger() {
    readDocuments({m_driver->document("note.txt", "The well is deep.\n")});
    const auto file = m_world->files.begin()->second;
    const MemoryLedger ledger = fakeLedger(file.kv, file.tokens);
    QVERIFY2(ledger.ratio() < 0.5, "tables outweigh it");
    auto* panel = m_driver->window().findChild<ui::MemoryPanel*>();
    QCOMPARE(panel->ratioText(), QLocale().toString(1 / ledger.ratio(), 'f', 1) + QChar(0xd7));
    const auto labels = panel->findChildren<QLabel*>();
    QVERIFY(std::any_of(labels.begin(), labels.end(),
                        [](const QLabel* label) { return label->text() == "the size of\nan fp16 cache"; }));
}

void TestMemory::nothingIsCutOffWhereTheDockIsNarrow() {
    readDocuments({m_driver->document("harbour.pdf", "pages 12\n")});
    auto* panel = m_driver->window().findChild<ui::MemoryPanel*>();
    auto* dock = m_driver->find<QDockWidget>("memoryDock");
    m_driver->window().resizeDocks({dock}, {100}, Qt::Horizontal);
    QTest::qWait(50);
    QVERIFY2(panel->widget()->minimumSizeHint().width() <= panel->viewport()->width(),
             "the page is not wider than what is seen of it");
}

void TestMemory::gaugeShowsWhatTheMachineHas() {
    readDocuments({m_driver->document("harbour.pdf", "pages 2\n")});
    auto* gauge = m_driver->find<ui::MemoryGauge>("memoryGauge");
    QVERIFY2(gauge->words().startsWith("21.4"), qPrintable(gauge->words()));
    QVERIFY(gauge->words().contains("32"));
    QCOMPARE(gauge->accessibleDescription(), gauge->words());
    ui::MemoryGauge without;
    without.setOwn(5);
    QVERIFY2(without.isHidden() && without.words().isEmpty(), "a machine that does not tell has no gauge");
}

void TestMemory::longHistoriesAreThinnedOutAndKeepTheirEnds() {
    ui::MemoryHistory history;
    MemoryLedger ledger;
    for (int i = 1; i <= 5000; ++i) {
        ledger.key_codes = std::uint64_t(i);
        history.add(i, ledger);
    }
    QVERIFY(history.size() <= 600);
    const ui::Plot plot = history.plot(false);
    QCOMPARE(plot.x.front(), 0.0);
    QCOMPARE(plot.x.back(), 5000.0);
    QCOMPARE(plot.series[0].y.back(), 5000.0);
    QVERIFY(std::is_sorted(plot.x.begin(), plot.x.end()));
}

void TestMemory::chartIsExported() {
    readDocuments({m_driver->document("harbour.pdf", "pages 12\n")});
    auto* chart = m_driver->find<ui::PlotView>("memoryChart");
    QVERIFY(m_driver->waitFor([&] { return chart->plot().hasNumbers(); }));
    const QString path = ui::fromPath(m_driver->folder() / "memory.csv");
    chart->findChild<QAction*>("exportCsv")->trigger();
    auto* dialog = m_driver->find<QFileDialog>("exportDialog");
    QVERIFY(dialog != nullptr);
    dialog->selectFile(path);
    QMetaObject::invokeMethod(dialog, "accept");
    QVERIFY(m_driver->waitFor([&] { return m_driver->notice().contains("memory.csv"); }));
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(QString::fromUtf8(file.readLine()).trimmed(),
             QString("Seconds,Model weights,Key codes,Value codes,Outliers,Tokens in fp16,Tables,With an fp16 "
                     "cache,On disk"));
    QVERIFY(!file.readLine().isEmpty());
}

void TestMemory::deviceMemoryIsShownWhereADeviceComputes() {
    ui::MemoryPanel panel({});
    auto* line = panel.findChild<QLabel*>("deviceMemory");
    MemoryLedger ledger = fakeLedger({}, 1000);
    panel.showLedger(ledger);
    QVERIFY(line->isHidden());
    ledger.device_weights = 4'100'000'000, ledger.device_pages = 1'300'000'000, ledger.device_scratch = 600'000'000;
    panel.showLedger(ledger);
    QVERIFY(!line->isHidden());
    for (const char* part : {"4.1", "1.3", "600"}) QVERIFY2(line->text().contains(part), qPrintable(line->text()));
    QVERIFY2(!line->text().contains("processor"), qPrintable(line->text()));
    MemoryLedger divided = ledger;
    divided.host_pages = 3'100'000'000;
    panel.showLedger(divided);
    const QString words = line->text().replace(QChar(0xa0), ' ');
    QVERIFY2(words.contains("3.1 GB of pages: they stay on the processor"), qPrintable(words));
    auto* gauge = panel.findChild<ui::MemoryGauge*>("deviceGauge");
    QVERIFY2(gauge->isHidden(), "nothing is known of that device");
    DeviceInfo device;
    device.id = "cuda:0";
    device.memory = 80'000'000'000, device.memory_free = 78'000'000'000;
    panel.setDevices({device});
    ui::SessionSnapshot session;
    session.processor = {"cuda:0", "NVIDIA H100", {}};
    session.memory = ledger;
    panel.setSession(session);
    QVERIFY(!gauge->isHidden());
    QVERIFY2(gauge->words().startsWith("72") && gauge->words().contains("80"), qPrintable(gauge->words()));
    QVERIFY(gauge->accessibleName().contains("NVIDIA H100"));
}

void TestMemory::statusSaysWhatComputesTheSession() {
    ui::StatusLine status;
    auto* device = status.findChild<QLabel*>("device");
    status.setDevice("NVIDIA H100");
    QCOMPARE(device->text(), QString("NVIDIA H100"));
    ui::SessionSnapshot session;
    session.processor = {"cpu", "Some CPU", "Computing on the CPU. It does not fit."};
    status.setSession(session);
    QCOMPARE(device->text(), QString("CPU"));
    QVERIFY(device->toolTip().contains("does not fit"));
    session.processor = {"cuda:1", "NVIDIA L4", {}};
    status.setSession(session);
    QCOMPARE(device->text(), QString("NVIDIA L4"));
    QVERIFY(device->toolTip().isEmpty());
    status.setSession({});
    QCOMPARE(device->text(), QString("NVIDIA H100"));
}

}  // namespace lectern::test

int main(int argc, char** argv) {
    lectern::test::WatchedApplication application(argc, argv);
    QApplication::setStyle("Fusion");
    lectern::test::TestMemory test;
    return QTest::qExec(&test, argc, argv);
}
