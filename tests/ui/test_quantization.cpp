// SPDX-License-Identifier: GPL-3.0-or-later
// The quantization dock on the fake engine: what it shows, how it is reached, what is saved of it.
#include "tests/ui/test_quantization.h"

#include <QAction>
#include <QComboBox>
#include <QFile>
#include <QFileDialog>
#include <QImage>
#include <QLabel>
#include <QLocale>
#include <QSvgRenderer>
#include <QTabBar>
#include <QTreeWidget>
#include <QtTest/QTest>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "tests/ui/support/fake_statistics.h"
#include "tests/ui/support/gui_watch.h"
#include "ui/attention_page.h"
#include "ui/format.h"
#include "ui/heat_map_view.h"
#include "ui/plot_canvas.h"
#include "ui/plot_colors.h"
#include "ui/plot_view.h"
#include "ui/quantization_panel.h"
#include "ui/statistics_plots.h"

namespace lectern::test {

ui::HeatMapView* TestQuantization::openDock() {
    if (m_driver->visible("quantizationDock") == nullptr) m_driver->trigger("quantizationDock");
    m_driver->waitFor([&] { return m_driver->visible("heatMap") != nullptr; });
    return m_driver->find<ui::HeatMapView>("heatMap");
}

void TestQuantization::choose(int layer, int kind) {
    auto* map = m_driver->find<ui::HeatMapView>("heatMap");
    QTest::mouseClick(map, Qt::LeftButton, {}, map->cellRect({layer, kind}).center().toPoint());
}

ui::PlotView* TestQuantization::plot(const char* name) const {
    return m_driver->find<ui::PlotView>(name);
}

QByteArray TestQuantization::exported(QWidget* owner, const char* action, const QString& name) {
    const QString file = ui::fromPath(m_driver->folder() / name.toStdString());
    owner->findChild<QAction*>(action)->trigger();
    auto* dialog = m_driver->find<QFileDialog>("exportDialog");
    if (dialog == nullptr) return {};
    dialog->selectFile(file);
    QMetaObject::invokeMethod(dialog, "accept");
    m_driver->waitFor([&] { return m_driver->notice().contains(name); });
    m_driver->waitFor([&] { return m_driver->find<QFileDialog>("exportDialog") == nullptr; });
    QFile saved(file);
    return saved.open(QIODevice::ReadOnly) ? saved.readAll() : QByteArray();
}

void TestQuantization::sessionsWithNothingQuantizedSaySo() {
    m_driver->drop({m_driver->document("harbour.pdf", "pages 2\n")});
    QVERIFY(
        m_driver->waitFor([&] { return m_driver->visible("planRead") && m_driver->visible("planRead")->isEnabled(); }));
    m_world->page_ms = 150;
    m_driver->click("planRead");
    m_driver->trigger("quantizationDock");
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("quantizationEmpty") != nullptr; }));
    auto* words = m_driver->find<QLabel>("quantizationEmpty");
    QVERIFY2(words->text().contains("first 133 tokens"), qPrintable(words->text()));
    QVERIFY(m_driver->waitIdle());
    QVERIFY(m_driver->visible("heatMap") != nullptr);
}

void TestQuantization::clickAndEnterChooseWhatThePlotsShow() {
    readDocuments({m_driver->document("harbour.pdf", "pages 6\n")});
    auto* map = openDock();
    auto* chosen = m_driver->find<QLabel>("chosenLayer");
    QCOMPARE(chosen->text(), QString("Layer 0, keys"));
    choose(7, 1);
    QCOMPARE(chosen->text(), QString("Layer 7, values"));
    map->setFocus();
    QTest::keyClick(map, Qt::Key_Left);
    QCOMPARE(chosen->text(), QString("Layer 7, values"));
    QVERIFY2(map->accessibleDescription().startsWith("Layer 6, values: "), qPrintable(map->accessibleDescription()));
    QTest::keyClick(map, Qt::Key_Return);
    QCOMPARE(chosen->text(), QString("Layer 6, values"));
    QTest::keyClick(map, Qt::Key_End);
    QTest::keyClick(map, Qt::Key_Up);
    QTest::keyClick(map, Qt::Key_Space);
    QCOMPARE(chosen->text(), QString("Layer 11, keys"));
}

