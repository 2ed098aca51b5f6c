// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace lectern::test {

/// Runs this program once more, offscreen and at another scale, which Qt reads at its start: `folder`, `scale` and
/// `language` are its arguments. Returns its exit status.
int runAt(const char* scale, const QString& folder, const QString& language = {});

}  // namespace lectern::test
