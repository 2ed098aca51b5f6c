// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/infer/attention.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace lectern {

using kernels::kMassGroups;
using kernels::kPageTokens;

namespace {

constexpr int kBlockRows = 256;  ///< query rows that share one dequantized tile
constexpr float kNone = -std::numeric_limits<float>::infinity();

void addTo(std::vector<float>& sums, std::span<const float> more) {
    sums.resize(std::max(sums.size(), more.size()), 0.0F);
    for (std::size_t i = 0; i < more.size(); ++i) sums[i] += more[i];
}

}  // namespace

void AttentionMass::add(int layer, int count, std::span<const float> more) {
    addTo(groups, more);
    if (!by_layer) return;
    layers.resize(std::size_t(count));
    addTo(layers[std::size_t(layer)], more);
}

Attention::Attention(const ModelConfig& config, const RopeTable& rope, ThreadPool& pool,
                     const kernels::KernelTable& kernels)
    : m_config(config), m_rope(rope), m_pool(pool), m_kernels(kernels), m_group(config.heads / config.kv_heads) {
    m_scratch.resize(std::size_t(pool.threads()));
    const auto tile = std::size_t(config.head_dim) * kPageTokens;
    const auto rows = std::size_t(std::max(kBlockRows, m_group));
    for (auto& scratch : m_scratch) {
        scratch.key_tile = floatBuffer(tile);
        scratch.value_tile = floatBuffer(tile);
        scratch.q = floatBuffer(rows * std::size_t(config.head_dim));
        scratch.limits = AlignedBuffer(rows * sizeof(int));
        scratch.begins = AlignedBuffer(rows * sizeof(int));
    }
}

/// `pages`: at most so many, from the first on.
Attention::Plan Attention::makePlan(const KvCache& cache, int layer, int tokens, int pages) const {
    Plan plan;
    plan.window = m_config.window(layer);
    plan.first = cache.tokens();
    plan.visible = cache.tokens() + std::uint64_t(tokens);
    plan.pages = std::min(pages, cache.pageCount(plan.visible));
    plan.rows = tokens * m_group;
    plan.block_rows = std::max(1, kBlockRows / m_group) * m_group;
    plan.blocks = (plan.rows + plan.block_rows - 1) / plan.block_rows;
    const int tasks = m_config.kv_heads * plan.blocks, wanted = 4 * m_pool.threads();
    if (tasks < wanted) plan.parts = std::clamp((wanted + tasks - 1) / tasks, 1, std::max(1, plan.pages / 4));
    return plan;
}

void Attention::prepareQueries(const float* q, int tokens, std::uint64_t first) {
    const int d = m_config.head_dim;
    const auto pairs = std::size_t(m_rope.pairs());
    const auto rows = std::size_t(tokens) * std::size_t(m_group);
    m_q.resize(std::size_t(m_config.kv_heads) * rows * std::size_t(d));
    m_pool.run((tokens + 15) / 16, [&](int block, int) {
        std::vector<float> angle(2 * pairs);
        for (int t = block * 16; t < std::min(tokens, block * 16 + 16); ++t) {
            m_rope.angles(first + std::uint64_t(t), angle.data(), angle.data() + pairs);
            for (int head = 0; head < m_config.kv_heads; ++head) {
                float* to =
                    m_q.data() + (std::size_t(head) * rows + std::size_t(t) * std::size_t(m_group)) * std::size_t(d);
                const float* from =
                    q + (std::size_t(t) * std::size_t(m_config.heads) + std::size_t(head * m_group)) * std::size_t(d);
                m_kernels.rotate(from, m_group, d, d, angle.data(), angle.data() + pairs, m_rope.pairs(),
                                 m_rope.interleaved(), false, to);
                for (int i = 0; i < m_group; ++i) m_rope.scaleQuery(to + i * d, d, first + std::uint64_t(t));
            }
        }
    });
}

