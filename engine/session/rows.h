// SPDX-License-Identifier: GPL-3.0-or-later
// Every kind of record as a row: its key, its columns in order and what to call it in a message. One list of fields
// serves writing, reading and the checksum. Documents: document_rows.h.
#pragma once

#include <utility>

#include "engine/session/document_rows.h"

namespace lectern {

struct MetaRecord {
    std::string name;
    std::vector<std::byte> value;
};

struct SealRecord {
    std::int64_t id = 0;
    std::uint64_t rows = 0, sum = 0;
};

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
struct Row<TokenRun> {
    static constexpr RowKind kKind = RowKind::Tokens;
    static constexpr const char *kTable = "tokens", *kKey = "id", *kColumns = "ids, chain";
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
    static bool fields(auto& r, auto&& f) { return f(r.ids) && f(r.chain); }
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
