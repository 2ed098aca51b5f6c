// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdlib>
#include <string>

#include "engine/document/page_wire.h"
#include "tests/fuzz/targets.h"

namespace lectern::test {
namespace {

constexpr std::uint32_t kPages = 100;

/// Messages say a thing in one way: what is taken is written as the same bytes.
template <class Message>
void expectSame(std::string_view payload, const std::optional<Message>& taken) {
    if (taken && wire::encode(*taken) != payload) std::abort();
}

/// What the parser said is repaired and cut; once that is done it stays.
void readFailure(std::string_view payload) {
    const auto failure = wire::decodeFailure(payload);
    if (!failure) return;
    const std::string written = wire::encode(*failure);
    expectSame(written, wire::decodeFailure(written));
}

void readPage(std::string_view payload) {
    const auto page = wire::decodePage(payload, 7);
    if (!page) return;
    if (wire::encode(7, *page) != payload) std::abort();
    for (const WordBox& word : page->words)
        if (word.begin > word.end || word.end > page->text.size()) std::abort();
}

void readOutline(std::string_view payload) {
    const auto outline = wire::decodeOutline(payload, kPages);
    expectSame(payload, outline);
    if (!outline) return;
    for (const OutlineItem& item : outline->items)
        if (item.page >= int(kPages)) std::abort();
}

}  // namespace

void fuzzWorkerMessages(std::span<const std::byte> input) {
    if (input.empty()) return;
    const std::string_view payload(reinterpret_cast<const char*>(input.data()) + 1, input.size() - 1);
    switch (wire::FrameType(std::to_integer<unsigned>(input[0]))) {
        case wire::FrameType::Read:
            return expectSame(payload, wire::decodeRead(payload));
        case wire::FrameType::Open:
            return expectSame(payload, wire::decodeOpen(payload));
        case wire::FrameType::Draw:
            return expectSame(payload, wire::decodeDraw(payload));
        case wire::FrameType::Header:
            return expectSame(payload, wire::decodeHeader(payload));
        case wire::FrameType::Failure:
            return readFailure(payload);
        case wire::FrameType::Page:
            return readPage(payload);
        case wire::FrameType::Outline:
            return readOutline(payload);
        case wire::FrameType::Image:
            return expectSame(payload, wire::decodeImage(payload));
        default:
            return;
    }
}

}  // namespace lectern::test
