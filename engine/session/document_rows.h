// SPDX-License-Identifier: GPL-3.0-or-later
// Documents, their pages and the places of words as rows (rows.h).
#pragma once

#include <string>

#include "engine/session/records.h"
#include "engine/session/schema.h"

namespace lectern {

template <typename Record>
struct Row;

template <>
struct Row<DocumentRecord> {
    static constexpr RowKind kKind = RowKind::Document;
    static constexpr const char *kTable = "documents", *kKey = "id";
    static constexpr const char* kColumns =
        "name, source, kind, title, author, content_hash, problem, file_bytes, token_begin, token_end, state, used, "
        "place, modified, read_tokens, outline";
    static std::int64_t key(const DocumentRecord& r) { return r.id; }
    static bool setKey(DocumentRecord& r, std::int64_t key) { return r.id = int(key), key >= 0 && key <= INT32_MAX; }
    static int owner(const DocumentRecord&) { return 0; }
    static std::string called(const DocumentRecord& r) { return "document " + std::to_string(r.id); }
    static bool fields(auto& r, auto&& f) {
        return f(r.name) && f(r.source) && f(r.kind) && f(r.title) && f(r.author) && f(r.content_hash) &&
               f(r.problem) && f(r.file_bytes) && f(r.token_begin) && f(r.token_end) && f(r.state) && f(r.used) &&
               f(r.place) && f(r.modified) && f(r.read_tokens) && f(r.outline_json);
    }
};

template <>
struct Row<PageRecord> {
    static constexpr RowKind kKind = RowKind::Page;
    static constexpr const char *kTable = "pages", *kKey = "id";
    static constexpr const char* kColumns =
        "state, width, height, token_begin, token_end, label, problem, text, words, token_offsets";
    static std::int64_t firstKey(int document) { return std::int64_t(document) << kPageBits; }
    static std::int64_t key(const PageRecord& r) { return firstKey(r.document) | r.page; }
    static bool setKey(PageRecord& r, std::int64_t key) {
        r.document = int(key >> kPageBits);
        r.page = int(key & kMaxPage);
        return key >= 0 && key >> kPageBits <= INT32_MAX;
    }
    static int owner(const PageRecord& r) { return r.document; }
    static std::string called(const PageRecord& r) {
        return "page " + std::to_string(r.page + 1) + " of document " + std::to_string(r.document);
    }
    static bool fields(auto& r, auto&& f) {
        return f(r.state) && f(r.width) && f(r.height) && f(r.token_begin) && f(r.token_end) && f(r.label) &&
               f(r.problem) && f(r.text) && f(r.words) && f(r.token_offsets);
    }
};

template <>
struct Row<WordsRecord> {
    static constexpr RowKind kKind = RowKind::Words;
    static constexpr const char *kTable = "words", *kKey = "id", *kColumns = "boxes";
    static std::int64_t key(const WordsRecord& r) { return Row<PageRecord>::firstKey(r.document) | r.page; }
    static bool setKey(WordsRecord& r, std::int64_t key) {
        r.document = int(key >> kPageBits);
        r.page = int(key & kMaxPage);
        return key >= 0 && key >> kPageBits <= INT32_MAX;
    }
    static int owner(const WordsRecord& r) { return r.document; }
    static std::string called(const WordsRecord& r) {
        return "the places of the words on page " + std::to_string(r.page + 1) + " of document " +
               std::to_string(r.document);
    }
    static bool fields(auto& r, auto&& f) { return f(r.boxes); }
};

}  // namespace lectern