void TestQuantization::arrowKeysReachEveryCell() {
    ui::HeatMapView map;
    ui::HeatMapData data{.title = "Outliers", .cells = {}};
    for (int layer = 0; layer < 80; ++layer) data.cells.push_back({layer / 100.0, 1.0});
    map.setData(data);
    map.resize(300, map.heightForWidth(300));
    map.show();
    QVERIFY2(map.height() > 2 * map.heightForWidth(1500), "80 layers take several bands");
    std::set<QString> seen;
    for (int step = 0; step < 80; ++step, QTest::keyClick(&map, Qt::Key_Right)) {
        seen.insert(map.accessibleDescription());
        QTest::keyClick(&map, Qt::Key_Down);
        seen.insert(map.accessibleDescription());
        QTest::keyClick(&map, Qt::Key_Up);
        QVERIFY(seen.contains(map.accessibleDescription()));
    }
    QCOMPARE(seen.size(), std::size_t(160));
    for (const ui::HeatCell cell : {ui::HeatCell{0, 0}, ui::HeatCell{41, 1}, ui::HeatCell{79, 0}}) {
        QVERIFY(map.rect().contains(map.cellRect(cell).toRect()));
        QTest::mouseClick(&map, Qt::LeftButton, {}, map.cellRect(cell).center().toPoint());
        QVERIFY(map.selected() == cell);
    }
}

void TestQuantization::plotsHaveTheEnginesNumbers() {
    readDocuments({m_driver->document("harbour.pdf", "pages 6\n")});
    auto* map = openDock();
    const auto shot = m_world->files.begin()->second;
    const auto layers = fakeStatistics(shot.kv, shot.tokens);
    m_driver->find<QComboBox>("layerMeasure")->setCurrentIndex(int(ui::LayerMeasure::Error));
    QCOMPARE(map->data().cells.size(), layers.size());
    QCOMPARE(map->data().cells[5][1], layers[5].values.snr_db);
    m_driver->find<QComboBox>("layerMeasure")->setCurrentIndex(int(ui::LayerMeasure::Drift));
    QCOMPARE(map->data().cells[5][0], layers[5].keys.drift);
    QVERIFY2(std::isnan(map->data().cells[5][1]), "values have no thresholds to drift from");
    choose(5, 0);
    const KvStatistics& keys = layers[5].keys;
    const ui::Plot channels = plot("channelPlot")->plot();
    QCOMPARE(channels.series[0].low[9], double(keys.low[9]));
    QCOMPARE(channels.series[0].y[9], double(keys.high[9]));
    QCOMPARE(channels.series[1].y[9], double(keys.magnitude[9]));
    QCOMPARE(channels.guides.size(), std::size_t(kFakeHeads - 1));
    const ui::Plot histogram = plot("histogramPlot")->plot();
    QCOMPARE(histogram.marks[0].x, std::vector<double>(keys.codebook.begin(), keys.codebook.end()));
    QVERIFY(std::abs(std::accumulate(histogram.series[0].y.begin(), histogram.series[0].y.end(), 0.0) - 1) < 1e-9);
    QCOMPARE(plot("outliersPerTokenPlot")->plot().series[0].y.size(), keys.tokens_by_outliers.size());
    QCOMPARE(plot("outliersOverTimePlot")->plot().series[0].y, keys.outliers_over_time.points);
    QCOMPARE(plot("driftOverTimePlot")->plot().x[0], 256.0);
    choose(5, 1);
    QCOMPARE(plot("channelPlot")->plot().series.size(), std::size_t(1));
    QVERIFY(!plot("driftOverTimePlot")->plot().hasNumbers());
}

