// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/answer/citation.h"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <tuple>

#include "engine/answer/prompt.h"
#include "engine/answer/sentences.h"

namespace lectern {

namespace {

constexpr std::size_t kPassageTokens = 24;  ///< the window whose mass is compared when the passage is looked for

bool continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

std::pair<std::uint32_t, std::uint32_t> passage(std::span<const float> mass, const PagePlace& place) {
    const auto& offsets = *place.token_offsets;
    const std::size_t count = std::min(mass.size(), offsets.size()), window = std::min(kPassageTokens, count);
    double sum = std::accumulate(mass.begin(), mass.begin() + std::ptrdiff_t(window), 0.0), best = sum;
    std::size_t from = 0;
    for (std::size_t i = window; i < count; ++i) {
        sum += double(mass[i]) - double(mass[i - window]);
        if (sum > best) {
            best = sum;
            from = i + 1 - window;
        }
    }
    // The middle half of the window's mass decides which sentence it is; its edges reach into the neighbours.
    std::uint32_t begin = kNoPlace, end = 0;
    double below = 0;
    for (std::size_t i = from; i < std::min(from + window, count); ++i) {
        const bool core = below + double(mass[i]) >= best * 0.25 && below <= best * 0.75;
        below += double(mass[i]);
        if (!core || offsets[i] == kNoPlace) continue;
        begin = std::min(begin, offsets[i]);
        end = std::max(end, offsets[i] + 1);
    }
    if (begin == kNoPlace) return {0, 0};
    const std::string& text = place.text->text;
    const auto [first, last] = widenToSentences(text, begin, end);
    return {std::min(begin, pastHeadings(text, first, last, usualLine(text))), last};
}

double massOf(std::span<const float> token_mass, const PagePlace& place) {
    const auto end = std::min<std::uint64_t>(place.token_end, token_mass.size());
    const auto begin = std::min<std::uint64_t>(place.token_begin, end);
    return std::accumulate(token_mass.begin() + std::ptrdiff_t(begin), token_mass.begin() + std::ptrdiff_t(end), 0.0);
}

}  // namespace

double pageShare(std::span<const float> token_mass, std::span<const PagePlace> pages, int document, int page) {
    double mass = 0, total = 0;
    for (const auto& place : pages) {
        const double own = massOf(token_mass, place);
        total += own;
        if (place.document == document && place.page == page) mass = own;
    }
    return total > 0 ? mass / total : 0;
}

std::vector<AttendedDocument> attendedDocuments(std::span<const float> token_mass, std::span<const PagePlace> pages) {
    std::vector<AttendedDocument> documents;
    double total = 0;
    for (const auto& place : pages) {
        auto found = std::find_if(documents.begin(), documents.end(),
                                  [&](const AttendedDocument& known) { return known.document == place.document; });
        if (found == documents.end()) found = documents.insert(found, {place.document, 0});
        const double mass = massOf(token_mass, place);
        found->share += mass;
        total += mass;
    }
    if (!(total > 0)) return {};
    for (auto& document : documents) document.share /= total;
    return documents;
}

std::pair<std::uint32_t, std::uint32_t> widenToSentences(const std::string& text, std::uint32_t begin,
                                                         std::uint32_t end, std::uint32_t longest) {
    const auto size = std::uint32_t(text.size());
    begin = std::min(begin, size);
    end = std::clamp(end, begin, size);
    const std::uint32_t first = begin > longest / 2 ? begin - longest / 2 : 0;
    const std::uint32_t last = std::min(size, end + longest / 2);
    while (begin > first && !endsSentence(text, begin - 1)) --begin;
    while (end < last && (end == 0 || !endsSentence(text, end - 1))) ++end;
    while (begin < end && std::isspace(static_cast<unsigned char>(text[begin])) != 0) ++begin;
    while (end > begin && std::isspace(static_cast<unsigned char>(text[end - 1])) != 0) --end;
    while (begin > 0 && begin < size && continuation(text[begin])) --begin;
    while (end < size && continuation(text[end])) ++end;
    return {begin, end};
}

std::vector<CitedPage> citePages(std::span<const float> token_mass, std::span<const PagePlace> pages,
                                 const CitationLimits& limits) {
    std::vector<std::pair<double, const PagePlace*>> ranked;
    double total = 0;
    for (const auto& place : pages) {
        const double mass = massOf(token_mass, place);
        total += mass;
        ranked.emplace_back(mass, &place);
    }
    if (!(total > 0)) return {};
    const auto most = std::min(ranked.size(), std::size_t(limits.most));
    std::partial_sort(ranked.begin(), ranked.begin() + std::ptrdiff_t(most), ranked.end(),
                      [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<CitedPage> cited;
    for (std::size_t i = 0; i < most; ++i) {
        const auto& [mass, place] = ranked[i];
        if (!cited.empty() && mass < limits.least_share * total) break;
        CitedPage page{place->document, place->page, mass / total, 0, 0};
        const auto end = std::min<std::uint64_t>(place->token_end, token_mass.size());
        std::tie(page.begin, page.end) =
            passage(token_mass.subspan(place->token_begin, end - place->token_begin), *place);
        cited.push_back(page);
    }
    return cited;
}

}  // namespace lectern
