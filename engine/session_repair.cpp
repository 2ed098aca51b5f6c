// SPDX-License-Identifier: GPL-3.0-or-later
// Computing damaged blocks again, exactly as they were.
#include "engine/session_repair.h"

#include <algorithm>
#include <set>

#include "engine/base/crc32c.h"
#include "engine/session/schema.h"

namespace lectern {

namespace {

std::int64_t keyOf(const BlockRecord& block) {
    return blockKey(block.branch, block.page, block.layer, block.kind);
}

}  // namespace

/// Reads the trunk's tokens again around what is damaged. Keys and values of a token in one layer depend on the stored
/// codes of all that is far, on what the layer before made of the tokens in the recent window, and on nothing else. So
/// a reading that begins as many chunks earlier as there are layers, and takes the stored blocks of each page that
/// leaves the window in the place of its own, ends with the very bytes that the first reading made; the checksum of
/// each damaged block, which was written with it, says so.
class SessionRepair {
public:
    static Result<RepairOutcome> repair(SessionContext context, const std::filesystem::path& file,
                                        std::string_view model, const std::vector<BlockRecord>& damaged,
                                        const std::stop_token& stop);

private:
    SessionRepair(SessionImpl& session, SessionStore& store, std::stop_token stop)
        : m_session(session), m_store(store), m_stop(std::move(stop)) {}

    /// Errors: those of reading and computing; Interrupted, with nothing changed.
    Result<RepairOutcome> run(const std::vector<BlockRecord>& damaged) {
        SessionCommit commit;
        for (const auto& block : damaged) {
            if (block.branch == 0 && m_session.m_trunk->pageCount(m_session.m_stored_trunk) > int(block.page))
                m_damaged.insert(keyOf(block));
            else
                drop(block, commit);
        }
        auto rows = m_store.blockRows(0);
        if (!rows) return rows.error();
        m_rows = std::move(*rows);
        auto reader = m_store.blockReader();
        if (!reader) return reader.error();
        m_reader = &*reader;
        m_outcome.computed = m_damaged.size() + m_of_documents;
        while (!m_damaged.empty()) {
            if (auto read = readAround(blockPage(firstPage())); !read) return read.error();
        }
        commit.blocks = std::move(m_fixed);
        m_outcome.identical = commit.blocks.size();
        if (m_first_unequal < kMaxPage) {
            m_session.dropBranchCaches(commit);  // they stand on what was, and that does not come back
            m_outcome.reread_from = chunkOf(m_session.m_trunk->pageBegin(int(m_first_unequal)));
            commit.meta["trunk_tokens"] = std::to_string(m_outcome.reread_from);
        }
        if (auto written = m_store.commit(commit); !written) return written.error();
        return m_outcome;
    }

    static std::uint64_t chunkOf(std::uint64_t token) { return token - token % Transformer::kChunk; }

    /// Blocks that nothing is lost with: conversations compute theirs again when they go on, and a document of a shelf,
    /// which nothing else was read after, is read anew as a whole.
    void drop(const BlockRecord& block, SessionCommit& commit) {
        if (block.branch >= kDocumentBranch) ++m_of_documents;
        if (!m_dropped.insert(block.branch).second) return;
        const bool trunk = block.branch == 0;
        const auto first = trunk ? std::uint32_t(m_session.m_trunk->pageCount(m_session.m_stored_trunk)) : 0U;
        commit.truncate.push_back({block.branch, kMaxTokens, first, INT32_MAX});
        if (Branch* branch = m_session.m_branches.byId(block.branch)) {
            branch->stored = 0;
            commit.branches.push_back(toRecord(*branch));
        }
        for (auto& document : m_session.m_documents) {
            if (kDocumentBranch + document.info.id != block.branch) continue;
            document.read = 0;
            m_session.updateStates();
            m_session.addDocument(document, commit);
        }
    }

    /// A key of the first damaged page.
    std::int64_t firstPage() const {
        return *std::min_element(m_damaged.begin(), m_damaged.end(),
                                 [](std::int64_t a, std::int64_t b) { return blockPage(a) < blockPage(b); });
    }

    /// Where a reading must begin for page `page` to be exact.
    std::uint64_t beginFor(std::uint32_t page) const {
        const KvCache& trunk = *m_session.m_trunk;
        const auto chunks = std::max(1, (trunk.settings().window + Transformer::kChunk - 1) / Transformer::kChunk);
        const auto back = std::uint64_t(trunk.layers()) * std::uint64_t(chunks) * Transformer::kChunk;
        const auto chunk = chunkOf(trunk.pageBegin(int(page)));
        const auto fitted = std::uint64_t(KvCache::kFitTokens + 2 * Transformer::kChunk);
        return chunk < back + fitted ? 0 : chunk - back;
    }

