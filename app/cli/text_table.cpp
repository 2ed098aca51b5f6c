// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/text_table.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <ostream>

namespace lectern::cli {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool continuation(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

bool control(unsigned char byte) {
    return (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F;
}

/// U+0080 … U+009F, which some terminals obey: C2 80 … C2 9F.
bool secondControl(std::string_view text, std::size_t at) {
    if (static_cast<unsigned char>(text[at]) != 0xC2 || at + 1 == text.size()) return false;
    const auto next = static_cast<unsigned char>(text[at + 1]);
    return next >= 0x80 && next < 0xA0;
}

bool onTheRight(const std::string& cell) {
    return !cell.empty() && (cell == "-" || std::isdigit(static_cast<unsigned char>(cell[0])) != 0);
}

}  // namespace

std::string printable(std::string_view text) {
    std::string safe;
    safe.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (secondControl(text, i)) {
            safe += kReplacement;
            ++i;
        } else if (control(static_cast<unsigned char>(text[i]))) {
            safe += kReplacement;
        } else {
            safe += text[i];
        }
    }
    return safe;
}

std::string oneLine(std::string_view text, std::size_t columns) {
    std::string line;
    for (const char c : printable(text)) {
        const bool space = std::isspace(static_cast<unsigned char>(c)) != 0;
        if (!space) line += c;
        if (space && !line.empty() && line.back() != ' ') line += ' ';
    }
    if (line.ends_with(' ')) line.pop_back();
    if (columnsOf(line) <= columns) return line;
    std::size_t bytes = 0;
    for (std::size_t seen = 0; bytes < line.size(); ++bytes) {
        if (!continuation(line[bytes]) && ++seen == columns) break;
    }
    return line.substr(0, bytes) + "…";
}

std::size_t columnsOf(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char byte) { return !continuation(byte); }));
}

std::string shellWord(std::string_view text) {
    const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c >= 0x80 ||
               std::string_view("._-/+:@%,=").find(char(c)) != std::string_view::npos;
    });
    if (plain) return std::string(text);
    std::string word = "'";
    for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return word + "'";
}

std::string percentText(double share, int digits) {
    return numberText(share * 100, digits) + "%";
}

std::string numberText(double value, int digits) {
    if (!std::isfinite(value)) return "-";
    char buffer[400];
    std::snprintf(buffer, sizeof buffer, "%.*f", digits, value);
    return buffer;
}

std::string durationText(double seconds) {
    if (!(seconds >= 0) || seconds > 1e7) return "-";
    if (seconds < 59.95) return numberText(seconds, 1) + " s";
    const auto all = static_cast<long>(std::lround(seconds));
    char buffer[40];
    if (all >= 3600) {
        std::snprintf(buffer, sizeof buffer, "%ld:%02ld:%02ld", all / 3600, all / 60 % 60, all % 60);
    } else {
        std::snprintf(buffer, sizeof buffer, "%ld:%02ld", all / 60, all % 60);
    }
    return buffer;
}

TextTable::TextTable(std::vector<std::string> header) : m_has_header(!header.empty()) {
    if (m_has_header) m_rows.push_back(std::move(header));
}

void TextTable::add(std::vector<std::string> row) {
    m_rows.push_back(std::move(row));
}

void TextTable::print(std::ostream& out) const {
    std::vector<std::size_t> widths;
    std::vector<bool> right;  // columns in which every cell below the header is a number
    for (std::size_t r = 0; r < m_rows.size(); ++r) {
        widths.resize(std::max(widths.size(), m_rows[r].size()));
        right.resize(widths.size(), true);
        for (std::size_t c = 0; c < m_rows[r].size(); ++c) {
            widths[c] = std::max(widths[c], columnsOf(m_rows[r][c]));
            if (r >= (m_has_header ? 1U : 0U)) right[c] = right[c] && onTheRight(m_rows[r][c]);
        }
    }
    for (const auto& row : m_rows) {
        std::string line = "  ";
        for (std::size_t c = 0; c < row.size(); ++c) {
            const std::string padding(widths[c] - columnsOf(row[c]), ' ');
            line += right[c] ? padding + row[c] : row[c] + padding;
            line += "  ";
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out << line << '\n';
    }
}

}  // namespace lectern::cli
