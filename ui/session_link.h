// SPDX-License-Identifier: GPL-3.0-or-later
// Links to pages: lectern://session?path=/home/me/case.lectern&document=report.pdf&page=12. Pure functions.
#pragma once

#include <QString>
#include <optional>

namespace lectern::ui {

struct SessionLink {
    QString file;      ///< of the session, absolute
    QString document;  ///< its name there; empty: the first one
    int page = 0;      ///< 1-based; 0: none is meant
    bool operator==(const SessionLink&) const = default;
};

bool isLink(const QString& text);
/// Nothing where it names no session file by an absolute path, or no page by a number.
std::optional<SessionLink> linkFrom(const QString& text);
QString linkText(const SessionLink& link);

}  // namespace lectern::ui
