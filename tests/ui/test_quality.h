// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/ui/support/window_test.h"

namespace lectern::test {

class TestQuality final : public WindowTest {
    Q_OBJECT

private slots:
    void fidelityIsCheckedWarnedAboutAndKept();
    void fidelityCheckCanBeCancelled();
    void modelIsCalibratedFromThePlan();
    void cancelledCalibrationKeepsThePlan();
};

}  // namespace lectern::test
