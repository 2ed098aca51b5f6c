// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <vector>

#include "engine/base/aligned_buffer.h"
#include "engine/base/thread_pool.h"
#include "engine/infer/rope_table.h"
#include "engine/kv/kv_cache.h"

namespace lectern {

/// Attention mass that decoded tokens put on the context, in groups of 16 tokens, summed over layers, heads and tokens.
struct AttentionMass {
    std::vector<float> groups;  ///< [page · 4 + group]; pages as KvCache counts them
    int rows = 0;               ///< layers · heads · tokens that were added: the sum of groups is `rows`
    bool by_layer = false;      ///< `layers` is wanted too
    std::vector<std::vector<float>> layers = {};  ///< [layers], each as `groups`, which is their sum

    /// Adds what the first groups got in `layer`, one of `count`; by_layer: there too.
    void add(int layer, int count, std::span<const float> more);
};

/// Causal attention over a compressed cache, straight from the codes, split over heads, query blocks and pages.
/// Memory: one tile per worker and the state of the rows; never scores of the whole context. One caller at a time.
class Attention {
public:
    Attention(const ModelConfig& config, const RopeTable& rope, ThreadPool& pool, const kernels::KernelTable& kernels);

    /// `q` [tokens][heads·head_dim] before RoPE, at positions cache.tokens() …, whose keys and values were appended to
    /// `layer`. `out` same shape. `mass`, where given, receives the share of every group (decode: few tokens).
    /// Positions that the cache hides get none: their scores count as -inf, and pages of nothing else are not read.
    void run(const KvCache& cache, int layer, const float* q, int tokens, float* out, AttentionMass* mass);

    /// As run(), to the first `pages` pages alone, all of which lie before the queries; not normalised, to be merged
    /// with the state over the other pages. Rows of what it returns: [kv_heads][tokens][heads / kv_heads], of this
    /// object, until the next call; a row that sees none of the pages is empty. `mass`: addPartMass() follows.
    kernels::AttendState runPart(const KvCache& cache, int layer, const float* q, int tokens, int pages, bool mass);
    /// The shares of those pages in the mass. `total` [rows]: log-sum-exp over all pages.
    void addPartMass(const float* total, std::vector<float>& groups) const { addShares(m_plan, total, groups); }

    std::uint64_t scratchBytes() const;

private:
    struct Plan {  ///< how one call is cut into tasks
        int rows = 0, block_rows = 0, blocks = 0, parts = 1, pages = 0;
        int window = 0;                        ///< newest tokens a query sees, its own included; 0 = all
        std::uint64_t first = 0, visible = 0;  ///< position of the first query; tokens that exist
    };
    struct Run {  ///< tokens of a page that are not hidden, from its first token
        int begin = 0, end = 0;
    };
    struct Scratch {
        AlignedBuffer key_tile, value_tile, q, limits, begins;
        std::vector<Run> runs;
        std::vector<float> lse;  ///< [rows][4] of one run
    };

    Plan makePlan(const KvCache& cache, int layer, int tokens, int pages) const;
    void compute(const KvCache& cache, int layer, const float* q, int tokens, bool mass);
    void prepareQueries(const float* q, int tokens, std::uint64_t first);
    void preparePages(const KvCache& cache, int pages);
    void task(const KvCache& cache, int layer, const Plan& plan, int index, Scratch& scratch, float* lse);
    void attendPage(const Plan& plan, const KvPageView& page, int row_begin, kernels::AttendArgs args,
                    kernels::AttendState state, Scratch& scratch) const;
    int firstPage(const KvCache& cache, const Plan& plan, int row_begin) const;
    static void visibleRuns(const KvCache& cache, const KvPageView& page, std::vector<Run>& runs);
    const int* begins(const Plan& plan, const KvPageView& page, Run run, int row_begin, int rows,
                      Scratch& scratch) const;
    const int* limits(const Plan& plan, const KvPageView& page, Run run, int row_begin, int rows,
                      Scratch& scratch) const;
    kernels::AttendState state(const Plan& plan, int head, int part, int row);
    void addShares(const Plan& plan, const float* total, std::vector<float>& groups) const;

    const ModelConfig& m_config;
    const RopeTable& m_rope;
    ThreadPool& m_pool;
    const kernels::KernelTable& m_kernels;
    int m_group;                       ///< query heads per KV head
    std::vector<float> m_q;            ///< [kv_heads][tokens·group][head_dim], rotated to their positions and scaled
    std::vector<float> m_m, m_l, m_o;  ///< [parts][kv_heads][rows] (·head_dim)
    std::vector<float> m_total;        ///< [kv_heads][rows] log-sum-exp, where mass is asked for
    std::vector<float> m_page_cos, m_page_sin;  ///< [page][pairs]
    std::vector<float> m_group_lse;             ///< [kv_heads][page][rows][4], where mass is asked for
    std::vector<Scratch> m_scratch;
    Plan m_plan;  ///< of the last call
    int m_pages_ready = 0, m_sinks_ready = -1;
};

}  // namespace lectern
