// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/document/page_wire.h"

#include <cmath>

#include "engine/document/unicode.h"

namespace lectern::wire {
namespace {

constexpr float kMaxPoints = 1e6f;

bool sane(float value) {
    return std::isfinite(value) && std::abs(value) <= kMaxPoints;
}

bool sane(const Rect& r) {
    return sane(r.x) && sane(r.y) && sane(r.width) && sane(r.height) && r.width >= 0 && r.height >= 0;
}

std::string checkedText(Reader& in, bool& good) {
    const auto text = in.text();
    good = good && unicode::isValid(text);
    return good ? std::string(text) : std::string();
}

bool isBoundary(std::string_view text, std::uint32_t at) {
    return at == text.size() || (static_cast<unsigned char>(text[at]) & 0xc0) != 0x80;
}

bool decodeWords(Reader& in, PageText& page) {
    constexpr std::size_t kWordBytes = 24;
    const auto count = in.get<std::uint32_t>();
    if (in.left() != std::size_t(count) * kWordBytes) return false;
    page.words.reserve(count);
    std::uint32_t last = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
        WordBox word;
        word.begin = in.get<std::uint32_t>();
        word.end = in.get<std::uint32_t>();
        word.box.x = in.get<float>();
        word.box.y = in.get<float>();
        word.box.width = in.get<float>();
        word.box.height = in.get<float>();
        if (word.begin < last || word.end <= word.begin || word.end > page.text.size() || !sane(word.box)) return false;
        if (!isBoundary(page.text, word.begin) || !isBoundary(page.text, word.end)) return false;
        last = word.end;
        page.words.push_back(word);
    }
    return true;
}

bool decodeItems(Reader& in, std::uint32_t page_count, std::vector<OutlineItem>& items) {
    const auto count = in.get<std::uint32_t>();
    if (count > kMaxOutlineItems || in.left() < std::size_t(count) * 12) return false;
    bool good = true;
    for (std::uint32_t i = 0; i < count && good; ++i) {
        OutlineItem item;
        item.level = in.get<std::int32_t>();
        item.page = in.get<std::int32_t>();
        item.title = checkedText(in, good);
        good = good && in.ok() && item.level >= 0 && item.level <= 64 && item.page >= -1 &&
               item.page < std::int64_t(page_count);
        items.push_back(std::move(item));
    }
    return good;
}

bool decodePlaces(Reader& in, std::uint32_t page_count, std::vector<NamedPlace>& places) {
    const auto count = in.get<std::uint32_t>();
    if (in.left() < std::size_t(count) * 12) return false;
    bool good = true;
    for (std::uint32_t i = 0; i < count && good; ++i) {
        NamedPlace place;
        place.page = in.get<std::int32_t>();
        place.top = in.get<float>();
        place.name = checkedText(in, good);
        good = good && in.ok() && place.page >= 0 && place.page < std::int64_t(page_count) && sane(place.top);
        places.push_back(std::move(place));
    }
    return good;
}

}  // namespace

std::string encode(const ReadCommand& c) {
    return Writer()
        .put(kVersion)
        .put(c.first_page)
        .put(c.cpu_seconds)
        .put(c.memory_bytes)
        .put(c.text_bytes)
        .put(c.file)
        .put(c.password)
        .take();
}

std::string encode(const OpenCommand& c) {
    return Writer().put(kVersion).put(c.cpu_seconds).put(c.memory_bytes).put(c.file).put(c.password).take();
}

std::string encode(const DrawCommand& c) {
    return Writer().put(c.page).put(c.dpi).take();
}

std::string encode(const Header& h) {
    return Writer().put(kVersion).put(h.pages).put(h.kind).put(h.title).put(h.author).take();
}

std::string encode(const Failure& f) {
    return Writer().put(std::uint8_t(f.kind)).put(f.detail).take();
}

std::string encode(std::uint32_t index, const PageText& page) {
    Writer out;
    out.put(index).put(std::uint8_t(page.state)).put(page.width).put(page.height);
    out.put(page.label).put(page.problem).put(page.text).put(std::uint32_t(page.words.size()));
    for (const WordBox& w : page.words) {
        out.put(w.begin).put(w.end).put(w.box.x).put(w.box.y).put(w.box.width).put(w.box.height);
    }
    return out.take();
}

std::string encode(const OutlineMessage& outline) {
    Writer out;
    out.put(std::uint32_t(outline.items.size()));
    for (const auto& item : outline.items)
        out.put(std::int32_t(item.level)).put(std::int32_t(item.page)).put(item.title);
    out.put(std::uint32_t(outline.places.size()));
    for (const auto& place : outline.places) out.put(std::int32_t(place.page)).put(place.top).put(place.name);
    return out.take();
}

