// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/markup.h"

#include "app/cli/text_table.h"

namespace lectern::cli {

std::string pageOf(const Citation& citation) {
    return citation.page_label.empty() ? std::to_string(citation.page) : citation.page_label;
}

std::string escapedHtml(std::string_view text) {
    std::string html;
    for (const char c : printable(text)) {
        switch (c) {
            case '&':
                html += "&amp;";
                break;
            case '<':
                html += "&lt;";
                break;
            case '>':
                html += "&gt;";
                break;
            case '"':
                html += "&quot;";
                break;
            default:
                html += c;
        }
    }
    return html;
}

std::string plainMarkdown(std::string_view text, std::size_t columns) {
    std::string safe;
    for (const char c : oneLine(text, columns)) {
        if (std::string_view("\\`*_{}[]<>#|~&").find(c) != std::string_view::npos) safe += '\\';
        safe += c;
    }
    return safe;
}

std::string htmlOpening(std::string_view title) {
    const std::string name = escapedHtml(title);
    return "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n<title>" + name +
           "</title>\n<style>body{max-width:45em;margin:2em auto;font-family:sans-serif}"
           ".answer{white-space:pre-wrap}.page{color:#666}</style>\n</head>\n<body>\n<h1>" +
           name + "</h1>\n";
}

}  // namespace lectern::cli
