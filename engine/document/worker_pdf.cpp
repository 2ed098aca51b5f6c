// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/document/worker_pdf.h"

#include <poppler-destination.h>
#include <poppler-document.h>
#include <poppler-global.h>
#include <poppler-page-renderer.h>
#include <poppler-page.h>
#include <poppler-toc.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <new>
#include <stdexcept>

#include "engine/document/unicode.h"
#include "engine/document/word_composer.h"
#include "engine/document/word_order.h"

namespace lectern::worker {
namespace {

constexpr double kLookSeconds = 15;  ///< spent at most on looking for pictures on pages without text
constexpr double kLookPixels = 160;  ///< longer side of the picture that is looked at
constexpr std::size_t kTitleBytes = 1000;
constexpr std::size_t kMaxPlaces = 100'000;
constexpr std::size_t kMaxPlacesBytes = 6u << 20;
constexpr int kMaxOutlineLevel = 32;

std::u32string codes(const poppler::ustring& text) {
    static_assert(sizeof(poppler::ustring::value_type) == sizeof(std::uint16_t));
    return unicode::fromUtf16({reinterpret_cast<const std::uint16_t*>(text.data()), text.size()});
}

/// One line for people: titles, labels, names.
std::string lineOf(const poppler::ustring& text, std::size_t max_bytes = kTitleBytes) {
    std::string line = unicode::readable(codes(text));
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
    const auto begin = line.find_first_not_of(' ');
    if (begin == std::string::npos) return {};
    return unicode::repaired(std::string_view(line).substr(begin, line.find_last_not_of(' ') + 1 - begin), max_bytes);
}

/// What Poppler last complained about; it says so only through a function for the whole process.
void keepFirst(const std::string& message, void* to) {
    auto& first = *static_cast<std::string*>(to);
    if (!first.empty()) return;
    const auto colon = message.find(": ");  // after "error (1234)"
    first = colon < 24 ? message.substr(colon + 2) : message;
}

RawWord rawWord(const poppler::text_box& from) {
    RawWord word;
    word.text = codes(from.text());
    const auto box = from.bbox();
    word.box = {float(box.x()), float(box.y()), float(box.width()), float(box.height())};
    word.rotation = from.rotation();
    word.space_after = from.has_space_after();
    if (isRightToLeft(word.text)) {
        for (std::size_t i = 0; i < word.text.size(); ++i) word.advances.push_back(float(from.char_bbox(i).width()));
    }
    return word;
}

bool isUsable(const Rect& r) {
    const auto fine = [](float v) { return std::isfinite(v) && std::abs(v) < 1e6f; };
    return fine(r.x) && fine(r.y) && fine(r.width) && fine(r.height) && r.width >= 0 && r.height >= 0;
}

bool isBlank(const poppler::image& picture) {
    const int row_bytes = picture.width() * 4;
    for (int y = 0; y < picture.height(); ++y) {
        const char* row = picture.const_data() + std::ptrdiff_t(y) * picture.bytes_per_row();
        if (std::any_of(row, row + row_bytes, [](char c) { return static_cast<unsigned char>(c) < 0xf8; }))
            return false;
    }
    return true;
}

poppler::image draw(poppler::page& page, double dpi) {
    poppler::page_renderer renderer;
    renderer.set_image_format(poppler::image::format_argb32);
    renderer.set_render_hint(poppler::page_renderer::antialiasing, true);
    renderer.set_render_hint(poppler::page_renderer::text_antialiasing, true);
    return renderer.render_page(&page, dpi, dpi);
}

void addOutline(const poppler::toc_item& parent, int level, std::vector<OutlineItem>& items) {
    if (level > kMaxOutlineLevel) return;
    for (const poppler::toc_item* item : parent.children()) {
        if (items.size() >= wire::kMaxOutlineItems) return;
        items.push_back({level, lineOf(item->title(), 300), -1});
        addOutline(*item, level + 1, items);
    }
}

std::string latin1(const std::string& utf8) {
    std::string out;
    for (const char32_t c : unicode::toUtf32(utf8)) {
        if (c > 0xff) return utf8;
        out.push_back(char(c));
    }
    return out;
}

}  // namespace

struct Pdf::State {
    std::unique_ptr<poppler::document> document;
    std::string complaint;       ///< Poppler's first one since it was cleared
    double seconds_looking = 0;  ///< at pages without text

