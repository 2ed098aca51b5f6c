// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/save_plan.h"

#include <algorithm>

namespace lectern {

namespace {

/// Tokens whose settled pages have kWindowShare times the bytes of a window.
std::uint64_t tokensApart(const KvCache& cache) {
    const KvSettings& settings = cache.settings();
    KvSettings fp16 = settings;
    fp16.key_bits = fp16.value_bits = kernels::kRawBits;
    fp16.layers.clear();
    const double raw = double(pageBytes(fp16, cache.layers(), cache.shape()));
    const double coded = double(pageBytes(settings, cache.layers(), cache.shape()));
    const int window_pages = settings.raw() ? 1 : settings.window / kernels::kPageTokens + 1;
    return std::uint64_t(SavePlan::kWindowShare * window_pages * kernels::kPageTokens * raw / coded);
}

}  // namespace

int settledPages(const KvCache& cache, std::uint64_t tokens) {
    const auto window = cache.settings().raw() ? 0 : std::uint64_t(cache.settings().window);
    const auto end = tokens - std::min(tokens, window);
    const int pages = cache.pageCount(end);
    if (pages == 0) return 0;
    const bool full = cache.pageBegin(pages - 1) + std::uint64_t(cache.pageCapacity(pages - 1)) <= end;
    return full ? pages : pages - 1;
}

SavePlan::SavePlan(const KvCache& cache)
    : m_tokens_apart(tokensApart(cache)),
      m_point(cache.tokens()),
      m_point_pages(cache.pageCount(cache.tokens())),
      m_time(Clock::now()) {}

bool SavePlan::pointDue(std::uint64_t tokens, Clock::time_point now) const {
    return tokens >= m_point + m_tokens_apart || now - m_time >= kLongest;
}

std::vector<int> SavePlan::pages(const KvCache& cache, const std::vector<int>& changed, bool point,
                                 Clock::time_point now) {
    m_held.insert(changed.begin(), changed.end());
    std::vector<int> write;
    if (point) {
        write.assign(m_held.begin(), m_held.end());
        m_held.clear();
        m_point = cache.tokens();
        m_point_pages = cache.pageCount(m_point);
        m_time = now;
        return write;
    }
    const auto first = m_held.lower_bound(m_point_pages);
    const auto last = m_held.lower_bound(std::max(m_point_pages, settledPages(cache, cache.tokens())));
    write.assign(first, last);
    m_held.erase(first, last);
    return write;
}

}  // namespace lectern
