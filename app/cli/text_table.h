// SPDX-License-Identifier: GPL-3.0-or-later
// Text for people's terminals.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace lectern::cli {

/// `text` without what could steer a terminal: control characters other than newline and tab become U+FFFD. Names and
/// passages come out of other people's files.
std::string printable(std::string_view text);

/// The same on one line: runs of white space become a space; cut to `columns` characters with "…".
std::string oneLine(std::string_view text, std::size_t columns);

/// Code points of UTF-8 text: its width for all we need here.
std::size_t columnsOf(std::string_view text);

/// `text` as one word of a POSIX shell.
std::string shellWord(std::string_view text);

/// "12.3%", with `digits` decimals
std::string percentText(double share, int digits = 1);
/// `value` with `digits` decimals.
std::string numberText(double value, int digits);
/// "4.2 s", "1:42", "1:02:03"
std::string durationText(double seconds);

/// Rows of cells in aligned columns; those of numbers (or "-") alone are aligned on the right.
class TextTable {
public:
    explicit TextTable(std::vector<std::string> header = {});
    void add(std::vector<std::string> row);
    void print(std::ostream& out) const;  ///< two spaces before each line

private:
    bool m_has_header;
    std::vector<std::vector<std::string>> m_rows;
};

}  // namespace lectern::cli
