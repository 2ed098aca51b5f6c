// SPDX-License-Identifier: GPL-3.0-or-later
// Conversations as people handle them: forked, renamed, taken back, deleted and brought back. All of it is bytes in the
// file and none of it computing.
#include <algorithm>

#include "engine/session_impl.h"

namespace lectern {

std::vector<BranchInfo> SessionImpl::branchInfos(bool deleted) const {
    std::vector<BranchInfo> infos;
    for (const Branch& branch : m_branches.all()) {
        if (branch.deleted != deleted) continue;
        const Branch* parent = m_branches.byId(branch.parent);
        infos.push_back({branch.name, branch.ids.size(), m_branches.conversation(branch),
                         parent == nullptr ? "" : parent->name, branch.shared_messages});
    }
    return infos;
}

Result<Branch*> SessionImpl::existing(std::string_view name) {
    Branch* branch = m_branches.find(name);
    if (branch != nullptr) return branch;
    return Error{ErrorCode::Usage, "\"" + m_file.string() + "\" has no conversation \"" + std::string(name) + "\"."};
}

/// Tokens that close an answer in this session's template.
std::uint64_t SessionData::unclosedTokens() const {
    return m_prompt->eosAfterAnswer() && m_model->tokenizer->spec().eos >= 0 ? 1 : 0;
}

/// On disk when it returns.
Status SessionData::write(SessionCommit commit) {
    if (auto submitted = m_writer->submit(std::move(commit)); !submitted) return submitted;
    return m_writer->flush();
}

/// A branch without messages of its own stands at `point` from now on.
void SessionImpl::become(Branch& branch, ForkPoint point, SessionCommit& commit) {
    branch.parent = point.parent;
    branch.shared = point.shared;
    branch.shared_messages = point.shared_messages;
    branch.ids = std::move(point.ids);
    branch.trunk = readTokens();
    branch.stored = 0;
    branch.cache.reset();
    commit.truncate.push_back({branch.id, 0, 0, 0});
    commit.branches.push_back(toRecord(branch));
    if (!branch.ids.empty()) commit.tokens.push_back({branch.id, 0, branch.ids});
}

Status SessionImpl::forkBranch(std::string_view name, std::string_view from, int turns) {
    if (auto named = checkBranchName(name); !named) return named;
    if (m_branches.find(name) != nullptr)
        return Error{ErrorCode::Usage, "There is a conversation \"" + std::string(name) +
                                           "\" already; go on with it, or choose another name for the new one."};
    auto parent = existing(from);
    if (!parent) return parent.error();
    const int all = (*parent)->turns();
    if (turns < -1 || turns > all)
        return Error{ErrorCode::Usage, "Conversation \"" + std::string(from) + "\" has " + std::to_string(all) +
                                           " answers and cannot be left after number " + std::to_string(turns) + "."};
    ForkPoint point = m_branches.forkPoint(**parent, turns < 0 ? all : turns, unclosedTokens());
    SessionCommit commit;
    become(m_branches.add(std::string(name)), std::move(point), commit);
    return write(std::move(commit));
}

Status SessionImpl::renameBranch(std::string_view name, std::string_view to) {
    if (auto writable = mayWrite(); !writable) return writable;
    auto branch = existing(name);
    if (!branch) return branch.error();
    if (auto named = checkBranchName(to); !named) return named;
    if (name == to) return {};
    if (m_branches.find(to) != nullptr)
        return Error{ErrorCode::Usage,
                     "There is a conversation \"" + std::string(to) + "\" already; choose another name."};
    (*branch)->name = to;
    SessionCommit commit;
    commit.branches.push_back(toRecord(**branch));
    return write(std::move(commit));
}

Status SessionImpl::deleteBranch(std::string_view name) {
    if (auto writable = mayWrite(); !writable) return writable;
    auto branch = existing(name);
    if (!branch) return branch.error();
    (*branch)->deleted = true;
    (*branch)->cache.reset();
    SessionCommit commit;
    commit.branches.push_back(toRecord(**branch));
    return write(std::move(commit));
}

Result<std::string> SessionImpl::undeleteBranch(std::string_view name) {
    if (auto writable = mayWrite(); !writable) return writable.error();
    Branch* branch = m_branches.find(name, true);
    if (branch == nullptr)
        return Error{ErrorCode::Usage,
                     "\"" + m_file.string() + "\" has no deleted conversation \"" + std::string(name) + "\"."};
    branch->name = m_branches.freeName(name);
    branch->deleted = false;
    SessionCommit commit;
    commit.branches.push_back(toRecord(*branch));
    if (auto written = write(std::move(commit)); !written) return written.error();
    return branch->name;
}

/// Forgets what a branch holds past `tokens` of its own tokens and `messages` messages (in memory).
void SessionImpl::dropTail(Branch& branch, std::uint64_t tokens, std::size_t messages) {
    branch.ids.resize(std::min<std::uint64_t>(branch.ids.size(), tokens));
    branch.messages.resize(std::min(branch.messages.size(), messages));
    branch.stored = std::min(branch.stored, tokens);
    if (branch.cache) branch.cache->rewind(branch.begin() + tokens);
}

/// Leaves a branch its first `messages` own messages, in memory and in the file.
void SessionImpl::trimBranch(Branch& branch, int messages, SessionCommit& commit) {
    const auto kept = std::size_t(messages);
    const auto tokens = kept < branch.messages.size() ? branch.messages[kept].token_begin : branch.ids.size();
    dropTail(branch, tokens, kept);
    const auto pages = std::uint32_t(m_trunk->pageCount(branch.begin() + branch.stored));
    commit.truncate.push_back({branch.id, tokens, branch.stored == 0 ? 0 : pages, messages});
    commit.branches.push_back(toRecord(branch));
}

Result<int> SessionImpl::removeDeleted() {
    if (auto writable = mayWrite(); !writable) return writable.error();
    SessionCommit commit;
    std::vector<int> removed;
    for (std::size_t i = m_branches.all().size(); i-- > 0;) {  // children have larger ids than their parents
        Branch& branch = m_branches.all()[i];
        if (!branch.deleted) continue;
        const int needed = m_branches.needed(branch);
        if (needed == 0) {
            removed.push_back(branch.id);
            m_branches.remove(branch.id);
        } else if (std::size_t(needed) < branch.messages.size()) {
            trimBranch(branch, needed, commit);
        }
    }
    commit.removed_branches = removed;
    if (auto written = write(std::move(commit)); !written) return written.error();
    return int(removed.size());
}

Status SessionImpl::undoLast(std::string_view name) {
    Branch* branch = m_branches.find(name);
    if (branch == nullptr || branch->turns() == 0)
        return Error{ErrorCode::Usage, "Conversation \"" + std::string(name) + "\" has no answer to take back."};
    SessionCommit commit;
    const int own = int(branch->messages.size());
    if (own == 0) {
        become(*branch, m_branches.forkPoint(*branch, branch->turns() - 1, unclosedTokens()), commit);
    } else if (m_branches.needed(*branch) < own) {
        trimBranch(*branch, own - 1, commit);
    } else {  // others stand on it: it stays for them, and a new one takes its place
        ForkPoint point = m_branches.forkPoint(*branch, branch->turns() - 1, unclosedTokens());
        branch->name = m_branches.freeName(std::string(name) + " (earlier)");
        branch->deleted = true;
        branch->cache.reset();
        commit.branches.push_back(toRecord(*branch));
        become(m_branches.add(std::string(name)), std::move(point), commit);
    }
    return write(std::move(commit));
}

}  // namespace lectern
