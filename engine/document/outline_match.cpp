// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/document/outline_match.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/document/unicode.h"

namespace lectern {
namespace {

constexpr double kHeadingScore = 4;   ///< the title is a line of its own
constexpr double kNumberedScore = 1;  ///< a page number follows: contents, or a running title
constexpr double kLargeTypeBonus = 1.5;
constexpr double kPlaceBonus = 2;
constexpr double kContentsPenalty = 2.5;
constexpr std::size_t kContentsItems = 6;  ///< a page with that many titles is probably a table of contents
constexpr double kLargeType = 1.15;        ///< times the page's median height of words
constexpr std::size_t kMostLinesOfTitle = 3;
constexpr std::size_t kMostCandidates = 400;  ///< per item; titles such as "Example" stand on every page
constexpr std::size_t kMostTokens = 40;       ///< longer lines are no headings

std::vector<std::string_view> tokens(std::string_view line) {
    std::vector<std::string_view> out;
    for (std::size_t at = 0; at < line.size();) {
        const auto begin = line.find_first_not_of(" \t", at);
        if (begin == std::string_view::npos) break;
        at = std::min(line.find_first_of(" \t", begin), line.size());
        out.push_back(line.substr(begin, at - begin));
    }
    return out;
}

bool isNumber(std::string_view token) {
    constexpr std::string_view kPart = "0123456789.:-()ivxlcIVXLC";
    constexpr std::string_view kDigit = "0123456789ivxlcIVXLC";
    return token.find_first_not_of(kPart) == std::string_view::npos &&
           token.find_first_of(kDigit) != std::string_view::npos;
}

bool isCounted(const std::string& key) {
    static constexpr std::string_view kNames[] = {"chapter",   "part",   "section",  "appendix", "kapitel",      "teil",
                                                  "abschnitt", "anhang", "chapitre", "partie",   "cap\u00edtulo"};
    return std::find(std::begin(kNames), std::end(kNames), key) != std::end(kNames);
}

std::string joined(const std::vector<std::string_view>& parts, std::size_t begin, std::size_t end) {
    std::string out;
    for (std::size_t i = begin; i < end; ++i) out += unicode::matchKey(parts[i]);
    return out;
}

/// How many tokens in front are a number ("3.1", "Chapter 3:", "A.").
std::size_t numberTokens(const std::vector<std::string_view>& parts) {
    if (parts.size() < 2) return 0;
    if (isNumber(parts[0])) return 1;
    if (parts.size() > 2 && isCounted(unicode::matchKey(parts[0]))) return 2;
    const bool letter = parts[0].size() <= 2 && parts[0][0] >= 'A' && parts[0][0] <= 'Z';
    return letter ? 1 : 0;
}

/// A title or a run of lines as keys: whole, and without the number in front.
struct Keys {
    std::string whole, bare;

    explicit Keys(const std::vector<std::string_view>& parts)
        : whole(joined(parts, 0, parts.size())), bare(joined(parts, numberTokens(parts), parts.size())) {
        if (bare.size() < 3) bare.clear();
    }
};

struct Candidate {
    int page;
    double score;
};

/// Collects for each item the pages that show its title.
class Search {
public:
    Search(const std::vector<OutlineItem>& items, const std::vector<wire::NamedPlace>& places) : m_found(items.size()) {
        for (std::size_t i = 0; i < items.size(); ++i) {
            const Keys keys(tokens(items[i].title));
            if (!keys.whole.empty()) m_items.emplace(keys.whole, i);
            if (!keys.bare.empty() && keys.bare != keys.whole) m_items.emplace(keys.bare, i);
        }
        for (const auto& place : places) {
            if (isStructural(place.name)) m_places.insert(place.page);
        }
    }

    void scan(const PageText& page, int index) {
        m_here.clear();
        const auto lines = linesOf(page.text);
        const float usual = medianHeight(page);
        for (std::size_t i = 0; i < lines.size(); ++i) scanFrom(page, lines, i, usual);
        const double page_score = (m_places.count(index) != 0 ? kPlaceBonus : 0.0) -
                                  (m_here.size() >= kContentsItems ? kContentsPenalty : 0.0);
        for (const auto& [item, score] : m_here) {
            if (m_found[item].size() < kMostCandidates)
                m_found[item].push_back({index, std::max(0.25, score + page_score)});
        }
    }

    const std::vector<std::vector<Candidate>>& found() const { return m_found; }

private:
    struct Line {
        std::uint32_t begin;
        std::vector<std::string_view> parts;
    };

    static bool isStructural(std::string_view name) {
        for (const std::string_view kind :
             {"chapter", "section", "subsection", "subsubsection", "part", "appendix", "paragraph"}) {
            if (name.starts_with(kind) && name.size() > kind.size() &&
                (name[kind.size()] == '.' || name[kind.size()] == '*'))
                return true;
        }
        return false;
    }

    static std::vector<Line> linesOf(std::string_view text) {
        std::vector<Line> lines;
        for (std::size_t at = 0; at < text.size();) {
            const auto end = std::min(text.find('\n', at), text.size());
            auto parts = tokens(text.substr(at, end - at));
            if (!parts.empty()) lines.push_back({std::uint32_t(at), std::move(parts)});
            at = end + 1;
        }
        return lines;
    }