void TestQuantization::mapShowsWhichLayersLookAtTheDocuments() {
    readDocuments({m_driver->document("harbour.pdf", "pages 6\n")});
    auto* map = openDock();
    m_driver->find<QComboBox>("layerMeasure")->setCurrentIndex(int(ui::LayerMeasure::Attention));
    QVERIFY2(std::isnan(map->data().cells[3][0]), "nothing was asked");
    for (const char* asked : {"Who kept the lamp?", "What did the keeper write that night?"}) {
        m_driver->ask(asked);
        QVERIFY(m_driver->waitFor([&] { return m_driver->activity() != "Ready"; }));
        QVERIFY(m_driver->waitIdle());
    }
    const auto messages = m_world->files.begin()->second.branches[0].messages;
    const double mean = (messages[0].layers[3] + messages[1].layers[3]) / 2;
    QVERIFY(m_driver->waitFor([&] { return std::abs(map->data().cells[3][0] - mean) < 1e-12; }));
    QCOMPARE(map->data().cells[3][1], map->data().cells[3][0]);
    QVERIFY(map->data().percent);
    BranchInfo fork;
    fork.messages = messages;
    fork.turn = 1;
    const auto both = ui::attentionByLayer({m_world->files.begin()->second.branches[0], fork});
    QVERIFY2(std::abs(both[3] - (messages[0].layers[3] + 2 * messages[1].layers[3]) / 3) < 1e-12,
             "what conversations share counts once");
}

void TestQuantization::numbersGrowWhileDocumentsAreRead() {
    m_world->page_ms = 40;
    startReading({m_driver->document("harbour.pdf", "pages 90\n")});
    m_driver->trigger("quantizationDock");
    auto* facts = m_driver->find<QLabel>("layerFacts");
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("heatMap") != nullptr; }));
    const QString first = facts->text();
    QVERIFY(m_driver->waitFor([&] { return facts->text() != first; }));
    QVERIFY2(m_driver->activity() != "Ready", "it is still reading");
    m_driver->click("cancelReading");
    QVERIFY(m_driver->waitIdle());
}

void TestQuantization::layersInFp16HaveNoPlots() {
    ui::Preferences preferences;
    preferences.kv = *parseKvSettings("nuq4@3=16/4");
    m_driver->closeWindow();
    m_driver->setPreferences(preferences);
    m_driver->openWindow();
    QVERIFY(m_driver->waitIdle());
    readDocuments({m_driver->document("harbour.pdf", "pages 6\n")});
    auto* map = openDock();
    QVERIFY(std::isnan(map->data().cells[3][0]));
    choose(3, 0);
    QVERIFY(m_driver->find<QLabel>("layerFacts")->text().contains("fp16"));
    QVERIFY(plot("channelPlot")->isHidden());
    choose(3, 1);
    QVERIFY(!plot("channelPlot")->isHidden());
}

void TestQuantization::picturesAndNumbersAreExportedAsFiles() {
    readDocuments({m_driver->document("harbour.pdf", "pages 6\n")});
    openDock();
    choose(2, 0);
    auto* histogram = plot("histogramPlot");
    const auto png = QImage::fromData(exported(histogram, "exportPng", "histogram.png"));
    QCOMPARE(png.size(), QSize(1440, 800));
    std::set<QRgb> colours;
    for (int x = 0; x < png.width(); ++x) colours.insert(png.pixel(x, 500));
    QVERIFY2(colours.size() > 3, "bars and codebook are in the picture");
    QCOMPARE(png.pixel(1, 1), qRgb(255, 255, 255));

    const QByteArray svg = exported(histogram, "exportSvg", "histogram.svg");
    QVERIFY(QSvgRenderer(svg).isValid());
    QVERIFY(svg.contains("Values and codebook"));

    const auto lines = QString::fromUtf8(exported(histogram, "exportCsv", "histogram.csv")).split('\n');
    QCOMPARE(lines[0], QString("Normalised value,Values,Codebook,Thresholds"));
    QCOMPARE(lines.size(), qsizetype(1 + kHistogramBins + 1));
    const ui::Plot shown = histogram->plot();
    QCOMPARE(lines[41].split(',')[1].toDouble(), ui::csvNumber(shown.series[0].y[40]).toDouble());
    QCOMPARE(lines[1].split(',')[2].toDouble(), ui::csvNumber(shown.marks[0].x[0]).toDouble());

    const QString map = QString::fromUtf8(exported(m_driver->visible("exportMap"), "exportCsv", "map.csv"));
    QCOMPARE(map.count('\n'), qsizetype(1 + kFakeLayers));
    QVERIFY2(map.startsWith("Layer,Keys,Values\n0,0.00"), qPrintable(map.left(40)));
    QVERIFY(!QImage::fromData(exported(m_driver->visible("exportMap"), "exportPng", "map.png")).isNull());
}

