// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/ui/support/window_driver.h"

namespace lectern::test {

struct WholeJob {
    QString first_question, second_question;
    int patience_ms = 10000;
};

/// Start page → drop → plan → reading → question → streamed answer → citation → marked page → close → reopen from the
/// recent sessions → second question. Fails the running QTest where a step does not happen. Any engine.
void doWholeJob(WindowDriver& driver, const QString& pdf, const WholeJob& job);

}  // namespace lectern::test
