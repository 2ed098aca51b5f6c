// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/answer/summary.h"

#include <algorithm>
#include <array>
#include <optional>

#include "engine/answer/prompt.h"

namespace lectern {

namespace {

struct Shape {
    std::size_t most_parts;             ///< of one text, where its own outline parts it
    std::size_t most;                   ///< sections in all, before nothing is parted any more
    std::uint64_t fine;                 ///< tokens; a section no longer than that is not parted
    std::uint64_t tokens_per_sentence;  ///< of the text, for each sentence of its summary
    int least, greatest;                ///< sentences of a section
    int lead;                           ///< sentences
};
constexpr std::array<Shape, 3> kShapes = {{
    {40, 12, 1500, 600, 1, 3, 2},
    {60, 40, 800, 220, 2, 5, 3},
    {150, 120, 400, 110, 3, 8, 5},
}};

const Shape& shapeOf(SummaryLength length) {
    return kShapes[std::size_t(length)];
}

/// An entry of an outline with its place in the context.
struct Entry {
    const OutlineItem* item;
    std::uint64_t begin;
};

struct Node {
    PlannedSection section;
    const SummaryText* text;
    std::vector<Entry> entries;  ///< of the outline below it, in order
    bool whole = false;          ///< a text as it was given
    bool final = false;          ///< cannot be parted
    std::uint64_t tokens() const { return section.token_end - section.token_begin; }
};

/// The first page from 0-based `page` on.
const PagePlace* pageFrom(const SummaryText& text, int page) {
    for (const PagePlace& place : text.pages) {
        if (place.page >= page) return &place;
    }
    return nullptr;
}

std::vector<Entry> entriesOf(const SummaryText& text) {
    std::vector<Entry> entries;
    for (const OutlineItem& item : text.outline) {
        const PagePlace* page = item.page < 0 ? nullptr : pageFrom(text, item.page);
        if (page == nullptr) continue;
        const std::uint32_t byte = page->page == item.page ? headingPlace(page->text->text, item.title) : 0;
        std::uint64_t begin = tokenAt(*page, byte);
        if (summarySentences({page, 1}, page->token_begin, begin).empty()) begin = page->token_begin;
        if (entries.empty() || begin >= entries.back().begin) entries.push_back({&item, begin});
    }
    return entries;
}

/// How many entries belong to the one at `first`, itself included.
std::size_t familyOf(const std::vector<Entry>& entries, std::size_t first) {
    std::size_t next = first + 1;
    while (next < entries.size() && entries[next].item->level > entries[first].item->level) ++next;
    return next - first;
}

void findPages(Node& node) {
    PlannedSection& section = node.section;
    bool first = true;
    for (const PagePlace& page : node.text->pages) {
        if (page.token_end <= section.token_begin || page.token_begin >= section.token_end) continue;
        if (first) section.first_page = page.page;
        section.last_page = page.page;
        first = false;
    }
}

std::optional<Node> root(const SummaryText& text) {
    if (text.pages.empty()) return std::nullopt;
    Node node{{text.document, text.title, 0, 0, 0, text.pages.front().token_begin, text.pages.back().token_end, 1},
              &text,
              entriesOf(text),
              true,
              false};
    if (text.item >= 0) {
        const OutlineItem* item = &text.outline[std::size_t(text.item)];
        const auto at = std::find_if(node.entries.begin(), node.entries.end(),
                                     [&](const Entry& entry) { return entry.item == item; });
        if (at == node.entries.end()) return std::nullopt;
        const auto first = std::size_t(at - node.entries.begin()), end = first + familyOf(node.entries, first);
        node.section.title = item->title;
        node.section.token_begin = at->begin;
        if (end < node.entries.size()) node.section.token_end = node.entries[end].begin;
        node.entries = {node.entries.begin() + std::ptrdiff_t(first) + 1, node.entries.begin() + std::ptrdiff_t(end)};
    }
    findPages(node);
    return node.tokens() > 0 ? std::optional(std::move(node)) : std::nullopt;
}

Node part(const Node& whole, std::uint64_t begin, std::uint64_t end, std::string title, int level) {
    Node node{whole.section, whole.text, {}, false, false};
    node.section.token_begin = begin;
    node.section.token_end = end;
    node.section.title = std::move(title);
    node.section.level = level;
    findPages(node);
    return node;
}

/// Along the outline: what comes before its first entry, where that says anything, and each entry with those below it.
std::vector<Node> partByOutline(const Node& node) {
    std::vector<Node> parts;
    const int level = node.section.level + 1;
    const auto& entries = node.entries;
    if (entries.empty()) return parts;
    const std::uint64_t begin = node.section.token_begin, first = entries.front().begin;
    if (!summarySentences(node.text->pages, begin, first).empty()) {
        parts.push_back(part(node, begin, first, node.section.title, level));
        parts.back().final = true;
    }
    for (std::size_t i = 0; i < entries.size();) {
        const std::size_t next = i + familyOf(entries, i);
        const std::uint64_t end = next < entries.size() ? entries[next].begin : node.section.token_end;
        Node child = part(node, entries[i].begin, end, entries[i].item->title, level);
        child.entries.assign(entries.begin() + std::ptrdiff_t(i) + 1, entries.begin() + std::ptrdiff_t(next));
        if (child.tokens() > 0) parts.push_back(std::move(child));
        i = next;
    }
    return parts;
}

std::string runTitle(const Node& node, const PagePlace& first, const PagePlace& last) {
    const bool one = first.page == last.page;
    const std::string pages = (one ? "page " : "pages ") + first.text->label + (one ? "" : "–" + last.text->label);
    return node.section.title.empty() ? pages : node.section.title + ", " + pages;
}

/// Runs of whole pages of about equal length, at most `most`.
std::vector<Node> partByPages(const Node& node, std::size_t most, std::uint64_t fine) {
    std::vector<const PagePlace*> pages;
    for (const PagePlace& page : node.text->pages) {
        if (page.token_end > node.section.token_begin && page.token_begin < node.section.token_end)
            pages.push_back(&page);
    }
    const std::size_t count = std::min({pages.size(), most, std::size_t((node.tokens() + fine - 1) / fine)});
    std::vector<Node> parts;
    if (count < 2) return parts;
    std::size_t from = 0;
    std::uint64_t begin = node.section.token_begin;
    for (std::size_t p = 0; p < pages.size(); ++p) {
        const bool last = p + 1 == pages.size();
        const std::uint64_t end = last ? node.section.token_end : pages[p]->token_end;
        const std::uint64_t goal = node.section.token_begin + node.tokens() * (parts.size() + 1) / count;
        if (!last && (end < goal || parts.size() + 1 == count)) continue;
        parts.push_back(part(node, begin, end, runTitle(node, *pages[from], *pages[p]), node.section.level));
        parts.back().final = true;
        begin = end;
        from = p + 1;
    }
    return parts;
}

/// What takes the place of the longest section; nothing where it stays.
std::vector<Node> parted(const Node& node, std::size_t sections, const Shape& shape) {
    auto parts = partByOutline(node);
    const std::size_t room = sections < shape.most ? shape.most - sections + 1 : 1;
    const std::size_t most = node.whole ? std::max(room, shape.most_parts / sections) : room;
    if (parts.size() == 1 && !node.entries.empty()) return parts;
    if (parts.size() > 1 && parts.size() <= most) return parts;
    return partByPages(node, room, shape.fine);
}

}  // namespace

std::vector<PlannedSection> planSections(std::span<const SummaryText> texts, SummaryLength length) {
    const Shape& shape = shapeOf(length);
    std::vector<Node> nodes;
    for (const SummaryText& text : texts) {
        if (auto node = root(text)) nodes.push_back(std::move(*node));
    }
    for (;;) {
        auto longest = nodes.end();
        for (auto node = nodes.begin(); node != nodes.end(); ++node) {
            if (!node->final && node->tokens() > shape.fine &&
                (longest == nodes.end() || node->tokens() > longest->tokens()))
                longest = node;
        }
        if (longest == nodes.end()) break;
        auto parts = parted(*longest, nodes.size(), shape);
        longest->final = true;
        if (parts.empty()) continue;
        longest = nodes.erase(longest);
        nodes.insert(longest, std::make_move_iterator(parts.begin()), std::make_move_iterator(parts.end()));
    }
    std::vector<PlannedSection> sections;
    for (Node& node : nodes) {
        const auto sentences = int((node.tokens() + shape.tokens_per_sentence / 2) / shape.tokens_per_sentence);
        node.section.sentences = std::clamp(sentences, shape.least, shape.greatest);
        sections.push_back(std::move(node.section));
    }
    return sections;
}

std::uint64_t tokenAt(const PagePlace& page, std::uint32_t byte) {
    if (byte == 0) return page.token_begin;
    const auto& offsets = *page.token_offsets;
    for (std::size_t i = 0; i < offsets.size(); ++i) {
        if (offsets[i] != kNoPlace && offsets[i] >= byte) return page.token_begin + i;
    }
    return page.token_end;
}

int leadSentences(SummaryLength length) {
    return shapeOf(length).lead;
}

}  // namespace lectern