    bool hasPictures(poppler::page& page, const PageText& size);
    void readWords(poppler::page& page, PageText& out);
};

Pdf::Pdf(std::unique_ptr<State> state) : m_state(std::move(state)) {}
Pdf::~Pdf() = default;

std::variant<std::unique_ptr<Pdf>, wire::Failure> Pdf::open(const std::string& file, const std::string& password) {
    auto state = std::make_unique<State>();
    poppler::set_debug_error_function(keepFirst, &state->complaint);
    state->document.reset(poppler::document::load_from_file(file, password, password));
    if (state->document && state->document->is_locked()) {
        const std::string other = latin1(password);
        if (other != password) state->document->unlock(other, other);  // returns whether it is still locked
        if (state->document->is_locked())
            return wire::Failure{password.empty() ? wire::FailureKind::Locked : wire::FailureKind::WrongPassword, {}};
    }
    if (!state->document) return wire::Failure{wire::FailureKind::Damaged, unicode::repaired(state->complaint, 200)};
    if (state->document->pages() <= 0) return wire::Failure{wire::FailureKind::NoPages, {}};
    if (state->document->pages() > int(wire::kMaxPages)) return wire::Failure{wire::FailureKind::TooLarge, "pages"};
    return std::unique_ptr<Pdf>(new Pdf(std::move(state)));
}

int Pdf::pages() const {
    return m_state->document->pages();
}

wire::Header Pdf::header() const {
    const auto& d = *m_state->document;
    return {"pdf", lineOf(d.get_title()), lineOf(d.get_author()), std::uint32_t(d.pages())};
}

bool Pdf::State::hasPictures(poppler::page& page, const PageText& size) {
    if (size.width <= 0 || size.height <= 0) return false;
    if (seconds_looking > kLookSeconds) return true;  // a long scan: the pages before this one had pictures as well
    const auto start = std::chrono::steady_clock::now();
    const double side = std::max({double(size.width), double(size.height), 1.0});
    const poppler::image picture = draw(page, std::clamp(72.0 * kLookPixels / side, 0.005, 72.0));
    seconds_looking += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return picture.is_valid() && !isBlank(picture);
}

void Pdf::State::readWords(poppler::page& page, PageText& out) {
    std::vector<RawWord> words;
    for (const auto& box : page.text_list()) {
        words.push_back(rawWord(box));
        if (!isUsable(words.back().box)) words.pop_back();
    }
    composePage(words, out);
    if (!out.words.empty()) return;
    out.state = hasPictures(page, out) ? PageState::ImageOnly : PageState::Empty;
    if (out.state == PageState::Empty && !complaint.empty()) {
        out.state = PageState::Unreadable;
        out.problem = "The page's content is damaged: " + unicode::repaired(complaint, 200) + ".";
    }
}

PageText Pdf::page(int index) {
    m_state->complaint.clear();
    PageText out;
    out.label = std::to_string(index + 1);
    const std::unique_ptr<poppler::page> page(m_state->document->create_page(index));
    if (!page) {
        out.state = PageState::Unreadable;
        out.problem = "The page is missing from the file or damaged.";
        return out;
    }
    const auto size = page->page_rect();
    const auto turn = page->orientation();
    const bool sideways = turn == poppler::page::landscape || turn == poppler::page::seascape;
    const Rect shown{0, 0, float(sideways ? size.height() : size.width()),
                     float(sideways ? size.width() : size.height())};
    if (isUsable(shown)) out.width = shown.width, out.height = shown.height;
    if (auto label = lineOf(page->label(), 64); !label.empty()) out.label = std::move(label);
    m_state->readWords(*page, out);
    return out;
}

wire::OutlineMessage Pdf::outline() const {
    wire::OutlineMessage out;
    if (const std::unique_ptr<poppler::toc> toc{m_state->document->create_toc()})
        addOutline(*toc->root(), 0, out.items);
    if (out.items.empty()) return out;
    std::size_t bytes = 0;
    for (const auto& [name, place] : m_state->document->create_destination_map()) {
        if (place.page_number() < 1 || place.page_number() > pages()) continue;
        const float top = float(place.top());
        out.places.push_back({unicode::repaired(name, 120), place.page_number() - 1,
                              std::isfinite(top) && std::abs(top) < 1e6f ? top : 0.0f});
        bytes += 12 + out.places.back().name.size();
        if (out.places.size() >= kMaxPlaces || bytes > kMaxPlacesBytes) break;
    }
    return out;
}

std::variant<PageImage, wire::Failure> Pdf::render(int index, double dpi) {
    using wire::FailureKind;
    if (index < 0 || index >= pages()) return wire::Failure{FailureKind::BadRequest, "there is no such page"};
    const std::unique_ptr<poppler::page> page(m_state->document->create_page(index));
    if (!page) return wire::Failure{FailureKind::Damaged, "the page is missing from the file or damaged"};
    const auto size = page->page_rect();
    const double width = size.width() * dpi / 72, height = size.height() * dpi / 72;
    const bool fits = dpi > 0 && width < wire::kMaxImageSide && height < wire::kMaxImageSide &&
                      (width + 1) * (height + 1) < wire::kMaxImagePixels;
    if (!fits) return wire::Failure{FailureKind::TooLarge, "the picture of the page"};
    const poppler::image picture = draw(*page, dpi);
    if (!picture.is_valid() || picture.width() <= 0 || picture.height() <= 0)
        return wire::Failure{FailureKind::Damaged, "the page cannot be drawn"};
    PageImage out{picture.width(), picture.height(), {}};
    out.pixels.resize(std::size_t(out.width) * std::size_t(out.height));
    for (int y = 0; y < out.height; ++y) {
        const char* row = picture.const_data() + std::ptrdiff_t(y) * picture.bytes_per_row();
        std::memcpy(out.pixels.data() + std::size_t(y) * std::size_t(out.width), row, std::size_t(out.width) * 4);
    }
    for (auto& pixel : out.pixels) pixel |= 0xff000000u;
    return out;
}

}  // namespace lectern::worker
