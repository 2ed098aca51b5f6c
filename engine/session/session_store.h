// SPDX-License-Identifier: GPL-3.0-or-later
// The session file: one SQLite database. Format: engine/session/FORMAT.md.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>

#include "engine/base/result.h"
#include "engine/session/records.h"

namespace lectern {

struct StoreDamage {
    std::vector<BlockRecord> blocks;    ///< keys only (no bytes) of blocks whose checksum differs
    std::vector<std::string> problems;  ///< schema and page-level problems, a sentence each
    std::uint64_t checked = 0;
};

struct BlockRow;
class BlockReader;

enum class OpenMode { ReadOnly, ReadWrite };

/// Owns one SQLite connection and stays on the thread that uses it (it may be handed over whole). A writer holds an
/// advisory lock for its whole life: a second writer gets Busy.
class SessionStore {
public:
    static Result<SessionStore> create(const std::filesystem::path& file, const SessionIdentity& identity);
    /// Errors: BadInput (missing, not a session), Damaged, Busy, Failed (read-only disk, with the reason),
    /// BadInput "made by a newer Lectern" for a format version from the future.
    static Result<SessionStore> open(const std::filesystem::path& file, OpenMode mode);
    SessionStore(SessionStore&&) noexcept;
    SessionStore& operator=(SessionStore&&) noexcept;
    ~SessionStore();

    Result<SessionIdentity> identity() const;
    Status setIdentity(const SessionIdentity& identity);
    Status commit(
        const SessionCommit& commit);  ///< one transaction, on disk when it returns; a failure leaves the old state
    Status commit(std::span<const SessionCommit> group);  ///< several, in order, as one transaction

    Result<std::vector<DocumentRecord>> documents() const;
    Result<std::vector<PageRecord>> pages(int document) const;
    Result<WordsRecord> words(int document, int page) const;     ///< Damaged where there are none
    Result<std::vector<std::int32_t>> tokens(int branch) const;  ///< in order; Damaged where runs leave a hole
    Result<std::vector<BranchRecord>> branches() const;
    Result<std::vector<MessageRecord>> messages(int branch) const;
    Result<std::map<std::string, std::string>> meta() const;
    /// Every block of a branch, run of pages by run of pages, each layer by layer; `take` may refuse. Checksums are
    /// checked on the way: Damaged with layer, kind and page in the message.
    Status readBlocks(int branch, const std::function<Status(BlockRecord&&)>& take) const;
    /// The rows of blocks of a branch, without their bytes. Errors: Damaged where one is not as it was written.
    Result<std::vector<BlockRow>> blockRows(int branch) const;
    /// Of all branches, by the lists of blocks; a damaged list counts for nothing. Errors: as any read.
    Result<std::uint64_t> blockBytes() const;
    Result<BlockReader> blockReader() const;  ///< a connection of its own, for another thread
    /// `share`: of the blocks' bytes, chosen by chance; lists and everything else are checked whole.
    Result<StoreDamage> verify(const std::function<bool()>& cancelled, double share = 1) const;
    std::uint64_t fileBytes() const;

private:
    struct State;
    explicit SessionStore(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

}  // namespace lectern