/// One rotation per page: where its first token stands.
void Attention::preparePages(const KvCache& cache, int pages) {
    if (m_sinks_ready != cache.settings().sinks) m_pages_ready = 0;
    m_sinks_ready = cache.settings().sinks;
    if (pages <= m_pages_ready) return;
    const auto pairs = std::size_t(m_rope.pairs());
    m_page_cos.resize(std::size_t(pages) * pairs);
    m_page_sin.resize(std::size_t(pages) * pairs);
    for (int page = m_pages_ready; page < pages; ++page) {
        m_rope.angles(cache.pageBegin(page), m_page_cos.data() + std::size_t(page) * pairs,
                      m_page_sin.data() + std::size_t(page) * pairs);
    }
    m_pages_ready = pages;
}

kernels::AttendState Attention::state(const Plan& plan, int head, int part, int row) {
    const std::size_t at =
        (std::size_t(part) * std::size_t(m_config.kv_heads) + std::size_t(head)) * std::size_t(plan.rows) +
        std::size_t(row);
    return {m_m.data() + at, m_l.data() + at, m_o.data() + at * std::size_t(m_config.head_dim)};
}

/// The tokens of a page between what the cache hides of it.
void Attention::visibleRuns(const KvCache& cache, const KvPageView& page, std::vector<Run>& runs) {
    runs.clear();
    const auto& hidden = cache.hidden();
    auto at =
        std::partition_point(hidden.begin(), hidden.end(), [&](const TokenRange& r) { return r.end <= page.begin; });
    int begin = 0;
    const auto place = [&](std::uint64_t position) {
        return int(std::clamp<std::int64_t>(std::int64_t(position) - std::int64_t(page.begin), 0, page.tokens));
    };
    for (; at != hidden.end() && begin < page.tokens; ++at) {
        if (place(at->begin) > begin) runs.push_back({begin, place(at->begin)});
        begin = std::max(begin, place(at->end));
    }
    if (begin < page.tokens) runs.push_back({begin, page.tokens});
}

/// Where each row's part of a run ends (causal mask); null where every row sees it to its end.
const int* Attention::limits(const Plan& plan, const KvPageView& page, Run run, int row_begin, int rows,
                             Scratch& scratch) const {
    const std::uint64_t first = plan.first + std::uint64_t(row_begin / m_group);
    if (page.begin + std::uint64_t(run.end) <= first + 1) return nullptr;
    int* limits = reinterpret_cast<int*>(scratch.limits.data());
    for (int row = 0; row < rows; ++row) {
        const auto position = std::int64_t(first) + row / m_group;
        limits[row] = int(std::clamp<std::int64_t>(position + 1 - std::int64_t(page.begin), 0, run.end));
    }
    return limits;
}

/// The first page that any row of a block sees: all before it lie outside the window.
int Attention::firstPage(const KvCache& cache, const Plan& plan, int row_begin) const {
    const std::uint64_t seen = plan.first + std::uint64_t(row_begin / m_group) + 1;
    if (plan.window == 0 || seen <= std::uint64_t(plan.window)) return 0;
    return cache.pageCount(seen - std::uint64_t(plan.window) + 1) - 1;
}

/// The first token of a run that each row sees (sliding window); null where every row sees the page from its begin.
const int* Attention::begins(const Plan& plan, const KvPageView& page, Run run, int row_begin, int rows,
                             Scratch& scratch) const {
    const std::uint64_t last = plan.first + std::uint64_t((row_begin + rows - 1) / m_group);
    const bool slides = plan.window != 0 && last + 1 > page.begin + std::uint64_t(plan.window);
    if (!slides && run.begin == 0) return nullptr;
    int* begins = reinterpret_cast<int*>(scratch.begins.data());
    for (int row = 0; row < rows; ++row) {
        const auto position = std::int64_t(plan.first) + (row_begin + row) / m_group;
        const auto begin = slides ? position + 1 - plan.window - std::int64_t(page.begin) : 0;
        begins[row] = int(std::clamp<std::int64_t>(begin, run.begin, kPageTokens));
    }
    return begins;
}