void TestQuantization::failedExportNamesTheFile() {
    const ui::Figure figure{.name = "x", .paint = [](QPainter&, const QRectF&) {}, .csv = "a\n"};
    const QString file = ui::fromPath(m_driver->folder() / "no such folder" / "x.csv");
    for (const auto format : {ui::FigureFormat::Png, ui::FigureFormat::Svg, ui::FigureFormat::Csv}) {
        const Status done = ui::writeFigure(figure, file, format);
        QVERIFY(!done);
        QVERIFY2(ui::text(done.error().message).contains(file), done.error().message.c_str());
    }
}

void TestQuantization::tablesQuoteWhatWouldBreakThem() {
    ui::Plot plot{.title = "T", .x_name = "Answer", .y_name = "Share", .x = {0, 1}, .series = {}};
    plot.labels = {"a \"b\"", "c, d"};
    plot.series.push_back({"x\ny", ui::PlotShape::Bars, 0, {0.5, std::nan("")}});
    QCOMPARE(ui::csvOf(plot), QString("Answer,\"x\ny\"\n\"a \"\"b\"\"\",0.5\n\"c, d\",\n"));
}

void TestQuantization::coloursAreToldApartWithoutHue() {
    for (const bool dark : {false, true}) {
        for (int i = 1; i <= 20; ++i) {
            const double before = ui::luminance(ui::heatColor((i - 1) / 20.0, dark));
            const double now = ui::luminance(ui::heatColor(i / 20.0, dark));
            QVERIFY2(dark ? now > before : now < before, qPrintable(QString::number(i)));
        }
        for (int i = 0; i <= 20; ++i) {
            const QColor back = ui::heatColor(i / 20.0, dark);
            QVERIFY(ui::contrast(back, ui::inkOn(back)) >= 4.5);
        }
    }
}

