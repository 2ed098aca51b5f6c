// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/ui/support/window_test.h"

namespace lectern::ui {
class HeatMapView;
class PlotView;
}  // namespace lectern::ui

namespace lectern::test {

class TestQuantization final : public WindowTest {
    Q_OBJECT

private slots:
    void sessionsWithNothingQuantizedSaySo();
    void clickAndEnterChooseWhatThePlotsShow();
    void arrowKeysReachEveryCell();
    void plotsHaveTheEnginesNumbers();
    void mapShowsWhichLayersLookAtTheDocuments();
    void numbersGrowWhileDocumentsAreRead();
    void layersInFp16HaveNoPlots();
    void picturesAndNumbersAreExportedAsFiles();
    void failedExportNamesTheFile();
    void tablesQuoteWhatWouldBreakThem();
    void coloursAreToldApartWithoutHue();
    void largeModelsKeepTheWindowFree();
    void answersShowWhatTheirDocumentsDrew();
    void manyDocumentsAreNamedAndTheRestJoined();
    void settingsAreComparedSortedExportedAndKept();
    void comparisonCanBeCancelledAndChosenFrom();
    void citationsBringTheReaderToTheFront();

private:
    ui::HeatMapView* openDock();
    void choose(int layer, int kind);
    ui::PlotView* plot(const char* name) const;
    /// Exports through menu and dialog; the file, read back.
    QByteArray exported(QWidget* owner, const char* action, const QString& name);
};

}  // namespace lectern::test
