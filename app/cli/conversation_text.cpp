// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/conversation_text.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "app/cli/json_text.h"
#include "app/cli/markup.h"
#include "app/cli/text_table.h"

namespace lectern::cli {

namespace {

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
    out << htmlOpening(session.file().stem().string()) << "<p>Model: " << escapedHtml(session.modelName())
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