/// 80 layers of 8,192 channels: the watch of this test's end finds what took too long.
void TestQuantization::largeModelsKeepTheWindowFree() {
    auto layers = fakeStatistics(*parseKvSettings("nuq4"), 100'000);
    layers.resize(80, layers[1]);
    for (LayerStatistics& layer : layers)
        for (auto* numbers : {&layer.keys.magnitude, &layer.keys.low, &layer.keys.high, &layer.values.magnitude}) {
            const std::vector<float> few = *numbers;
            while (numbers->size() < 8192) numbers->insert(numbers->end(), few.begin(), few.end());
        }
    ui::SessionSnapshot session;
    session.statistics = std::make_shared<const std::vector<LayerStatistics>>(layers);
    session.head_dim = 128;
    session.tokens = 100'000;
    ui::QuantizationPanel panel;
    panel.resize(420, 900);
    panel.show();
    panel.setSession(session);
    auto* map = panel.findChild<ui::HeatMapView*>();
    QVERIFY(m_driver->waitFor([&] { return map->isVisible(); }));
    for (int layer = 0; layer < 80; layer += 20) {
        QTest::mouseClick(map, Qt::LeftButton, {}, map->cellRect({layer, 0}).center().toPoint());
        QTest::qWait(30);
    }
    QCOMPARE(panel.findChild<ui::PlotView*>("channelPlot")->plot().x.size(), std::size_t(8192));
}

void TestQuantization::answersShowWhatTheirDocumentsDrew() {
    readDocuments({m_driver->document("harbour.pdf", "pages 6\n"), m_driver->document("tower.pdf", "pages 2\n")});
    openDock();
    m_driver->find<QTabBar>("quantizationTabs")->setCurrentIndex(1);
    QVERIFY(!plot("attentionPlot")->plot().hasNumbers());
    QVERIFY2(plot("attentionPlot")->plot().empty.startsWith("Ask something"), "an empty plot says how it fills");
    for (const char* asked : {"When was the lamp lit?", "Who keeps the keys of the tower?"}) {
        m_driver->ask(asked);
        QVERIFY(m_driver->waitFor([&] { return m_driver->activity() != "Ready"; }));
        QVERIFY(m_driver->waitIdle());
    }
    const auto messages = m_world->files.begin()->second.branches[0].messages;
    QCOMPARE(messages.size(), std::size_t(2));
    const ui::Plot shown = plot("attentionPlot")->plot();
    QCOMPARE(shown.x, (std::vector<double>{1, 2}));
    QCOMPARE(shown.series.size(), std::size_t(2));
    QCOMPARE(shown.series[1].name, QString("tower.pdf"));
    QCOMPARE(shown.series[1].y[1], messages[1].documents[1].share);
    auto* canvas = plot("attentionPlot")->findChild<ui::PlotCanvas*>();
    canvas->setFocus();
    QTest::keyClick(canvas, Qt::Key_End);
    QVERIFY2(canvas->accessibleDescription().startsWith("Answer 2: harbour.pdf "),
             qPrintable(canvas->accessibleDescription()));
}

void TestQuantization::manyDocumentsAreNamedAndTheRestJoined() {
    Message old, message;
    for (int id = 1; id <= 20; ++id) message.documents.push_back({id, "d" + std::to_string(id), id / 210.0});
    const ui::Plot plot = ui::attentionPlot({old, message});
    QCOMPARE(plot.x, std::vector<double>{2});
    QCOMPARE(plot.series.size(), std::size_t(8));
    QCOMPARE(plot.series[0].name, QString("d14"));
    QCOMPARE(plot.series[7].name, QString("Other documents"));
    double sum = 0;
    for (const auto& series : plot.series) sum += series.y[0];
    QVERIFY(std::abs(sum - 1) < 1e-9);
    QVERIFY(ui::attentionPlot({old}).empty.contains("ask again"));
}

void TestQuantization::settingsAreComparedSortedExportedAndKept() {
    readDocuments({m_driver->document("harbour.pdf", "pages 6\n")});
    openDock();
    m_driver->find<QAction>("compare")->trigger();
    auto* table = m_driver->find<QTreeWidget>("comparison");
    QVERIFY(m_driver->waitFor([&] { return !table->topLevelItem(0)->text(1).isEmpty(); }));
    QVERIFY(m_driver->waitIdle());
    const auto file = m_world->files.begin()->second;
    const auto rows = file.comparison->settings;
    QCOMPARE(table->topLevelItemCount(), int(settingsToCompare(file.kv).size()));
    QCOMPARE(std::size_t(table->topLevelItemCount()), rows.size());
    QCOMPARE(table->topLevelItem(0)->text(0), QString("fp16"));
    QVERIFY2(table->topLevelItem(1)->font(0).bold() || table->topLevelItem(1)->font(0).weight() >= QFont::DemiBold,
             "nuq4 is the session's own");
    table->sortByColumn(1, Qt::DescendingOrder);
    const auto worst =
        std::max_element(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.kl_mean < b.kl_mean; });
    QCOMPARE(table->topLevelItem(0)->text(1), QLocale().toString(worst->kl_mean, 'f', 4));
    QCOMPARE(table->topLevelItem(table->topLevelItemCount() - 1)->text(0), QString("fp16"));

    const QString csv = QString::fromUtf8(exported(m_driver->visible("exportComparison"), "exportCsv", "settings.csv"));
    const auto lines = csv.split('\n');
    QCOMPARE(lines.size(), qsizetype(rows.size() + 2));
    QCOMPARE(lines[0].count(','), qsizetype(9));
    QCOMPARE(lines[2].split(',')[6].toDouble(), ui::csvNumber(rows[1].kl_mean).toDouble());
    QVERIFY2(csv.contains("\"nuq2, no Q-Norm\",5,128,off"), qPrintable(csv));
    QVERIFY2(csv.contains("\"nuq2, no sinks\",0,128,auto"), qPrintable(csv));
    reopenRecent();
    QVERIFY(m_driver->waitFor([&] {
        auto* again = m_driver->find<QTreeWidget>("comparison");
        return again->topLevelItemCount() > 0 && !again->topLevelItem(0)->text(1).isEmpty();
    }));
}

