// SPDX-License-Identifier: GPL-3.0-or-later
// Every kind of record as a row: its key, its columns in order and what to call it in a message. One list of fields
// serves writing, reading and the checksum.
#pragma once

#include <string>
#include <vector>

#include "engine/session/schema.h"
#include "engine/session/session_store.h"

namespace lectern {

struct MetaRecord {
    std::string name;
    std::vector<std::byte> value;
};

struct SealRecord {
    std::int64_t id = 0;
    std::uint64_t rows = 0, sum = 0;
};

template <typename Record>
struct Row;

template <>
struct Row<SessionIdentity> {
    static constexpr RowKind kKind = RowKind::Identity;
    static constexpr const char *kTable = "identity", *kKey = "id";
    static constexpr const char* kColumns =
        "model_fingerprint, tokenizer_fingerprint, model_name, model_path, rope, kv, layout, prompt_template";
    static std::int64_t key(const SessionIdentity&) { return 1; }
    static bool setKey(SessionIdentity&, std::int64_t key) { return key == 1; }
    static int owner(const SessionIdentity&) { return 0; }
    static std::string called(const SessionIdentity&) { return "the description of its model"; }
    static bool fields(auto& r, auto&& f) {
        return f(r.model_fingerprint) && f(r.tokenizer_fingerprint) && f(r.model_name) && f(r.model_path) &&
               f(r.rope) && f(r.kv) && f(r.layout) && f(r.prompt_template);
    }
};

template <>
struct Row<SealRecord> {
    static constexpr RowKind kKind = RowKind::Seal;
    static constexpr const char *kTable = "seals", *kKey = "id", *kColumns = "rows, sum";
    static std::int64_t key(const SealRecord& r) { return r.id; }
    static bool setKey(SealRecord& r, std::int64_t key) { return r.id = key, key > 0; }
    static std::string called(const SealRecord&) { return "a seal"; }
    static bool fields(auto& r, auto&& f) { return f(r.rows) && f(r.sum); }
};

template <>
struct Row<MetaRecord> {
    static constexpr RowKind kKind = RowKind::Meta;
    static constexpr const char *kTable = "meta", *kKey = "name", *kColumns = "value";
    static std::string_view key(const MetaRecord& r) { return r.name; }
    static bool setKey(MetaRecord& r, std::string key) { return r.name = std::move(key), true; }
    static int owner(const MetaRecord&) { return 0; }
    static std::string called(const MetaRecord& r) { return "the value \"" + r.name + "\""; }
    static bool fields(auto& r, auto&& f) { return f(r.value); }
};

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

template <>
struct Row<TokenRun> {
    static constexpr RowKind kKind = RowKind::Tokens;
    static constexpr const char *kTable = "tokens", *kKey = "id", *kColumns = "ids";
    static std::int64_t firstKey(int branch) { return std::int64_t(branch) << kBeginBits; }
    static std::int64_t key(const TokenRun& r) { return firstKey(r.branch) | std::int64_t(r.begin); }
    static bool setKey(TokenRun& r, std::int64_t key) {
        r.branch = int(key >> kBeginBits);
        r.begin = std::uint64_t(key) & (kMaxTokens - 1);
        return key >= 0 && key >> kBeginBits <= kMaxBranch;
    }
    static int owner(const TokenRun& r) { return r.branch; }
    static std::string called(const TokenRun& r) {
        return "the run of tokens from " + std::to_string(r.begin) + " of branch " + std::to_string(r.branch);
    }
    static bool fields(auto& r, auto&& f) { return f(r.ids); }
};

template <>
struct Row<BranchRecord> {
    static constexpr RowKind kKind = RowKind::Branch;
    static constexpr const char *kTable = "branches", *kKey = "id";
    static constexpr const char* kColumns =
        "name, parent, base_tokens, shared_tokens, shared_messages, stored_tokens, state";
    static std::int64_t key(const BranchRecord& r) { return r.id; }
    static bool setKey(BranchRecord& r, std::int64_t key) { return r.id = int(key), key >= 0 && key <= kMaxBranch; }
    static int owner(const BranchRecord&) { return 0; }
    static std::string called(const BranchRecord& r) { return "branch " + std::to_string(r.id); }
    static bool fields(auto& r, auto&& f) {
        return f(r.name) && f(r.parent) && f(r.base_tokens) && f(r.shared_tokens) && f(r.shared_messages) &&
               f(r.stored_tokens) && f(r.state);
    }
};

template <>
struct Row<MessageRecord> {
    static constexpr RowKind kKind = RowKind::Message;
    static constexpr const char *kTable = "messages", *kKey = "id", *kColumns = "token_begin, token_end, json";
    static std::int64_t firstKey(int branch) { return std::int64_t(branch) << 32; }
    static std::int64_t key(const MessageRecord& r) { return firstKey(r.branch) | r.index; }
    static bool setKey(MessageRecord& r, std::int64_t key) {
        r.branch = int(key >> 32);
        r.index = int(key & INT32_MAX);
        return key >= 0 && key >> 32 <= kMaxBranch && (key >> 31 & 1) == 0;
    }
    static int owner(const MessageRecord& r) { return r.branch; }
    static std::string called(const MessageRecord& r) {
        return "message " + std::to_string(r.index + 1) + " of branch " + std::to_string(r.branch);
    }
    static bool fields(auto& r, auto&& f) { return f(r.token_begin) && f(r.token_end) && f(r.json); }
};

}  // namespace lectern
