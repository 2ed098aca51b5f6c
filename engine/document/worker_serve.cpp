// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/document/worker_serve.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>
#include <variant>

#include "engine/document/file_kind.h"
#include "engine/document/page_wire.h"
#include "engine/document/text_pages.h"
#include "engine/document/unicode.h"
#include "engine/document/worker_channel.h"
#include "engine/document/worker_pdf.h"
#include "engine/document/worker_sandbox.h"

namespace lectern::worker {
namespace {

using wire::Failure;
using wire::FailureKind;
using wire::FrameType;

struct CloseFile {
    void operator()(FILE* file) const { std::fclose(file); }
};

bool fail(Channel& channel, const Failure& failure) {
    return channel.send(FrameType::Failure, encode(failure));
}

/// At most `limit` bytes of a file; `size` is how many it has.
std::variant<std::string, Failure> load(const std::string& path, std::uint64_t limit) {
    errno = 0;
    const std::unique_ptr<FILE, CloseFile> file(std::fopen(path.c_str(), "rb"));
    if (!file) return Failure{FailureKind::CannotOpen, std::strerror(errno)};
    std::string bytes;
    while (bytes.size() < limit) {
        const std::size_t have = bytes.size();
        bytes.resize(have + std::min<std::uint64_t>(std::uint64_t{1} << 20, limit - have));
        const auto got = std::fread(bytes.data() + have, 1, bytes.size() - have, file.get());
        bytes.resize(have + got);
        if (got == 0) break;
    }
    if (std::ferror(file.get()) != 0) return Failure{FailureKind::CannotOpen, std::strerror(errno)};
    return bytes;
}

bool isMarkdown(const std::string& path) {
    const auto dot = path.rfind('.');
    if (dot == std::string::npos) return false;
    std::string extension = path.substr(dot);
    for (char& c : extension) c = char(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    return extension == ".md" || extension == ".markdown";
}

bool sendPage(Channel& channel, std::uint32_t index, const PageText& page) {
    std::string payload = wire::encode(index, page);
    if (payload.size() > wire::kMaxPageBytes) {
        PageText blank;
        blank.state = PageState::Unreadable;
        blank.label = page.label;
        blank.problem = "The page holds more text than Lectern reads from one page.";
        payload = wire::encode(index, blank);
    }
    return channel.send(FrameType::Page, payload);
}

bool finish(Channel& channel, const wire::OutlineMessage& outline) {
    const std::string payload = encode(outline);
    const bool fits = payload.size() <= wire::kMaxOutlineBytes;
    return channel.send(FrameType::Outline, fits ? payload : encode(wire::OutlineMessage{})) &&
           channel.send(FrameType::End, {});
}

/// What is left when the memory limit was hit on one page.
PageText tooLargePage(int index) {
    PageText page;
    page.label = std::to_string(index + 1);
    page.state = PageState::Unreadable;
    page.problem = "The page needs more memory than Lectern gives to one document.";
    return page;
}

bool readPdf(Channel& channel, const wire::ReadCommand& command) {
    auto opened = Pdf::open(command.file, command.password);
    if (auto* failure = std::get_if<Failure>(&opened)) return fail(channel, *failure);
    Pdf& pdf = *std::get<std::unique_ptr<Pdf>>(opened);
    if (!channel.send(FrameType::Header, encode(pdf.header()))) return false;
    for (int i = int(command.first_page); i < pdf.pages(); ++i) {
        PageText page;
        try {
            page = pdf.page(i);
        } catch (const std::bad_alloc&) {
            page = tooLargePage(i);
        } catch (const std::length_error&) {
            page = tooLargePage(i);
        }
        if (!sendPage(channel, std::uint32_t(i), std::move(page))) return false;
    }
    return finish(channel, pdf.outline());
}

bool readText(Channel& channel, const wire::ReadCommand& command, const FileKind& kind) {
    auto loaded = load(command.file, command.text_bytes * 2 + 4);
    if (auto* failure = std::get_if<Failure>(&loaded)) return fail(channel, *failure);
    auto& bytes = std::get<std::string>(loaded);
    if (bytes.size() > command.text_bytes * (kind.skip == 2 ? 2 : 1) + 3)
        return fail(channel, {FailureKind::TooLarge, "its text"});
    // The beginning alone may have looked like UTF-8 where a later part is not.
    const FileKind whole = kind.encoding == Encoding::Utf8 && kind.skip == 0 ? fileKind(bytes) : kind;
    if (whole.type == FileKind::Type::Binary) return fail(channel, {FailureKind::Binary, whole.what});
    const std::string text = decodeText(std::string_view(bytes).substr(whole.skip), whole.encoding);
    bytes = {};
    const auto starts = cutPages(text);
    if (starts.size() > wire::kMaxPages) return fail(channel, {FailureKind::TooLarge, "its text"});
    const bool markdown = isMarkdown(command.file);
    const wire::Header header{markdown ? "markdown" : "text", {}, {}, std::uint32_t(starts.size())};
    if (!channel.send(FrameType::Header, encode(header))) return false;
    for (std::size_t i = command.first_page; i < starts.size(); ++i) {
        const std::size_t end = i + 1 < starts.size() ? starts[i + 1] : text.size();
        auto page = textPage(std::string_view(text).substr(starts[i], end - starts[i]), int(i));
        if (!sendPage(channel, std::uint32_t(i), std::move(page))) return false;
    }
    wire::OutlineMessage outline;
    if (markdown) outline.items = markdownOutline(text, starts);
    if (outline.items.size() > wire::kMaxOutlineItems) outline.items.resize(wire::kMaxOutlineItems);
    return finish(channel, outline);
}

bool read(Channel& channel, const wire::ReadCommand& command) {
    limitMemory(command.memory_bytes);
    limitProcessorTime(command.cpu_seconds);
    constexpr std::uint64_t kHeadBytes = std::uint64_t{64} << 10;
    auto loaded = load(command.file, kHeadBytes);
    if (auto* failure = std::get_if<Failure>(&loaded)) return fail(channel, *failure);
    const auto& head = std::get<std::string>(loaded);
    const FileKind kind = fileKind(head, head.size() < kHeadBytes);
    switch (kind.type) {
        case FileKind::Type::Empty:
            return fail(channel, {FailureKind::Empty, {}});
        case FileKind::Type::Binary:
            return fail(channel, {FailureKind::Binary, kind.what});
        case FileKind::Type::Pdf:
            return readPdf(channel, command);
        case FileKind::Type::Text:
            return readText(channel, command, kind);
    }
    return false;
}

/// Opens one PDF and draws its pages until the input ends.
bool drawPages(Channel& channel, const wire::OpenCommand& command) {
    limitMemory(command.memory_bytes);
    limitProcessorTime(command.cpu_seconds);
    auto opened = Pdf::open(command.file, command.password);
    if (auto* failure = std::get_if<Failure>(&opened)) return fail(channel, *failure);
    Pdf& pdf = *std::get<std::unique_ptr<Pdf>>(opened);
    if (!channel.send(FrameType::Ready, {})) return false;
    for (Command next; channel.receive(next);) {
        const auto wanted = next.type == FrameType::Draw ? wire::decodeDraw(next.payload) : std::nullopt;
        if (!wanted) return false;
        limitProcessorTime(command.cpu_seconds);
        const auto drawn = pdf.render(int(wanted->page), wanted->dpi);
        const auto* failure = std::get_if<Failure>(&drawn);
        const bool sent = failure ? fail(channel, *failure)
                                  : channel.send(FrameType::Image, wire::encode(std::get<PageImage>(drawn)));
        if (!sent) return false;
    }
    return true;
}

bool dispatch(Channel& channel, const Command& command) {
    if (command.type == FrameType::Read) {
        const auto wanted = wire::decodeRead(command.payload);
        return wanted && read(channel, *wanted);
    }
    if (command.type == FrameType::Open) {
        const auto wanted = wire::decodeOpen(command.payload);
        return wanted && drawPages(channel, *wanted);
    }
    return false;
}

}  // namespace

int serve(int input, int output) {
    Channel channel(input, output);
    Command command;
    try {
        while (channel.receive(command)) {
            if (!dispatch(channel, command)) return 1;
        }
    } catch (const std::bad_alloc&) {
        return fail(channel, {FailureKind::NoMemory, {}}) ? 0 : 1;
    } catch (const std::exception& problem) {
        return fail(channel, {FailureKind::Damaged, unicode::repaired(problem.what(), 200)}) ? 0 : 1;
    }
    return 0;
}

}  // namespace lectern::worker