void TestQuantization::comparisonCanBeCancelledAndChosenFrom() {
    readDocuments({m_driver->document("harbour.pdf", "pages 6\n")});
    openDock();
    m_driver->find<QTabBar>("quantizationTabs")->setCurrentIndex(2);
    auto* table = m_driver->find<QTreeWidget>("comparison");
    for (int i = 2; i < table->topLevelItemCount(); ++i) table->topLevelItem(i)->setCheckState(0, Qt::Unchecked);
    m_world->piece_ms = 200;
    m_driver->click("compareSettings");
    QVERIFY(m_driver->waitFor([&] { return m_driver->activity() == "Comparing settings…"; }));
    QVERIFY(!m_driver->visible("compareSettings")->isEnabled());
    m_driver->click("cancelComparison");
    QVERIFY(m_driver->waitIdle());
    QVERIFY2(m_driver->notice().isEmpty(), "a cancel is no error");
    QVERIFY(!m_world->files.begin()->second.comparison);
    m_world->piece_ms = 1;
    m_driver->click("compareSettings");
    QVERIFY(m_driver->waitFor([&] { return !table->topLevelItem(0)->text(1).isEmpty(); }));
    QCOMPARE(m_world->files.begin()->second.comparison->settings.size(), std::size_t(2));
    QVERIFY2(table->topLevelItem(2)->text(1).isEmpty(), "what was not ticked was not measured");
    QCOMPARE(table->topLevelItem(2)->checkState(0), Qt::Unchecked);
    for (int i = 0; i < 2; ++i) table->topLevelItem(i)->setCheckState(0, Qt::Unchecked);
    QVERIFY(!m_driver->visible("compareSettings")->isEnabled());
}

void TestQuantization::citationsBringTheReaderToTheFront() {
    readDocuments({m_driver->document("harbour.pdf", "pages 6\n")});
    openDock();
    m_driver->ask("When was the lamp lit?");
    QVERIFY(m_driver->waitFor([&] { return m_driver->visible("citation") != nullptr; }));
    QVERIFY(!m_driver->find<QWidget>("heatMap")->visibleRegion().isEmpty());
    m_driver->click("citation");
    QVERIFY(m_driver->waitFor([&] { return !m_driver->find<QWidget>("pageView")->visibleRegion().isEmpty(); }));
    QVERIFY(m_driver->find<QWidget>("heatMap")->visibleRegion().isEmpty());
    m_driver->trigger("quantizationDock");  // behind the reader: to the front, not away
    QVERIFY(m_driver->waitFor([&] { return !m_driver->find<QWidget>("heatMap")->visibleRegion().isEmpty(); }));
    m_driver->trigger("quantizationDock");
    QVERIFY(m_driver->visible("quantizationDock") == nullptr);
}

}  // namespace lectern::test

int main(int argc, char** argv) {
    lectern::test::WatchedApplication application(argc, argv);
    QApplication::setStyle("Fusion");
    lectern::test::TestQuantization test;
    return QTest::qExec(&test, argc, argv);
}
