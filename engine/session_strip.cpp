// SPDX-License-Identifier: GPL-3.0-or-later
// A session without its cache, and one that may not be written.
#include "engine/session_impl.h"

namespace lectern {

Status SessionData::mayWrite() const {
    if (m_read_only.empty()) return {};
    return Error{ErrorCode::Failed, "Nothing can be added: " + m_read_only};
}

Result<FileSizes> SessionImpl::strip(SessionContext context, const std::filesystem::path& file) {
    FileSizes sizes;
    {
        auto store = SessionStore::open(file, OpenMode::ReadWrite);
        if (!store) return store.error();
        sizes.before = store->fileBytes();
        SessionImpl session(context, file);
        if (auto loaded = session.loadRecords(*store); !loaded) return loaded.error();
        SessionCommit commit;
        commit.drop_blocks = true;
        commit.meta["trunk_tokens"] = "0";
        commit.meta["layer_statistics"] = "";
        commit.meta["reading_seconds"] = "0";
        // Thresholds that were fitted to the first tokens are fitted to them again, so that the same cache comes out.
        const auto statistics = unpackStatistics(session.m_stored_statistics);
        const auto quantizer = statistics ? unpackQuantizer(session.m_stored_quantizer, session.m_settings,
                                                            int(statistics->layers.size()), statistics->channels)
                                          : Result<Quantizer>(Error{});
        if (!quantizer || !quantizer->calibrated) commit.meta["quantizer"] = "";
        for (auto& branch : session.m_branches.all()) {
            branch.stored = 0;
            commit.branches.push_back(toRecord(branch));
        }
        session.m_stored_trunk = 0;
        for (auto& document : session.m_documents) document.read = 0;
        session.updateStates();
        for (const auto& document : session.m_documents) session.addDocument(document, commit);
        if (auto written = store->commit(commit); !written) return written.error();
    }
    auto compacted = compactFile(file);
    if (!compacted) return compacted;
    sizes.after = compacted->after;
    return sizes;
}

}  // namespace lectern
