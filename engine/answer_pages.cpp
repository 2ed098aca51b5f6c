// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/answer_pages.h"

#include <algorithm>

#include "engine/document/passage.h"

namespace lectern {

namespace {

constexpr std::uint64_t kLeastSinks = 4;  ///< first tokens whose mass says nothing, also where no sinks are kept apart

bool hides(const KvCache& cache, std::uint64_t position) {
    const auto& hidden = cache.hidden();
    const auto at = std::partition_point(hidden.begin(), hidden.end(),
                                         [&](const TokenRange& range) { return range.end <= position; });
    return at != hidden.end() && at->begin <= position;
}

}  // namespace

std::vector<float> tokenMass(const KvCache& cache, const AttentionMass& mass, std::uint64_t tokens) {
    std::vector<float> per_token(tokens, 0.0F);
    const auto groups = std::size_t(kernels::kMassGroups);
    for (int page = 0; page < int(mass.groups.size() / groups); ++page) {
        if (cache.sinkPage(page)) continue;
        for (std::size_t g = 0; g < groups; ++g) {
            const std::uint64_t begin = cache.pageBegin(page) + g * kernels::kLaneTokens;
            const std::uint64_t end = std::min(tokens, begin + kernels::kLaneTokens);
            int hidden = 0;
            for (std::uint64_t t = begin; t < end; ++t) hidden += hides(cache, t) ? 1 : 0;
            for (std::uint64_t t = begin; t < end; ++t) {
                if (t < kLeastSinks || hides(cache, t)) continue;
                per_token[t] = mass.groups[std::size_t(page) * groups + g] / float(kernels::kLaneTokens - hidden);
            }
        }
    }
    return per_token;
}

std::vector<double> documentShares(const KvCache& cache, const AttentionMass& mass, std::uint64_t tokens) {
    std::vector<double> shares;
    for (const auto& groups : mass.layers) {
        double all = 0, documents = 0;
        for (std::size_t i = 0; i < groups.size(); ++i) {
            const int page = int(i / kernels::kMassGroups);
            const std::uint64_t begin = cache.pageBegin(page) + i % kernels::kMassGroups * kernels::kLaneTokens;
            all += double(groups[i]);
            if (!cache.sinkPage(page) && begin >= kLeastSinks && begin < tokens) documents += double(groups[i]);
        }
        shares.push_back(all > 0 ? documents / all : 0);
    }
    return shares;
}

Citation citation(const SessionDocument& document, const PageText& page, const CitedPage& cited) {
    Citation citation;
    citation.document_id = cited.document;
    citation.document = document.info.name;
    citation.page = cited.page + 1;
    citation.page_label = page.label;
    citation.share = cited.share;
    citation.text = page.text.substr(cited.begin, cited.end - cited.begin);
    citation.rects = lineRects(page, cited.begin, cited.end);
    return citation;
}

}  // namespace lectern
