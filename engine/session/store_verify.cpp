// SPDX-License-Identifier: GPL-3.0-or-later
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

#include "engine/session/block_reader.h"
#include "engine/session/store_state.h"

namespace lectern {

namespace {

using Cancelled = std::function<bool()>;

/// One walk over everything the file holds. What SQLite itself cannot read becomes a problem, and the walk goes on with
/// the next table.
class Verifier {
public:
    Verifier(Database& db, BlockReader& reader, const std::string& name, const Cancelled& cancelled, double share)
        : m_db(&db), m_reader(&reader), m_name(&name), m_cancelled(&cancelled), m_share(share) {}

    Result<StoreDamage> run() {
        ReadScope scope(*m_db);
        if (!scope.begun()) return scope.begun().error();
        for (const Status& walked : {records<SessionIdentity>(), records<DocumentRecord>(), records<PageRecord>(),
                                     records<WordsRecord>(), records<TokenRun>(), records<BranchRecord>(),
                                     records<MessageRecord>(), records<MetaRecord>(), blocks(), seals(), structure()}) {
            if (!walked) return walked.error();
        }
        return std::move(m_damage);
    }

private:
    Status stopped() const {
        if (*m_cancelled && (*m_cancelled)())
            return Error{ErrorCode::Interrupted, "Verifying " + *m_name + " was interrupted."};
        return {};
    }

    void problem(std::string sentence) { m_damage.problems.push_back(std::move(sentence)); }
    void differs(const std::string& what) { problem("In " + *m_name + " " + what + " does not match its checksum."); }

    /// Tokens follow each other without a hole and as they were read: what a sum of checksums cannot tell.
    void follow(const TokenRun& run, bool intact) {
        const auto end = m_ends.try_emplace(run.branch).first;
        const std::uint32_t chain = chained(run, end->second.chain);
        if (intact && (run.begin != end->second.tokens || run.chain != chain))
            problem("In " + *m_name + " " + Row<TokenRun>::called(run) + " does not follow what comes before it.");
        end->second = {run.begin + run.ids.size(), run.chain};
    }

    template <typename Record>
    Status records() {
        RowScan<Record> scan(*m_db);
        for (;;) {
            if (auto stop = stopped(); !stop) return stop;
            auto row = scan.next();
            if (!row) return unreadable(row.error());
            if (!*row) return {};
            ++m_damage.checked;
            if (!scan.intact) differs(Row<Record>::called(scan.record));
            if constexpr (std::is_same_v<Record, TokenRun>) follow(scan.record, scan.intact);
            m_found[sealKey(Row<Record>::kKind, Row<Record>::owner(scan.record))].add(scan.crc);
        }
    }

    Status blocks() {
        Query query(*m_db, std::string("SELECT ") + kBlockColumns + " FROM blocks ORDER BY id");
        std::mt19937_64 random(std::random_device{}());
        std::bernoulli_distribution chosen(m_share);
        for (;;) {
            if (auto stop = stopped(); !stop) return stop;
            auto row = query.step();
            if (!row) return unreadable(row.error());
            if (!*row) return {};
            const BlockRow blocks = blockRow(query);
            if (!blocks.intact) differs(blocks.called());
            m_found[sealKey(RowKind::Block, blocks.branch() & kMaxBranch)].add(blocks.crc);
            if (!blocks.intact || !chosen(random)) continue;
            m_damage.checked += blocks.blocks.size();
            auto damaged = m_reader->damaged(blocks);
            if (!damaged) {
                if (auto readable = unreadable(damaged.error()); !readable) return readable;
                continue;
            }
            for (const auto& block : *damaged) m_damage.blocks.push_back(block.record());
        }
    }

    Status seals() {
        RowScan<SealRecord> scan(*m_db);
        for (;;) {
            auto row = scan.next();
            if (!row) return unreadable(row.error());
            if (!*row) break;
            const SealSum expected{std::int64_t(scan.record.rows), std::int64_t(scan.record.sum)};
            if (!scan.intact) differs("a count of its rows");
            if (m_found[scan.record.id] != expected) missing(scan.record.id, expected);
            m_found.erase(scan.record.id);
        }
        for (const auto& [key, found] : m_found) missing(key, {});
        return {};
    }

    void missing(std::int64_t key, const SealSum& expected) {
        static constexpr const char* kNames[] = {"?",
                                                 "descriptions of the model",
                                                 "documents",
                                                 "pages",
                                                 "tokens",
                                                 "cache blocks",
                                                 "branches",
                                                 "messages",
                                                 "values",
                                                 "seals",
                                                 "places of words"};
        const auto kind = std::size_t(key >> 40);
        problem("In " + *m_name + " " + std::to_string(m_found[key].rows) + " of " + std::to_string(expected.rows) +
                " rows of " + kNames[kind < std::size(kNames) ? kind : 0] + " (owner " +
                std::to_string(key & INT32_MAX) + ") are as they were written.");
    }

    /// SQLite's own check of the b-trees and the list of free pages, without the blocks' bytes where only a share of
    /// them is looked at. It looks at nothing of ours while it runs, so it runs beside us and is interrupted from here.
    Status structure() {
        std::mutex mutex;
        std::condition_variable ended;
        bool done = false;
        Status outcome;
        std::thread worker([&] {
            Status checked = quickCheck();
            const std::lock_guard lock(mutex);
            outcome = std::move(checked);
            done = true;
            ended.notify_one();
        });
        Status stop;
        {
            std::unique_lock lock(mutex);
            while (!ended.wait_for(lock, std::chrono::milliseconds(20), [&] { return done; })) {
                if (stop) stop = stopped();
                if (!stop) m_db->interrupt();
            }
        }
        worker.join();
        if (!stop) return stop;
        return outcome ? outcome : unreadable(outcome.error());
    }

    Status quickCheck() {
        if (m_share >= 1) return quickCheck("PRAGMA integrity_check(100)");
        for (const char* table :
             {"identity", "seals", "meta", "documents", "pages", "words", "tokens", "branches", "messages", "blocks"}) {
            if (auto checked = quickCheck("PRAGMA integrity_check(" + std::string(table) + ")"); !checked)
                return checked;
        }
        return {};
    }

    Status quickCheck(const std::string& sql) {
        Query query(*m_db, sql);
        for (;;) {
            auto row = query.step();
            if (!row) return row.error();
            if (!*row) return {};
            std::string line;
            if (query.get(0, line) && line != "ok")
                problem("The structure of " + *m_name + " is damaged: " + line + ".");
        }
    }

    /// Damage is what we look for; anything else ends the walk.
    Status unreadable(const Error& error) {
        if (error.code != ErrorCode::Damaged && error.code != ErrorCode::BadInput) return error;
        problem(error.message);
        return {};
    }

    Database* m_db;
    BlockReader* m_reader;
    const std::string* m_name;
    const Cancelled* m_cancelled;
    double m_share;
    struct End {
        std::uint64_t tokens = 0;
        std::uint32_t chain = 0;
    };
    std::map<std::int64_t, SealSum> m_found;
    std::map<int, End> m_ends;  ///< of the tokens of each branch
    StoreDamage m_damage;
};

}  // namespace

Result<StoreDamage> SessionStore::verify(const std::function<bool()>& cancelled, double share) const {
    BlockReader reader(m_state->db, m_state->name, false, m_state->data_version);
    return Verifier(m_state->db, reader, m_state->name, cancelled, share).run();
}

}  // namespace lectern