std::string encode(const PageImage& image) {
    Writer head;
    head.put(std::uint32_t(image.width)).put(std::uint32_t(image.height));
    std::string out = head.take();
    out.append(reinterpret_cast<const char*>(image.pixels.data()), image.pixels.size() * sizeof(std::uint32_t));
    return out;
}

std::optional<ReadCommand> decodeRead(std::string_view payload) {
    Reader in(payload);
    if (in.get<std::uint32_t>() != kVersion) return std::nullopt;
    ReadCommand c;
    c.first_page = in.get<std::uint32_t>();
    c.cpu_seconds = in.get<double>();
    c.memory_bytes = in.get<std::uint64_t>();
    c.text_bytes = in.get<std::uint64_t>();
    c.file = in.text();
    c.password = in.text();
    return in.done() ? std::optional(std::move(c)) : std::nullopt;
}

std::optional<OpenCommand> decodeOpen(std::string_view payload) {
    Reader in(payload);
    if (in.get<std::uint32_t>() != kVersion) return std::nullopt;
    OpenCommand c;
    c.cpu_seconds = in.get<double>();
    c.memory_bytes = in.get<std::uint64_t>();
    c.file = in.text();
    c.password = in.text();
    return in.done() ? std::optional(std::move(c)) : std::nullopt;
}

std::optional<DrawCommand> decodeDraw(std::string_view payload) {
    Reader in(payload);
    DrawCommand c;
    c.page = in.get<std::uint32_t>();
    c.dpi = in.get<double>();
    return in.done() && std::isfinite(c.dpi) ? std::optional(c) : std::nullopt;
}

std::optional<Header> decodeHeader(std::string_view payload) {
    Reader in(payload);
    if (in.get<std::uint32_t>() != kVersion) return std::nullopt;
    Header h;
    bool good = true;
    h.pages = in.get<std::uint32_t>();
    h.kind = checkedText(in, good);
    h.title = checkedText(in, good);
    h.author = checkedText(in, good);
    good = good && (h.kind == "pdf" || h.kind == "text" || h.kind == "markdown") && h.pages > 0 && h.pages <= kMaxPages;
    return good && in.done() ? std::optional(std::move(h)) : std::nullopt;
}

std::optional<Failure> decodeFailure(std::string_view payload) {
    Reader in(payload);
    const auto kind = in.get<std::uint8_t>();
    Failure f{FailureKind(kind), unicode::repaired(in.text(), 300)};
    return in.done() && kind >= 1 && kind <= kLastFailureKind ? std::optional(std::move(f)) : std::nullopt;
}

std::optional<PageText> decodePage(std::string_view payload, std::uint32_t expected_index) {
    Reader in(payload);
    PageText page;
    bool good = in.get<std::uint32_t>() == expected_index;
    const auto state = in.get<std::uint8_t>();
    page.state = PageState(state);
    page.width = in.get<float>();
    page.height = in.get<float>();
    page.label = checkedText(in, good);
    page.problem = checkedText(in, good);
    page.text = checkedText(in, good);
    good = good && state <= std::uint8_t(PageState::Unreadable) && sane(page.width) && sane(page.height) &&
           page.width >= 0 && page.height >= 0 && (page.text.empty() || page.text.back() == '\n');
    if (!good || !in.ok() || !decodeWords(in, page) || !in.done()) return std::nullopt;
    return page;
}

std::optional<OutlineMessage> decodeOutline(std::string_view payload, std::uint32_t page_count) {
    Reader in(payload);
    OutlineMessage outline;
    if (!decodeItems(in, page_count, outline.items) || !decodePlaces(in, page_count, outline.places))
        return std::nullopt;
    return in.done() ? std::optional(std::move(outline)) : std::nullopt;
}

std::optional<PageImage> decodeImage(std::string_view payload) {
    Reader in(payload);
    const auto width = in.get<std::uint32_t>();
    const auto height = in.get<std::uint32_t>();
    if (!in.ok() || width == 0 || height == 0 || width > kMaxImageSide || height > kMaxImageSide) return std::nullopt;
    const auto pixels = std::uint64_t(width) * height;
    if (pixels > kMaxImagePixels || in.left() != pixels * sizeof(std::uint32_t)) return std::nullopt;
    PageImage image{int(width), int(height), std::vector<std::uint32_t>(pixels)};
    std::memcpy(image.pixels.data(), payload.data() + payload.size() - in.left(), in.left());
    return image;
}

}  // namespace lectern::wire
