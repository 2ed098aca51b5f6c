// SPDX-License-Identifier: GPL-3.0-or-later
// The conversations of a session and how they stand on one another.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/kv/kv_cache.h"
#include "engine/session_records.h"
#include "engine/text/tokenizer.h"

namespace lectern {

/// A conversation: what it takes from its parent and its own tokens after that.
struct Branch {
    int id = 0, parent = 0;  ///< parent 0: it stands on the documents alone; else a smaller id than its own
    std::string name;
    bool deleted = false;
    std::uint64_t trunk = 0;   ///< tokens of the documents that its cache was computed after
    std::uint64_t shared = 0;  ///< conversation tokens before its own, all those of its parents together
    int shared_messages = 0;
    std::vector<TokenId> ids;             ///< its own: questions, answers, and what closes the last answer shared
    std::vector<StoredMessage> messages;  ///< its own
    std::uint64_t stored = 0;             ///< tokens of its own whose cache blocks are in the file
    std::optional<KvCache> cache;         ///< where it is at hand: everything before and as many of its own as computed
    std::uint64_t used = 0;               ///< when it was last asked; the least is let go first

    std::uint64_t begin() const { return trunk + shared; }  ///< place of its first own token in the context
    int turns() const { return shared_messages + int(messages.size()); }
};

/// Where a conversation leaves another one.
struct ForkPoint {
    int parent = 0;
    std::uint64_t shared = 0;
    int shared_messages = 0;
    std::vector<TokenId> ids;  ///< close the last answer shared; computed anew, as its own next question would have
};

/// Owns the conversations, in the order of their ids. One thread; pointers hold until the next add() or remove().
class BranchTree {
public:
    std::vector<Branch>& all() { return m_branches; }
    const std::vector<Branch>& all() const { return m_branches; }
    /// By name, deleted or not; of several deleted ones the newest. Null where there is none.
    Branch* find(std::string_view name, bool deleted = false);
    Branch* byId(int id);
    const Branch* byId(int id) const { return const_cast<BranchTree*>(this)->byId(id); }
    Branch& add(std::string name);  ///< an empty one on the documents
    void remove(int id);
    void clear() { m_branches.clear(); }

    std::vector<Branch*> chain(Branch& branch);  ///< from the one on the documents to itself
    /// The first `turns` questions and answers of `branch`. `unclosed`: the fewest tokens that close an answer and are
    /// computed with the next question.
    ForkPoint forkPoint(const Branch& branch, int turns, std::uint64_t unclosed) const;
    /// Every question and answer, those of its parents first.
    std::vector<Message> conversation(const Branch& branch) const;
    /// Its last tokens, at most `count`, those of its parents with them.
    std::vector<TokenId> lastTokens(const Branch& branch, std::size_t count) const;
    int needed(const Branch& branch) const;  ///< own messages that others stand on: the first so many
    std::string freeName(std::string_view name) const;
    /// Errors: Damaged where a conversation does not fit the one it stands on.
    Status check() const;

private:
    std::vector<Branch> m_branches;
};

BranchRecord toRecord(const Branch& branch);
Branch fromRecord(const BranchRecord& record);  ///< without tokens and messages

/// Tokens at the end of an answer that are only computed with the next question. `unclosed` as above.
std::uint64_t tailTokens(const StoredMessage& message, std::uint64_t unclosed);
/// Errors: Usage where a name is empty or too long.
Status checkBranchName(std::string_view name);

}  // namespace lectern
