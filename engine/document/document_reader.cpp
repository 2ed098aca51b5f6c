// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <chrono>
#include <utility>

#include "engine/document/child_process.h"
#include "engine/document/document.h"
#include "engine/document/document_error.h"
#include "engine/document/outline_match.h"
#include "engine/document/page_wire.h"
#include "engine/document/recognition.h"
#include "engine/document/source_file.h"

namespace lectern {
namespace {

using Clock = std::chrono::steady_clock;
using wire::FrameType;
using Outcome = ChildProcess::Outcome;

/// A page that ends its reader costs a restart; a file that needs more of them is given up from that page on.
constexpr int kMaxRestarts = 8;

Clock::duration seconds(double value) {
    return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(std::clamp(value, 0.0, 1e6)));
}

/// One reading of one file: keeps what came while workers come and go.
class Reading {
public:
    Reading(const std::filesystem::path& worker, const ReadRequest& request, const PageProgress& progress,
            std::stop_token stop, Document& document)
        : m_worker(worker),
          m_request(request),
          m_progress(progress),
          m_stop(std::move(stop)),
          m_document(document),
          m_deadline(Clock::now() + seconds(request.limits.seconds)) {}

    Status run() {
        while (!m_complete) {
            auto child = ChildProcess::start(m_worker);
            if (!child) return child.error();
            m_header_came = false;
            if (Status attempt = listen(*child); !attempt) return attempt;
        }
        return {};
    }

    wire::OutlineMessage takeOutline() { return std::move(m_outline); }

private:
    /// Until the worker has sent everything, is lost (then the page it was at is given up), or an error is final.
    Status listen(ChildProcess& child) {
        Outcome outcome = child.send(FrameType::Read, encode(command()), nextDeadline(), m_stop);
        if (outcome == Outcome::Ended) outcome = Outcome::Frame;  // what it sent before it ended can still be read
        while (outcome == Outcome::Frame) {
            auto frame = child.receive(nextDeadline(), m_stop);
            outcome = frame.outcome;
            if (outcome != Outcome::Frame) break;
            if (frame.type == FrameType::Failure) return onFailure(frame.payload);
            if (!take(frame)) outcome = Outcome::Nonsense;
            if (Status room = checkRoom(); !room) return room;
            if (m_complete) return {};
        }
        return onLoss(outcome, outcome == Outcome::Ended ? child.end() : std::string());
    }

    wire::ReadCommand command() const {
        const auto& limits = m_request.limits;
        return {std::uint32_t(m_document.pages.size()),
                limits.seconds + 5,
                limits.memory_bytes,
                limits.text_bytes,
                m_document.source.string(),
                m_request.password};
    }

    Clock::time_point nextDeadline() const {
        return std::min(m_deadline, Clock::now() + seconds(m_request.limits.seconds_per_page));
    }

    bool allPagesCame() const { return m_page_count > 0 && m_document.pages.size() == m_page_count; }

    /// False for a frame that has no place here or says what cannot be.
    bool take(ChildProcess::Received& frame) {
        switch (frame.type) {
            case FrameType::Header:
                return takeHeader(frame.payload);
            case FrameType::Page:
                return takePage(frame.payload);
            case FrameType::Outline:
                return takeOutlineFrame(frame.payload);
            case FrameType::End:
                return m_complete = m_header_came && allPagesCame();
            default:
                return false;
        }
    }

    bool takeHeader(std::string_view payload) {
        auto header = wire::decodeHeader(payload);
        if (!header || m_header_came) return false;
        if (m_page_count != 0 && header->pages != m_page_count) return false;  // a restart must find the same file
        m_header_came = true;
        m_page_count = header->pages;
        m_document.kind = std::move(header->kind);
        m_document.title = std::move(header->title);
        m_document.author = std::move(header->author);
        return true;
    }

    bool takePage(std::string_view payload) {
        if (!m_header_came || allPagesCame()) return false;
        auto page = wire::decodePage(payload, std::uint32_t(m_document.pages.size()));
        if (!page) return false;
        m_text_bytes += page->text.size();
        addPage(std::move(*page));
        return true;
    }

    bool takeOutlineFrame(std::string_view payload) {
        auto outline = wire::decodeOutline(payload, m_page_count);
        if (!outline || !allPagesCame()) return false;
        m_outline = std::move(*outline);
        return true;
    }

