// SPDX-License-Identifier: GPL-3.0-or-later
// What a session file holds, record by record, and what is written at once. Format: engine/session/FORMAT.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace lectern {

/// Identity of a session: what must match for its cache to mean anything. Stored at creation.
struct SessionIdentity {
    std::string model_fingerprint, tokenizer_fingerprint, model_name, model_path;
    std::string rope;    ///< canonical text of the RoPE settings
    std::string kv;      ///< canonical text of the cache settings
    std::string layout;  ///< version of the block layout
    std::string prompt_template;
};

struct PageRecord {
    int document = 0, page = 0;  ///< page 0-based
    int state = 0;
    std::string label, text, problem;
    float width = 0, height = 0;
    int words = 0;                                 ///< boxes in its WordsRecord; 0: it has none
    std::uint64_t token_begin = 0, token_end = 0;  ///< place in the context once planned
    std::vector<std::uint32_t> token_offsets;      ///< byte of the page's text each of its tokens begins at
};

/// Where the words of a page stand: most of what a page takes, and wanted only where somebody looks at it.
struct WordsRecord {
    int document = 0, page = 0;
    std::vector<std::byte> boxes;  ///< packed WordBox array (packed and checked by the session layer)
};

struct DocumentRecord {
    int id = 0;
    int place = 0;              ///< in the list, and so in the context
    std::int64_t modified = 0;  ///< when its file was last written
    std::string name, source, kind, title, author, content_hash, problem, outline_json;
    std::uint64_t file_bytes = 0, token_begin = 0, token_end = 0;
    int state = 0;
    int used = 1;                   ///< 0: switched off for questions
    std::uint64_t read_tokens = 0;  ///< of its own cache in a shelf, sinks included
};

/// Tokens [begin, begin + ids.size()) of a branch. Branch 0 is the trunk: the documents.
struct TokenRun {
    int branch = 0;
    std::uint64_t begin = 0;
    std::vector<std::int32_t> ids;
    std::uint32_t chain =
        0;  ///< CRC-32C of the branch's tokens from its first to this run's last; the store fills it in
};

/// One cache block. The key is (branch, layer, kind, page); a later one with the same key replaces it.
struct BlockRecord {
    int branch = 0, layer = 0, kind = 0;
    std::uint32_t page = 0;    ///< page number in the context; page 0 holds the sinks where there are any
    int bits = 0, tokens = 0;  ///< of this block
    std::vector<std::byte> bytes;
};

/// A conversation. Its tokens, messages and blocks are its own only; what comes before them is its parents'.
struct BranchRecord {
    int id = 0;
    std::string name;
    int parent = 0;                   ///< a smaller id; 0: it stands on the documents alone
    std::uint64_t base_tokens = 0;    ///< tokens of the documents that its blocks were computed after
    std::uint64_t shared_tokens = 0;  ///< conversation tokens before its own
    int shared_messages = 0;
    std::uint64_t stored_tokens = 0;  ///< of its own, the first so many have blocks
    int state = 0;                    ///< 1: deleted, until it is brought back or removed
};

struct MessageRecord {
    int branch = 0, index = 0;
    std::string json;  ///< question, answer, citations, ledger
    std::uint64_t token_begin = 0, token_end = 0;
};

/// What is written together: all of it or nothing.
struct SessionCommit {
    std::vector<DocumentRecord> documents;  ///< inserted or replaced by id
    std::vector<PageRecord> pages;          ///< inserted or replaced by (document, page)
    std::vector<WordsRecord> words;         ///< the same; a page's boxes stay when only the page is replaced
    std::vector<TokenRun> tokens;           ///< appended: each begins where those of its branch end
    std::vector<BlockRecord> blocks;
    std::vector<BranchRecord> branches;
    std::vector<MessageRecord> messages;
    std::map<std::string, std::string> meta;  ///< small named values ("tokens_committed", statistics, quantizer, …)
    struct Truncate {
        int branch = 0;
        std::uint64_t tokens = 0;  ///< token runs at or past it go
        std::uint32_t pages = 0;   ///< blocks of pages >= this go
        int messages = 0;          ///< messages with index >= this go
    };
    std::vector<Truncate> truncate;      ///< carried out first
    std::vector<int> removed_branches;   ///< go with all they have
    std::vector<int> removed_documents;  ///< with their pages; they may be among `documents` again
    bool drop_cache = false;             ///< first of all: every token run, block, branch and message go (re-read)
    bool drop_blocks = false;            ///< before the rest: every block goes
    std::size_t bytes() const;           ///< payload, for the bounded queue
};

}  // namespace lectern