    static float medianHeight(const PageText& page) {
        if (page.words.empty()) return 0;
        std::vector<float> heights;
        for (const auto& word : page.words) heights.push_back(word.box.height);
        const auto middle = heights.begin() + std::ptrdiff_t(heights.size() / 2);
        std::nth_element(heights.begin(), middle, heights.end());
        return *middle;
    }

    void scanFrom(const PageText& page, const std::vector<Line>& lines, std::size_t first, float usual) {
        std::vector<std::string_view> parts;
        for (std::size_t n = 0; n < kMostLinesOfTitle && first + n < lines.size(); ++n) {
            parts.insert(parts.end(), lines[first + n].parts.begin(), lines[first + n].parts.end());
            if (parts.size() > kMostTokens) return;
            const double bonus = isLarge(page, lines[first].begin, usual) ? kLargeTypeBonus : 0;
            note(Keys(parts), kHeadingScore + bonus);
            if (n > 0) continue;
            auto shorter = parts;
            if (isNumber(shorter.back())) shorter.pop_back();
            while (!shorter.empty() && unicode::matchKey(shorter.back()).empty()) shorter.pop_back();  // dot leaders
            if (shorter.size() < parts.size() && !shorter.empty()) note(Keys(shorter), kNumberedScore);
            if (isNumber(parts.front()) && parts.size() > 1)  // "12 INTRODUCTION", a running title on the left
                note(Keys({parts.begin() + 1, parts.end()}), kNumberedScore);
        }
    }

    static bool isLarge(const PageText& page, std::uint32_t at, float usual) {
        const auto word = std::lower_bound(page.words.begin(), page.words.end(), at,
                                           [](const WordBox& w, std::uint32_t value) { return w.end <= value; });
        return word != page.words.end() && word->box.height > kLargeType * usual;
    }

    void note(const Keys& keys, double score) {
        for (const std::string* key : {&keys.whole, &keys.bare}) {
            if (key->empty()) continue;
            const auto [begin, end] = m_items.equal_range(*key);
            for (auto it = begin; it != end; ++it) {
                double& best = m_here[it->second];
                best = std::max(best, score);
            }
        }
    }

    std::unordered_multimap<std::string, std::size_t> m_items;
    std::set<int> m_places;
    std::unordered_map<std::size_t, double> m_here;  ///< items on the page that is scanned
    std::vector<std::vector<Candidate>> m_found;
};

/// The choice of one candidate or none for each item, pages never running backwards, with the largest sum of scores.
class Chain {
public:
    explicit Chain(std::size_t page_count) : m_best(page_count + 1, -1) {}

    void add(std::size_t item, const std::vector<Candidate>& candidates) {
        const std::size_t first = m_links.size();
        for (const auto& c : candidates) {
            const int before = bestUpTo(c.page);
            m_links.push_back({item, c.page, c.score + (before < 0 ? 0.0 : m_links[std::size_t(before)].sum), before});
        }
        for (std::size_t i = first; i < m_links.size(); ++i) offer(int(i));
    }

    void assign(std::vector<OutlineItem>& items) const {
        for (int at = bestUpTo(int(m_best.size()) - 2); at >= 0; at = m_links[std::size_t(at)].before) {
            items[m_links[std::size_t(at)].item].page = m_links[std::size_t(at)].page;
        }
    }

private:
    struct Link {
        std::size_t item;
        int page;
        double sum;
        int before;
    };

    bool isBetter(int a, int b) const {
        if (a < 0 || b < 0) return b < 0 && a >= 0;
        const Link &x = m_links[std::size_t(a)], &y = m_links[std::size_t(b)];
        return x.sum != y.sum ? x.sum > y.sum : x.page < y.page;
    }
    int bestUpTo(int page) const {  // a Fenwick tree of maxima over pages
        int best = -1;
        for (int i = page + 1; i > 0; i -= i & -i)
            best = isBetter(m_best[std::size_t(i)], best) ? m_best[std::size_t(i)] : best;
        return best;
    }
    void offer(int link) {
        for (int i = m_links[std::size_t(link)].page + 1; i < int(m_best.size()); i += i & -i) {
            if (isBetter(link, m_best[std::size_t(i)])) m_best[std::size_t(i)] = link;
        }
    }

    std::vector<Link> m_links;
    std::vector<int> m_best;  ///< index into m_links or -1; 1-based by page
};

}  // namespace

void placeOutline(std::vector<OutlineItem>& items, const std::vector<wire::NamedPlace>& places,
                  const std::vector<PageText>& pages) {
    const auto unknown = [](const OutlineItem& item) { return item.page < 0; };
    if (pages.empty() || std::none_of(items.begin(), items.end(), unknown)) return;
    if (pages.size() == 1) {
        for (auto& item : items) item.page = 0;
        return;
    }
    Search search(items, places);
    for (std::size_t i = 0; i < pages.size(); ++i) search.scan(pages[i], int(i));
    Chain chain(pages.size());
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (unknown(items[i])) chain.add(i, search.found()[i]);
    }
    chain.assign(items);
}

}  // namespace lectern
