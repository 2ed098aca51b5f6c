// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/branch_tree.h"

#include <algorithm>

namespace lectern {

Branch* BranchTree::find(std::string_view name, bool deleted) {
    const auto found = std::find_if(m_branches.rbegin(), m_branches.rend(),
                                    [&](const Branch& b) { return b.deleted == deleted && b.name == name; });
    return found == m_branches.rend() ? nullptr : &*found;
}

Branch* BranchTree::byId(int id) {
    const auto found = std::lower_bound(m_branches.begin(), m_branches.end(), id,
                                        [](const Branch& b, int wanted) { return b.id < wanted; });
    return found == m_branches.end() || found->id != id ? nullptr : &*found;
}

Branch& BranchTree::add(std::string name) {
    Branch branch;
    branch.id = m_branches.empty() ? 1 : m_branches.back().id + 1;
    branch.name = std::move(name);
    return m_branches.emplace_back(std::move(branch));
}

void BranchTree::remove(int id) {
    m_branches.erase(std::remove_if(m_branches.begin(), m_branches.end(), [&](const Branch& b) { return b.id == id; }),
                     m_branches.end());
}

std::vector<Branch*> BranchTree::chain(Branch& branch) {
    std::vector<Branch*> links;
    for (Branch* b = &branch; b != nullptr; b = byId(b->parent)) links.push_back(b);
    std::reverse(links.begin(), links.end());
    return links;
}

ForkPoint BranchTree::forkPoint(const Branch& branch, int turns, std::uint64_t unclosed) const {
    if (turns <= 0) return {};
    const Branch* owner = &branch;  // of the last message that is taken
    while (owner->shared_messages >= turns) owner = byId(owner->parent);
    const StoredMessage& last = owner->messages[std::size_t(turns - 1 - owner->shared_messages)];
    const std::uint64_t computed = last.token_end - tailTokens(last, unclosed);
    ForkPoint point{owner->id, owner->shared + computed, turns, {}};
    point.ids.assign(owner->ids.begin() + std::ptrdiff_t(computed),
                     owner->ids.begin() + std::ptrdiff_t(last.token_end));
    return point;
}

std::vector<Message> BranchTree::conversation(const Branch& branch) const {
    std::vector<Message> messages(std::size_t(branch.turns()));
    int end = branch.turns();
    for (const Branch* b = &branch; b != nullptr; b = byId(b->parent)) {
        for (int turn = b->shared_messages; turn < end; ++turn)
            messages[std::size_t(turn)] = b->messages[std::size_t(turn - b->shared_messages)].message;
        end = b->shared_messages;
    }
    return messages;
}

std::vector<TokenId> BranchTree::lastTokens(const Branch& branch, std::size_t count) const {
    std::vector<TokenId> reversed;
    std::uint64_t end = branch.shared + branch.ids.size();
    for (const Branch* b = &branch; b != nullptr && reversed.size() < count; b = byId(b->parent)) {
        for (; end > b->shared && reversed.size() < count; --end)
            reversed.push_back(b->ids[std::size_t(end - b->shared - 1)]);
    }
    return {reversed.rbegin(), reversed.rend()};
}

int BranchTree::needed(const Branch& branch) const {
    int most = 0;
    for (const Branch& other : m_branches) {
        if (other.parent == branch.id) most = std::max(most, other.shared_messages - branch.shared_messages);
    }
    return most;
}

std::string BranchTree::freeName(std::string_view name) const {
    const auto taken = [&](const std::string& candidate) {
        return std::any_of(m_branches.begin(), m_branches.end(),
                           [&](const Branch& b) { return !b.deleted && b.name == candidate; });
    };
    std::string free(name);
    for (int copy = 2; taken(free); ++copy) free = std::string(name) + " (" + std::to_string(copy) + ")";
    return free;
}

Status BranchTree::check() const {
    for (const Branch& b : m_branches) {
        bool fits = b.stored <= b.ids.size() && b.parent < b.id;
        for (const StoredMessage& m : b.messages) fits = fits && m.token_end <= b.ids.size();
        const Branch* parent = fits ? byId(b.parent) : nullptr;
        if (fits && parent == nullptr) fits = b.parent == 0 && b.shared == 0 && b.shared_messages == 0;
        if (fits && parent != nullptr) {
            const auto own = b.shared_messages - parent->shared_messages;
            fits = own > 0 && std::size_t(own) <= parent->messages.size() && b.shared >= parent->shared &&
                   b.shared - parent->shared <= parent->messages[std::size_t(own - 1)].token_end;
        }
        if (!fits)
            return Error{ErrorCode::Damaged,
                         "Conversation \"" + b.name + "\" has lost tokens or messages; verify the session."};
    }
    return {};
}

BranchRecord toRecord(const Branch& b) {
    return {b.id, b.name, b.parent, b.trunk, b.shared, b.shared_messages, b.stored, b.deleted ? 1 : 0};
}

Branch fromRecord(const BranchRecord& record) {
    Branch branch;
    branch.id = record.id;
    branch.name = record.name;
    branch.parent = record.parent;
    branch.trunk = record.base_tokens;
    branch.shared = record.shared_tokens;
    branch.shared_messages = record.shared_messages;
    branch.stored = record.stored_tokens;
    branch.deleted = record.state != 0;
    return branch;
}

std::uint64_t tailTokens(const StoredMessage& message, std::uint64_t unclosed) {
    const std::uint64_t tail = unclosed + (message.message.stop == StopReason::Interrupted ? 1 : 0);
    return std::min(tail, message.token_end - message.token_begin);
}

Status checkBranchName(std::string_view name) {
    if (!name.empty() && name.size() <= 200) return {};
    return Error{ErrorCode::Usage, "The name of a conversation must have 1 to 200 bytes."};
}

}  // namespace lectern
