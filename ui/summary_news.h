// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMetaType>
#include <optional>

#include "engine/summary_types.h"

namespace lectern::ui {

/// How a summary being made has grown.
struct SummaryNews {
    SummaryEvent::Kind kind = SummaryEvent::Kind::Begin;
    Summary summary = {};                        ///< of Begin: without sections
    SummaryPlan plan = {};                       ///< of Begin
    std::string text = {};                       ///< of Text
    std::optional<SummarySection> section = {};  ///< of Section
    int done = 0, total = 0;                     ///< sections
    double seconds_left = 0;
};

}  // namespace lectern::ui

Q_DECLARE_METATYPE(lectern::ui::SummaryNews)
