// SPDX-License-Identifier: GPL-3.0-or-later
// Which documents a question sees.
#include <algorithm>

#include "engine/session_impl.h"

namespace lectern {

Result<SessionDocument*> SessionImpl::named(std::string_view name) {
    const auto found =
        std::find_if(m_documents.begin(), m_documents.end(), [&](const auto& d) { return d.info.name == name; });
    if (found != m_documents.end()) return &*found;
    return Error{ErrorCode::Usage, "\"" + m_file.string() + "\" has no document \"" + std::string(name) + "\"."};
}

Status SessionImpl::switchDocument(std::string_view name, bool on) {
    if (auto writable = mayWrite(); !writable) return writable;
    auto document = named(name);
    if (!document) return document.error();
    (*document)->info.on = on;
    SessionCommit commit;
    addDocument(**document, commit);
    return write(std::move(commit));
}

/// Ids of the documents that are off for a question. Errors: Usage where a name is unknown or nothing is left to read.
Result<std::vector<int>> SessionImpl::documentsOff(const AskRequest& request) {
    for (const auto* names : {&request.only, &request.without}) {
        for (const auto& name : *names) {
            if (auto known = named(name); !known) return known.error();
        }
    }
    const auto among = [](const std::vector<std::string>& names, const std::string& name) {
        return std::find(names.begin(), names.end(), name) != names.end();
    };
    std::vector<int> off;
    bool any = false;
    for (const auto& document : m_documents) {
        const DocumentInfo& info = document.info;
        const bool on = request.only.empty() ? info.on : among(request.only, info.name);
        if (!on || among(request.without, info.name))
            off.push_back(info.id);
        else
            any = any || info.state != DocumentState::Failed;
    }
    if (any) return off;
    return Error{ErrorCode::Usage, "Every document is off for this question; leave at least one on."};
}

std::vector<PagePlace> SessionData::visiblePages(const std::vector<int>& off) const {
    std::vector<PagePlace> places;
    for (const auto& document : m_documents) {
        if (!whole(document) || std::find(off.begin(), off.end(), document.info.id) != off.end()) continue;
        for (std::size_t p = 0; p < document.pages.size(); ++p) {
            const SessionPage& page = document.pages[p];
            if (page.token_end > page.token_begin && page.token_end <= readTokens())
                places.push_back(
                    {document.info.id, int(p), page.token_begin, page.token_end, &page.text, &page.token_offsets});
        }
    }
    return places;
}

std::vector<TokenRange> SessionData::hiddenRanges(const std::vector<int>& off) const {
    std::vector<TokenRange> ranges;
    std::uint64_t seen = 0;  // up to here, in a shelf: between documents lie fillers, and documents not read yet
    const bool shelf = m_mode == SessionMode::Shelf;
    if (shelf) seen = std::uint64_t(m_settings.sinks);
    for (const auto& document : m_documents) {
        const DocumentInfo& info = document.info;
        const bool hidden = std::find(off.begin(), off.end(), info.id) != off.end();
        if (info.state == DocumentState::Failed) continue;
        if (!shelf && hidden && info.token_begin < info.token_end) ranges.push_back({info.token_begin, info.token_end});
        if (!shelf || hidden || !whole(document)) continue;
        if (seen < info.token_begin) ranges.push_back({seen, info.token_begin});
        seen = info.token_end;
    }
    if (shelf && seen < readTokens()) ranges.push_back({seen, readTokens()});
    return ranges;
}

}  // namespace lectern
