// SPDX-License-Identifier: GPL-3.0-or-later
// Between what a session holds in memory and what its file holds. Everything read back is checked.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "engine/session/session_store.h"
#include "engine/session_types.h"

namespace lectern {

/// A page of a document with its place in the context.
struct SessionPage {
    PageText text;  ///< of what came from a file, without the words' places: SessionData::pageText() fetches them
    int words = 0;  ///< of which places are known, here or in the file
    std::uint64_t token_begin = 0, token_end = 0;
    std::vector<std::uint32_t> token_offsets;  ///< [token_end - token_begin]
};

struct SessionDocument {
    DocumentInfo info;
    std::uint64_t file_bytes = 0;
    std::uint64_t read = 0;     ///< in a shelf: tokens of its own cache, sinks included
    std::int64_t modified = 0;  ///< when its file was last written, as the file system counts; 0 unknown
    std::vector<SessionPage> pages;
};

struct StoredMessage {
    Message message;
    std::uint64_t token_begin = 0, token_end = 0;  ///< within the branch's own tokens
};

DocumentRecord toRecord(const SessionDocument& document, int place);  ///< place: in the list of documents
PageRecord toRecord(int document, int page, const SessionPage& data);
WordsRecord wordsRecord(int document, int page, const SessionPage& data);
/// Errors: Damaged where they are not those of that page.
Result<std::vector<WordBox>> wordsFrom(const WordsRecord& record, const SessionPage& page);
MessageRecord toRecord(int branch, int index, const StoredMessage& message);

/// Errors of all: Damaged, naming the document, page or message.
Result<SessionDocument> fromRecord(const DocumentRecord& record, std::vector<PageRecord> pages);
Result<StoredMessage> fromRecord(const MessageRecord& record);

std::string citationsText(const std::vector<Citation>& citations);  ///< a JSON array
std::optional<std::vector<Citation>> citationsFromText(const std::string& text);

std::string settingsText(const KvSettings& settings, SessionMode mode);
SessionMode modeFromText(const std::string& text);  ///< of what settingsFromText() takes
Result<KvSettings> settingsFromText(const std::string& text);
std::string fidelityText(const Fidelity& fidelity);
std::optional<Fidelity> fidelityFromText(const std::string& text);  ///< nothing where it is damaged: only shown
std::string comparisonText(const Comparison& comparison);
std::optional<Comparison> comparisonFromText(const std::string& text);  ///< as fidelityFromText()

}  // namespace lectern