/// Adds the runs of a page to the state of the rows. The mass of several runs is merged group by group.
void Attention::attendPage(const Plan& plan, const KvPageView& page, int row_begin, kernels::AttendArgs args,
                           kernels::AttendState state, Scratch& scratch) const {
    float* merged = args.group_lse;
    const auto count = std::size_t(args.rows) * kMassGroups;
    if (merged != nullptr && scratch.runs.size() > 1) {
        std::fill_n(merged, count, kNone);
        scratch.lse.resize(count);
        args.group_lse = scratch.lse.data();
    }
    for (const Run& run : scratch.runs) {
        args.tokens = run.end;
        args.limits = limits(plan, page, run, row_begin, args.rows, scratch);
        args.begins = begins(plan, page, run, row_begin, args.rows, scratch);
        m_kernels.attend(args, state);
        if (args.group_lse == merged) continue;
        for (std::size_t i = 0; i < count; ++i) {
            const float more = scratch.lse[i], top = std::max(merged[i], more);
            if (more != kNone) merged[i] = top + std::log(std::exp(merged[i] - top) + std::exp(more - top));
        }
    }
}

void Attention::task(const KvCache& cache, int layer, const Plan& plan, int index, Scratch& scratch, float* lse) {
    const int part = index % plan.parts, block = index / plan.parts % plan.blocks,
              head = index / plan.parts / plan.blocks;
    const int row_begin = block * plan.block_rows, rows = std::min(plan.block_rows, plan.rows - row_begin);
    const int d = m_config.head_dim;
    const auto pairs = std::size_t(m_rope.pairs());
    const auto state = this->state(plan, head, part, row_begin);
    std::fill_n(state.m, rows, kNone);
    std::fill_n(state.l, rows, 0.0F);
    std::fill_n(state.o, std::size_t(rows) * std::size_t(d), 0.0F);
    const float* q =
        m_q.data() + (std::size_t(head) * std::size_t(plan.rows) + std::size_t(row_begin)) * std::size_t(d);
    const std::uint64_t last = plan.first + std::uint64_t((row_begin + rows - 1) / m_group);
    const int from = firstPage(cache, plan, row_begin);
    const int seen = std::max(0, std::min(plan.pages, cache.pageCount(last + 1)) - from);
    const auto& quantizer = cache.quantizer();
    const int end = from + int(std::int64_t(seen) * (part + 1) / plan.parts);
    for (int p = from + int(std::int64_t(seen) * part / plan.parts); p < end; ++p) {
        const KvPageView page = cache.view(layer, p, plan.visible);
        visibleRuns(cache, page, scratch.runs);
        if (scratch.runs.empty()) continue;
        const auto l = std::size_t(layer);
        const auto key = page.key->layout().raw() ? kernels::CodecParams{} : quantizer->keys[l].params();
        const auto value = page.value->layout().raw() ? kernels::CodecParams{} : quantizer->values[l].params();
        m_kernels.keyTile(page.key->layout(), key, page.key->data(), head, m_rope.offsets(), scratch.key_tile.floats());
        m_kernels.valueTile(page.value->layout(), value, page.value->data(), head, scratch.value_tile.floats());
        m_kernels.rotate(q, rows, d, d, m_page_cos.data() + std::size_t(p) * pairs,
                         m_page_sin.data() + std::size_t(p) * pairs, m_rope.pairs(), m_rope.interleaved(), true,
                         scratch.q.floats());
        kernels::AttendArgs args;
        args.q = scratch.q.floats();
        args.rows = rows;
        args.head_dim = d;
        args.key_tile = scratch.key_tile.floats();
        args.value_tile = scratch.value_tile.floats();
        args.score_cap = m_config.score_cap;
        args.coded = !page.key->layout().raw() && !page.value->layout().raw();
        if (lse != nullptr) {
            const auto at = std::size_t(head) * std::size_t(plan.pages) + std::size_t(p);
            args.group_lse = lse + (at * std::size_t(plan.rows) + std::size_t(row_begin)) * kMassGroups;
        }
        attendPage(plan, page, row_begin, args, state, scratch);
    }
}

