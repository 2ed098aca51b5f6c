// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <vector>

#include "engine/kv/kv_cache.h"
#include "engine/model/model.h"
#include "engine/save_plan.h"
#include "engine/session/session_store.h"

namespace lectern {

/// The shape of a session's cache that no model is needed for.
struct MadeUpShape {
    int layers = 32, heads = 32, kv_heads = 8, head_dim = 128;  ///< of Llama-3-8B
    std::uint64_t tokens = 0;
    int text_pages = 5000;
};

/// A session of any size without a model: blocks packed from random keys and values, told apart by a number in each,
/// and one document. What the store writes and the cache accepts; what a model would make nothing of. One thread.
class MadeUpSession {
public:
    MadeUpSession(const MadeUpShape& shape, const KvSettings& settings, const kernels::KernelTable& kernels,
                  ThreadPool& pool);

    SessionIdentity identity() const;
    SessionCommit texts() const;  ///< the document, its pages and tokens, all of the context
    /// What reading on to `tokens` tokens gives the writer, as a session does it (SavePlan); all of it at the end.
    SessionCommit read(std::uint64_t tokens);
    /// A conversation on the document, one question and its answer with their blocks: branch 1, "main".
    SessionCommit conversation() const;
    SessionCommit fork() const;  ///< what forking it at its end writes: branch 2, "fork"
    KvCache emptyCache() const;
    ModelConfig config() const;  ///< of a model with such a cache, as far as attention needs one
    std::uint64_t tokens() const { return m_shape.tokens; }
    std::uint64_t payloadBytes() const;  ///< of the blocks that the whole context has in the end

private:
    void addPage(SessionCommit& commit, int branch, int page, bool raw, std::uint64_t tokens) const;

    MadeUpShape m_shape;
    KvSettings m_settings;
    const kernels::KernelTable* m_kernels;
    std::shared_ptr<const Quantizer> m_quantizer;
    KvCache m_layout;  ///< has no blocks: knows where pages begin, and how far reading is
    SavePlan m_plan;
    std::array<std::vector<std::byte>, 2> m_coded, m_raw;  ///< a block of keys and one of values
    std::array<int, 2> m_bits{};
};

}  // namespace lectern
