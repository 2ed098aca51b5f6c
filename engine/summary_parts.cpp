// SPDX-License-Identifier: GPL-3.0-or-later
// From the names people give to the parts of a summary.
#include <algorithm>
#include <cctype>

#include "engine/summary_types.h"

namespace lectern {

namespace {

constexpr std::size_t kNamed = 30;  ///< documents or sections that an error names

/// A title without the number before it, in small letters.
std::string plainTitle(const std::string& title) {
    const auto begin = title.find_first_not_of("0123456789. ");
    std::string plain = begin == std::string::npos ? title : title.substr(begin);
    for (char& c : plain) c = char(std::tolower(static_cast<unsigned char>(c)));
    return plain;
}

/// "a", "b" and 3 more
std::string listed(const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < std::min(names.size(), kNamed); ++i) text += (i == 0 ? "\"" : ", \"") + names[i] + "\"";
    if (names.size() > kNamed) text += " and " + std::to_string(names.size() - kNamed) + " more";
    return text;
}

}  // namespace

Result<std::vector<SummaryPart>> summaryParts(const std::vector<DocumentInfo>& documents,
                                              const std::vector<std::string>& names,
                                              const std::vector<std::string>& titles) {
    std::vector<const DocumentInfo*> chosen;
    std::vector<std::string> all_names, all_titles;
    for (const DocumentInfo& document : documents) all_names.push_back(document.name);
    for (const std::string& name : names) {
        const auto found =
            std::find_if(documents.begin(), documents.end(), [&](const auto& d) { return d.name == name; });
        if (found == documents.end())
            return Error{ErrorCode::Usage, "There is no document \"" + name + "\" in the session; it has " +
                                               (all_names.empty() ? "none" : listed(all_names)) + "."};
        if (std::find(chosen.begin(), chosen.end(), &*found) == chosen.end()) chosen.push_back(&*found);
    }
    std::vector<SummaryPart> parts;
    if (titles.empty()) {
        for (const DocumentInfo* document : chosen) parts.push_back({document->name, -1});
        return parts;
    }
    if (names.empty()) {
        for (const DocumentInfo& document : documents) chosen.push_back(&document);
    }
    for (const DocumentInfo* document : chosen) {
        for (const OutlineItem& item : document->outline) all_titles.push_back(item.title);
    }
    for (const std::string& title : titles) {
        const std::size_t before = parts.size();
        for (const DocumentInfo* document : chosen) {
            for (std::size_t i = 0; i < document->outline.size(); ++i) {
                const SummaryPart part{document->name, int(i)};
                if (plainTitle(document->outline[i].title) == plainTitle(title) &&
                    std::find(parts.begin(), parts.end(), part) == parts.end())
                    parts.push_back(part);
            }
        }
        if (parts.size() == before)
            return Error{ErrorCode::Usage,
                         all_titles.empty()
                             ? "There is no section \"" + title + "\": the outline of the documents is empty."
                             : "There is no section \"" + title + "\"; the outline has " + listed(all_titles) + "."};
    }
    return parts;
}

}  // namespace lectern
