// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/ui/support/window_test.h"

namespace lectern::test {

class TestMemory final : public WindowTest {
    Q_OBJECT

private slots:
    void chartStacksTheLedgerWithAndWithoutWeights();
    void layersAddUpToTheCache();
    void ofAFewTokensTheCacheIsSaidToBeLarger();
    void nothingIsCutOffWhereTheDockIsNarrow();
    void gaugeShowsWhatTheMachineHas();
    void longHistoriesAreThinnedOutAndKeepTheirEnds();
    void chartIsExported();
    void deviceMemoryIsShownWhereADeviceComputes();
    void statusSaysWhatComputesTheSession();
};

}  // namespace lectern::test
