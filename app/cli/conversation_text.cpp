// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/conversation_text.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "app/cli/json_text.h"
#include "app/cli/text_table.h"

namespace lectern::cli {

namespace {

constexpr std::size_t kPassageColumns = 600;

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

/// One line in which nothing is Markdown.
std::string plainMarkdown(std::string_view text, std::size_t columns) {
    std::string safe;
    for (const char c : oneLine(text, columns)) {
        if (std::string_view("\\`*_{}[]<>#|~&").find(c) != std::string_view::npos) safe += '\\';
        safe += c;
    }
    return safe;
}

void appendMarkdown(std::ostringstream& out, const Message& message) {
    out << "\n### " << plainMarkdown(message.question, 4000) << "\n\n" << printable(message.answer) << "\n";
    if (!message.citations.empty()) out << "\nPages attended to:\n\n";
    for (const Citation& citation : message.citations) {
        out << "- **" << plainMarkdown(citation.document, 200) << " p. " << plainMarkdown(pageOf(citation), 20)
            << "** (" << percentText(citation.share) << "): " << plainMarkdown(citation.text, kPassageColumns) << "\n";
    }
}

void appendHtml(std::ostringstream& out, const Message& message) {
    out << "<h3>" << escapedHtml(message.question) << "</h3>\n<p class=\"answer\">" << escapedHtml(message.answer)
        << "</p>\n";
    if (!message.citations.empty()) out << "<p>Pages attended to:</p>\n<ul>\n";
    for (const Citation& citation : message.citations) {
        out << "<li><b>" << escapedHtml(citation.document) << " p. " << escapedHtml(pageOf(citation)) << "</b> ("
            << percentText(citation.share) << "): " << escapedHtml(oneLine(citation.text, kPassageColumns))
            << "</li>\n";
    }
    if (!message.citations.empty()) out << "</ul>\n";
}

}  // namespace

std::string conversationsMarkdown(const Session& session, const std::vector<BranchInfo>& branches) {
    std::ostringstream out;
    out << "# " << plainMarkdown(session.file().stem().string(), 200)
        << "\n\nModel: " << plainMarkdown(session.modelName(), 200) << "; cache: " << session.kvSettings().name()
        << "\n";
    for (const BranchInfo& branch : branches) {
        out << "\n## " << plainMarkdown(branch.name, 200) << "\n";
        for (const Message& message : branch.messages) appendMarkdown(out, message);
    }
    return out.str();
}

std::string conversationsHtml(const Session& session, const std::vector<BranchInfo>& branches) {
    std::ostringstream out;
    const std::string title = escapedHtml(session.file().stem().string());
    out << "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n<title>" << title
        << "</title>\n<style>body{max-width:45em;margin:2em auto;font-family:sans-serif}"
           ".answer{white-space:pre-wrap}</style>\n</head>\n<body>\n<h1>"
        << title << "</h1>\n<p>Model: " << escapedHtml(session.modelName())
        << "; cache: " << session.kvSettings().name() << "</p>\n";
    for (const BranchInfo& branch : branches) {
        out << "<h2>" << escapedHtml(branch.name) << "</h2>\n";
        for (const Message& message : branch.messages) appendHtml(out, message);
    }
    out << "</body>\n</html>\n";
    return out.str();
}

std::string conversationsJson(const Session& session, const std::vector<BranchInfo>& branches) {
    Json all = {{"session", session.file().string()},
                {"model", session.modelName()},
                {"fingerprint", session.fingerprint()},
                {"kv", session.kvSettings().name()},
                {"branches", Json::array()}};
    for (const BranchInfo& branch : branches) {
        Json messages = Json::array();
        for (const Message& message : branch.messages) messages.push_back(messageJson(message));
        all["branches"].push_back({{"name", branch.name}, {"messages", std::move(messages)}});
    }
    std::ostringstream out;
    writeLine(out, all);
    return out.str();
}

}  // namespace lectern::cli
