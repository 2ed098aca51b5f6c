// SPDX-License-Identifier: GPL-3.0-or-later
// Caches of conversations: shared with the ones they stand on, read from the file when asked, computed where they must.
#include <algorithm>

#include "engine/session/schema.h"
#include "engine/session_impl.h"

namespace lectern {

namespace {

constexpr int kOpenBranches = 8;  ///< caches of conversations kept in memory; the others come back from the file

}  // namespace

/// The branch by name, made where it is new.
Result<Branch*> SessionImpl::readyBranch(std::string_view name) {
    if (readTokens() == 0)
        return Error{ErrorCode::Usage,
                     "\"" + m_file.string() + "\" has no document in its context yet: read one in first."};
    if (auto loading = restartLoading(); !loading) return loading.error();
    if (auto named = checkBranchName(name); !named) return named.error();
    Branch* branch = m_branches.find(name);
    if (branch == nullptr) branch = &m_branches.add(std::string(name));
    branch->used = ++m_asked;
    return branch;
}

/// Puts a branch's own blocks into `cache`, which holds all before them; it then ends at position `end`.
Status SessionImpl::restoreOwn(const SessionStore& store, const Branch& branch, std::uint64_t end,
                               KvCache& cache) const {
    const int pages = cache.pageCount(end);
    Status read = store.readBlocks(branch.id, [&](BlockRecord&& block) -> Status {
        if (int(block.page) >= pages) return {};
        return cache.restore(block.layer, KvKind(block.kind != 0), int(block.page), block.bits, block.bytes);
    });
    return read ? cache.finishRestore(end, std::max(0, cache.pageCount(branch.begin()) - 1)) : read;
}

/// Computes own tokens of a branch that `cache` lacks, up to `end` of them: each question and answer seeing the
/// documents that were on for it.
Status SessionImpl::computeOwn(Branch& branch, KvCache& cache, std::uint64_t end, std::stop_token stop) {
    for (const StoredMessage& message : branch.messages) {
        const auto done = cache.tokens() - branch.begin(), to = std::min(end, message.token_end);
        if (done >= to) continue;
        cache.hide(hiddenRanges(message.message.without));
        const auto ids = std::span(branch.ids).subspan(done, to - done);
        if (auto read = m_model->transformer->prefill(cache, ids, nullptr, stop); !read) return read;
    }
    return {};
}

/// Gives a branch its cache: from the nearest one it stands on that is at hand, then link by link from the file, or
/// computed where the documents have changed since. `computed` counts the tokens that cost computing.
Status SessionImpl::bringUp(Branch& branch, std::uint64_t& computed, std::stop_token stop) {
    const auto chain = m_branches.chain(branch);
    const auto wanted = [&](std::size_t link) {  // own tokens of a link that the next one stands on
        if (link + 1 < chain.size()) return chain[link + 1]->shared - chain[link]->shared;
        if (chain[link]->messages.empty()) return std::uint64_t(0);
        const StoredMessage& last = chain[link]->messages.back();
        return last.token_end - tailTokens(last, unclosedTokens());
    };
    const auto atHand = [&](std::size_t link) {
        const Branch& b = *chain[link];
        return b.cache && b.trunk == readTokens() && b.cache->tokens() >= b.begin() + wanted(link);
    };
    std::size_t link = chain.size();
    while (link > 0 && !atHand(link - 1)) --link;
    if (link == chain.size()) return {};
    KvCache cache(link == 0 ? *m_trunk : *chain[link - 1]->cache);
    std::optional<SessionStore> store;
    for (; link < chain.size(); ++link) {
        Branch& b = *chain[link];
        if (b.trunk != readTokens()) b.trunk = readTokens(), b.stored = 0;
        b.cache.reset();
        cache.rewind(b.begin());
        const bool last = link + 1 == chain.size();
        const auto there = last ? b.stored : std::min(b.stored, wanted(link));
        if (b.stored == 0 && b.parent != 0) {
            if (auto open = cache.ready(); !open) return open;
            cache.markOpenPages();
        }
        if (there > 0 && !store) {
            auto opened = SessionStore::open(m_file, OpenMode::ReadOnly);
            if (!opened) return opened.error();
            store.emplace(std::move(*opened));
        }
        if (there > 0) {
            if (auto restored = restoreOwn(*store, b, b.begin() + there, cache); !restored) return restored;
        }
        const auto before = cache.tokens();
        if (auto done = computeOwn(b, cache, wanted(link), stop); !done) return done;
        computed += cache.tokens() - before;
        if (!last && cache.tokens() > before) {
            if (auto stored = storeBranch(b, cache, b.messages.size()); !stored) return stored;
        }
    }
    branch.cache.emplace(std::move(cache));
    return {};
}

/// Hands what is new of a branch to the writer: messages from `first_new_message` on and the pages written.
Status SessionImpl::storeBranch(Branch& branch, KvCache& cache, std::size_t first_new_message) {
    SessionCommit commit;
    const bool whole = branch.stored == 0;  // new, or on a new trunk: none of its blocks counts
    const auto& messages = branch.messages;
    const auto begin =
        first_new_message < messages.size() ? messages[first_new_message].token_begin : branch.ids.size();
    const auto pages = whole ? 0U : std::uint32_t(cache.pageCount(branch.begin() + branch.stored));
    commit.truncate.push_back({branch.id, begin, pages, int(first_new_message)});
    if (begin < branch.ids.size())
        commit.tokens.push_back({branch.id, begin, {branch.ids.begin() + std::ptrdiff_t(begin), branch.ids.end()}});
    for (std::size_t i = first_new_message; i < messages.size(); ++i)
        commit.messages.push_back(toRecord(branch.id, int(i), messages[i]));
    addBlocks(commit, cache, branch.id, cache.takeDirtyPages());
    if (m_read_only.empty()) branch.stored = cache.tokens() - branch.begin();
    commit.branches.push_back(toRecord(branch));
    return m_writer->submit(std::move(commit));
}

/// Keeps the caches of the branches asked last; those of others are in the file.
void SessionImpl::letGo() {
    std::vector<Branch*> open;
    for (Branch& branch : m_branches.all()) {
        if (branch.cache) open.push_back(&branch);
    }
    std::sort(open.begin(), open.end(), [](const Branch* a, const Branch* b) { return a->used > b->used; });
    for (std::size_t i = kOpenBranches; i < open.size(); ++i) open[i]->cache.reset();
}

}  // namespace lectern
