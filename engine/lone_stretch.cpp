// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/lone_stretch.h"

#include <algorithm>

namespace lectern {

KvCache loneStretch(const KvCache& documents, TokenRange stretch, std::span<const TokenRange> hidden,
                    std::uint64_t opening) {
    KvCache cache(documents);
    // What is appended begins a page, so that no page of codes is written to.
    const int pages = documents.pageCount(stretch.end);
    const std::uint64_t end = std::min(
        documents.tokens(), documents.pageBegin(pages - 1) + std::uint64_t(documents.pageCapacity(pages - 1)));
    cache.rewind(end);
    std::vector<TokenRange> ranges;
    const std::uint64_t first = std::max(opening, documents.sinkPage(0) ? documents.pageBegin(1) : 0);
    if (first < stretch.begin) ranges.push_back({first, stretch.begin});
    for (const TokenRange& range : hidden) {
        const TokenRange rest{std::max({range.begin, stretch.begin, first}), std::min(range.end, stretch.end)};
        if (rest.begin < rest.end) ranges.push_back(rest);
    }
    if (stretch.end < end) ranges.push_back({stretch.end, end});
    cache.hide(std::move(ranges));
    return cache;
}

}  // namespace lectern