/// share of a group = exp(its log-sum-exp - the row's). Source: KVQUANT.md, "Attention mass per page is free".
void Attention::addShares(const Plan& plan, const float* total, std::vector<float>& groups) const {
    groups.resize(std::max(groups.size(), std::size_t(plan.pages) * kMassGroups), 0.0F);
    for (int head = 0; head < m_config.kv_heads; ++head) {
        const float* of = total + std::size_t(head) * std::size_t(plan.rows);
        for (int row = 0; row < plan.rows; ++row) {
            for (int page = 0; page < plan.pages; ++page) {
                const std::size_t at =
                    (std::size_t(head) * std::size_t(plan.pages) + std::size_t(page)) * std::size_t(plan.rows);
                const float* lse = m_group_lse.data() + (at + std::size_t(row)) * kMassGroups;
                for (int g = 0; g < kMassGroups; ++g)
                    groups[std::size_t(page) * kMassGroups + std::size_t(g)] += std::exp(lse[g] - of[row]);
            }
        }
    }
}

/// Leaves the state of every row, its parts merged, in part 0. As m_plan says.
void Attention::compute(const KvCache& cache, int layer, const float* q, int tokens, bool mass) {
    const Plan& plan = m_plan;
    prepareQueries(q, tokens, plan.first);
    preparePages(cache, plan.pages);
    const std::size_t states = std::size_t(m_config.kv_heads) * std::size_t(plan.parts) * std::size_t(plan.rows);
    m_m.resize(states);
    m_l.resize(states);
    m_o.resize(states * std::size_t(m_config.head_dim));
    float* lse = nullptr;
    if (mass) {
        m_group_lse.assign(
            std::size_t(m_config.kv_heads) * std::size_t(plan.pages) * std::size_t(plan.rows) * kMassGroups, kNone);
        lse = m_group_lse.data();
    }
    m_pool.run(m_config.kv_heads * plan.blocks * plan.parts,
               [&](int index, int worker) { task(cache, layer, plan, index, m_scratch[std::size_t(worker)], lse); });
    m_pool.run(m_config.kv_heads, [&](int head, int) {
        for (int part = 1; part < plan.parts; ++part)
            m_kernels.merge(state(plan, head, 0, 0), state(plan, head, part, 0), plan.rows, m_config.head_dim);
    });
}

void Attention::run(const KvCache& cache, int layer, const float* q, int tokens, float* out, AttentionMass* mass) {
    m_plan = makePlan(cache, layer, tokens, std::numeric_limits<int>::max());
    compute(cache, layer, q, tokens, mass != nullptr);
    const auto d = std::size_t(m_config.head_dim);
    m_pool.run(m_config.kv_heads, [&](int head, int) {
        const auto merged = state(m_plan, head, 0, 0);
        for (int row = 0; row < m_plan.rows; ++row) {
            const auto t = std::size_t(row / m_group), h = std::size_t(head * m_group + row % m_group);
            float* to = out + (t * std::size_t(m_config.heads) + h) * d;
            const float inverse = 1.0F / merged.l[row];
            for (std::size_t i = 0; i < d; ++i) to[i] = merged.o[std::size_t(row) * d + i] * inverse;
        }
    });
    if (mass == nullptr) return;
    const auto rows = std::size_t(m_config.kv_heads) * std::size_t(m_plan.rows);
    m_total.resize(rows);
    for (std::size_t row = 0; row < rows; ++row) m_total[row] = m_m[row] + std::log(m_l[row]);
    std::vector<float> shares;
    addShares(m_plan, m_total.data(), shares);
    mass->add(layer, m_config.layers, shares);
    mass->rows += int(rows);
}

kernels::AttendState Attention::runPart(const KvCache& cache, int layer, const float* q, int tokens, int pages,
                                        bool mass) {
    assert(cache.pageCount(cache.tokens() + 1) > pages);
    m_plan = makePlan(cache, layer, tokens, pages);
    compute(cache, layer, q, tokens, mass);
    return state(m_plan, 0, 0, 0);
}

std::uint64_t Attention::scratchBytes() const {
    std::uint64_t bytes = (m_q.capacity() + m_m.capacity() + m_l.capacity() + m_o.capacity() + m_page_cos.capacity() +
                           m_page_sin.capacity() + m_group_lse.capacity() + m_total.capacity()) *
                          sizeof(float);
    for (const auto& s : m_scratch)
        bytes += s.key_tile.allocated() + s.value_tile.allocated() + s.q.allocated() + s.limits.allocated() +
                 s.begins.allocated();
    return bytes;
}

}  // namespace lectern