    void addPage(PageText page) {
        m_document.pages.push_back(std::move(page));
        if (m_progress) m_progress(int(m_document.pages.size()), int(m_page_count));
    }

    Status checkRoom() const {
        if (m_text_bytes <= m_request.limits.text_bytes) return {};
        return documentError::tooMuchText(m_document.name);
    }

    Status onFailure(std::string_view payload) {
        const auto failure = wire::decodeFailure(payload);
        if (!failure) return onLoss(Outcome::Nonsense, {});
        if (!m_header_came && m_page_count == 0) return documentError::fromFailure(m_document.name, *failure);
        loseOne(failure->kind == wire::FailureKind::NoMemory
                    ? "The page needs more memory than Lectern gives to one document."
                    : "The document reader gave up on this page.");
        return {};
    }

    Status onLoss(Outcome outcome, const std::string& obituary) {
        if (outcome == Outcome::Stopped || m_stop.stop_requested()) return documentError::interrupted(m_document.name);
        if (Clock::now() >= m_deadline) return documentError::tookTooLong(m_document.name, m_request.limits.seconds);
        if (m_page_count == 0) {
            if (outcome == Outcome::TimedOut)
                return documentError::tookTooLong(m_document.name, m_request.limits.seconds_per_page);
            return documentError::readerLost(m_document.name, outcome == Outcome::Nonsense ? "" : obituary);
        }
        loseOne(outcome == Outcome::TimedOut   ? "Reading this page took too long."
                : outcome == Outcome::Nonsense ? "The document reader sent nonsense for this page."
                                               : "The document reader " + obituary + " on this page.");
        return {};
    }

    /// The page that the worker was at becomes unreadable; a next worker begins after it.
    void loseOne(const std::string& reason) {
        if (allPagesCame()) {  // it was lost over the outline
            m_complete = true;
            return;
        }
        const bool give_up = ++m_restarts > kMaxRestarts;
        do {
            PageText page;
            page.state = PageState::Unreadable;
            page.label = std::to_string(m_document.pages.size() + 1);
            page.problem = reason;
            addPage(std::move(page));
        } while (give_up && !allPagesCame());
        m_complete = allPagesCame();
    }

    const std::filesystem::path& m_worker;
    const ReadRequest& m_request;
    const PageProgress& m_progress;
    std::stop_token m_stop;
    Document& m_document;
    wire::OutlineMessage m_outline;
    Clock::time_point m_deadline;
    std::uint32_t m_page_count = 0;  ///< 0 until the first header
    std::uint64_t m_text_bytes = 0;
    int m_restarts = 0;
    bool m_header_came = false;  ///< from the present worker
    bool m_complete = false;
};

/// The reason of the first page, when no page at all could be read.
const std::string* beyondReading(const Document& document) {
    const bool lost = std::all_of(document.pages.begin(), document.pages.end(),
                                  [](const PageText& p) { return p.state == PageState::Unreadable; });
    return lost ? &document.pages.front().problem : nullptr;
}

}  // namespace

DocumentReader::DocumentReader(std::filesystem::path worker) : m_worker(std::move(worker)) {}

Result<Document> DocumentReader::read(const ReadRequest& request, const PageProgress& progress,
                                      std::stop_token stop) const {
    auto before = SourceFile::inspect(request.file);
    if (!before) return before.error();
    auto hash = before->contentHash(stop);
    if (!hash) return hash.error();
    Document document;
    document.name = before->name();
    document.source = before->path();
    document.content_hash = std::move(*hash);
    document.file_bytes = before->bytes();
    Reading reading(m_worker, request, progress, stop, document);
    if (Status done = reading.run(); !done) {
        return before->isUnchanged() ? done.error() : documentError::changed(document.name);
    }
    if (Status recognized = recognizePictures(m_worker, request, progress, stop, document); !recognized)
        return recognized.error();
    if (!before->isUnchanged()) return documentError::changed(document.name);
    if (const std::string* reason = beyondReading(document)) return documentError::allPagesLost(document.name, *reason);
    auto outline = reading.takeOutline();
    placeOutline(outline.items, outline.places, document.pages);
    document.outline = std::move(outline.items);
    return document;
}

bool DocumentReader::needsPassword(const Error& error) {
    return documentError::needsPassword(error);
}

}  // namespace lectern
