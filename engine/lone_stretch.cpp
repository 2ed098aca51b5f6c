// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/lone_stretch.h"

#include <algorithm>

namespace lectern {

namespace {

/// The end of the page that token `end` - 1 lies on: what is appended then begins a page, and none of codes is written.
std::uint64_t pageEnd(const KvCache& documents, std::uint64_t end) {
    if (end == 0) return 0;
    const int last = documents.pageCount(end) - 1;
    return std::min(documents.tokens(), documents.pageBegin(last) + std::uint64_t(documents.pageCapacity(last)));
}

}  // namespace

KvCache loneStretches(const KvCache& documents, std::span<const TokenRange> stretches,
                      std::span<const TokenRange> hidden, std::uint64_t opening) {
    KvCache cache(documents);
    const std::uint64_t first = std::max(opening, documents.sinkPage(0) ? documents.pageBegin(1) : 0);
    cache.rewind(pageEnd(documents, std::max(first, stretches.back().end)));
    std::vector<TokenRange> ranges;
    std::uint64_t seen = first;  // nothing is to be decided before it
    for (const TokenRange& stretch : stretches) {
        const std::uint64_t begin = std::max(stretch.begin, seen), end = std::max(stretch.end, begin);
        if (seen < begin) ranges.push_back({seen, begin});
        for (const TokenRange& range : hidden) {
            const TokenRange rest{std::max(range.begin, begin), std::min(range.end, end)};
            if (rest.begin < rest.end) ranges.push_back(rest);
        }
        seen = end;
    }
    if (seen < cache.tokens()) ranges.push_back({seen, cache.tokens()});
    cache.hide(std::move(ranges));
    return cache;
}

KvCache loneStretch(const KvCache& documents, TokenRange stretch, std::span<const TokenRange> hidden,
                    std::uint64_t opening) {
    return loneStretches(documents, {&stretch, 1}, hidden, opening);
}

}  // namespace lectern
