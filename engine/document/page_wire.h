// SPDX-License-Identifier: GPL-3.0-or-later
// Payloads of the worker protocol as values. Encoding is the worker's side, decoding believes nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/document/document.h"
#include "engine/document/wire.h"

namespace lectern::wire {

struct ReadCommand {
    std::uint32_t first_page = 0;
    double cpu_seconds = 0;
    std::uint64_t memory_bytes = 0, text_bytes = 0;
    std::string file, password;
};

struct OpenCommand {
    double cpu_seconds = 0;  ///< for opening, and again for each page
    std::uint64_t memory_bytes = 0;
    std::string file, password;
};

struct DrawCommand {
    std::uint32_t page = 0;
    double dpi = 0;
};

struct Header {
    std::string kind, title, author;
    std::uint32_t pages = 0;
};

struct Failure {
    FailureKind kind{};
    std::string detail;
};

/// A place that a document names, such as LaTeX's "section.2.1".
struct NamedPlace {
    std::string name;
    int page = -1;  ///< 0-based
    float top = 0;  ///< points from the bottom of the page, as PDF counts
};

struct OutlineMessage {
    std::vector<OutlineItem> items;
    std::vector<NamedPlace> places;
};

std::string encode(const ReadCommand& command);
std::string encode(const OpenCommand& command);
std::string encode(const DrawCommand& command);
std::string encode(const Header& header);
std::string encode(const Failure& failure);
std::string encode(std::uint32_t index, const PageText& page);
std::string encode(const OutlineMessage& outline);
/// width, height, then the pixels
std::string encode(const PageImage& image);

// Each gives nothing where the payload is not exactly what it should be: sizes, UTF-8, order of words, finite numbers.
std::optional<ReadCommand> decodeRead(std::string_view payload);
std::optional<OpenCommand> decodeOpen(std::string_view payload);
std::optional<DrawCommand> decodeDraw(std::string_view payload);
std::optional<Header> decodeHeader(std::string_view payload);
std::optional<Failure> decodeFailure(std::string_view payload);
std::optional<PageText> decodePage(std::string_view payload, std::uint32_t expected_index);
std::optional<OutlineMessage> decodeOutline(std::string_view payload, std::uint32_t page_count);
std::optional<PageImage> decodeImage(std::string_view payload);

}  // namespace lectern::wire