    Status readAround(std::uint32_t page) {
        const std::uint64_t begin = beginFor(page);
        if (auto made = m_session.emptyTrunk(); !made) return made;
        KvCache& trunk = *m_session.m_trunk;
        // From the start, thresholds are fitted where they were: until then the first reading saw fp16.
        const bool fitted = trunk.quantizer() != nullptr;
        if (begin == 0 && fitted && !trunk.quantizer()->calibrated) trunk.setQuantizer(nullptr);
        if (auto begun = m_session.loadTrunk(m_store, begin); !begun) return begun;
        if (auto there = trunk.ready(); !there) return there;
        int settled = settledPages(trunk, begin);
        const auto end = m_session.m_stored_trunk;
        const std::span<const TokenId> ids(m_session.m_trunk_ids);
        while (trunk.tokens() < end) {
            const auto chunk = std::min(end, chunkOf(trunk.tokens()) + Transformer::kChunk) - trunk.tokens();
            auto read =
                m_session.m_model->transformer->prefill(trunk, ids.subspan(trunk.tokens(), chunk), nullptr, m_stop);
            if (!read) return read;
            const bool last = trunk.tokens() == end;
            if (last && fitted) trunk.finish(m_session.m_context.pool);
            const bool coded = trunk.quantizer() != nullptr || trunk.settings().raw();
            const int now = last ? trunk.pageCount(end) : coded ? settledPages(trunk, trunk.tokens()) : settled;
            if (auto compared = compare(std::uint32_t(settled), std::uint32_t(now)); !compared) return compared;
            settled = now;
            if (m_damaged.empty() || beginFor(blockPage(firstPage())) > trunk.tokens()) return {};
        }
        return {};
    }

    /// Pages first … end - 1 have been computed: damaged blocks are kept where they are what was written once, and
    /// others take their stored bytes.
    Status compare(std::uint32_t first, std::uint32_t end) {
        KvCache& trunk = *m_session.m_trunk;
        const auto computed = [&](const StoredBlock& stored) -> const KvBlock& {
            return *trunk.block(blockLayer(stored.key), KvKind(blockKind(stored.key)), int(blockPage(stored.key)));
        };
        std::vector<std::byte> bytes;
        const auto place = [&](const StoredBlock& stored) -> Result<std::span<std::byte>> {
            const auto page = blockPage(stored.key);
            if (page < first || page >= end || blockLayer(stored.key) >= trunk.layers()) return std::span<std::byte>();
            const KvBlock& block = computed(stored);
            const std::span<const std::byte> own(block.data(), block.bytes());
            const bool equal = block.layout().bits == stored.bits && crc32c(own) == stored.crc;
            if (m_damaged.erase(stored.key) > 0) {
                if (equal) m_fixed.push_back(withBytes(stored, own));
                if (!equal) m_first_unequal = std::min(m_first_unequal, page);
                return std::span<std::byte>();
            }
            if (equal) return std::span<std::byte>();
            bytes.resize(stored.bytes);
            return std::span(bytes);
        };
        const auto done = [&](const StoredBlock& stored) {
            return trunk.restore(blockLayer(stored.key), KvKind(blockKind(stored.key)), int(blockPage(stored.key)),
                                 stored.bits, bytes);
        };
        for (const auto& row : m_rows) {
            if (blockPage(row.last) < first || blockPage(row.id) >= end) continue;
            if (auto read = m_reader->read(row, place, done); !read) return read;
        }
        return {};
    }

    static BlockRecord withBytes(const StoredBlock& stored, std::span<const std::byte> bytes) {
        BlockRecord record = stored.record();
        record.bytes.assign(bytes.begin(), bytes.end());
        return record;
    }

    SessionImpl& m_session;
    SessionStore& m_store;
    std::stop_token m_stop;
    std::set<std::int64_t> m_damaged;  ///< not computed yet
    std::set<int> m_dropped;           ///< branches
    std::uint64_t m_of_documents = 0;  ///< blocks dropped with documents of a shelf
    std::vector<BlockRow> m_rows;
    BlockReader* m_reader = nullptr;
    std::vector<BlockRecord> m_fixed;
    std::uint32_t m_first_unequal = kMaxPage;
    RepairOutcome m_outcome;
};

Result<RepairOutcome> SessionRepair::repair(SessionContext context, const std::filesystem::path& file,
                                            std::string_view model, const std::vector<BlockRecord>& damaged,
                                            const std::stop_token& stop) {
    auto store = SessionStore::open(file, OpenMode::ReadWrite);
    if (!store) return store.error();
    SessionImpl session(context, file);
    if (auto loaded = session.loadRecords(*store); !loaded) return loaded.error();
    if (auto attached = session.attachModel(model); !attached) return attached.error();
    // The processor that computed them gives the same bytes again.
    if (session.m_read_on_device || context.options.device != "auto") {
        if (auto chosen = session.chooseProcessor(session.m_stored_trunk); !chosen) return chosen.error();
    }
    if (auto made = session.emptyTrunk(); !made) return made.error();
    return SessionRepair(session, *store, stop).run(damaged);
}

Result<RepairOutcome> repairBlocks(SessionContext context, const std::filesystem::path& file, std::string_view model,
                                   const std::vector<BlockRecord>& damaged, std::stop_token stop) {
    auto outcome = SessionRepair::repair(context, file, model, damaged, stop);
    if (!outcome || outcome->identical == outcome->computed) return outcome;
    // Another processor, another version: the rest is read again from where it begins to differ.
    auto session = SessionImpl::open(context, file, model);
    if (!session) return session.error();
    if (auto read = (*session)->ingest({}, stop); !read) return read.error();
    return outcome;
}

}  // namespace lectern
