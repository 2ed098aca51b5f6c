// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/document/page_renderer.h"

#include <chrono>
#include <cmath>
#include <optional>
#include <utility>

#include "engine/document/child_process.h"
#include "engine/document/document_error.h"
#include "engine/document/page_wire.h"
#include "engine/document/source_file.h"

namespace lectern {
namespace {

using wire::FrameType;
using Outcome = ChildProcess::Outcome;

constexpr int kPageSeconds = 20;  ///< for opening the file, and for each page
constexpr std::uint64_t kMemoryBytes = std::uint64_t{2} << 30;
constexpr double kMaxDpi = 2400;

struct Request {
    const std::filesystem::path& worker;
    const SourceFile& source;
    const std::string& password;
    int page;
    double dpi;
    const std::stop_token& stop;
};

Error nonsense(const Request& request) {
    return documentError::cannotDraw(request.source.name(), request.page, "the document reader answered with nonsense");
}

}  // namespace

struct PageRenderer::Child {
    std::optional<ChildProcess> process;
    bool gone = false;  ///< the last request found the process dead

    Result<PageImage> draw(const Request& request) {
        gone = false;
        if (Status ready = open(request); !ready) return ready.error();
        auto answer =
            ask(FrameType::Draw, encode(wire::DrawCommand{std::uint32_t(request.page), request.dpi}), request);
        if (!answer) return answer.error();
        auto image = answer->type == FrameType::Image ? wire::decodeImage(answer->payload) : std::nullopt;
        if (image) return std::move(*image);
        return refusal(*answer, request);
    }

private:
    Status open(const Request& request) {
        if (process) return {};
        auto started = ChildProcess::start(request.worker);
        if (!started) return started.error();
        process = std::move(*started);
        const wire::OpenCommand command{kPageSeconds + 5, kMemoryBytes, request.source.path().string(),
                                        request.password};
        auto answer = ask(FrameType::Open, encode(command), request);
        if (!answer) return answer.error();
        if (answer->type == FrameType::Ready) return {};
        Error error = refusal(*answer, request);
        process.reset();
        return error;
    }

    /// Sends and waits for the answer; without one the process is ended.
    Result<ChildProcess::Received> ask(FrameType type, const std::string& payload, const Request& request) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(kPageSeconds);
        auto answer = ChildProcess::Received{process->send(type, payload, deadline, request.stop), {}, {}};
        if (answer.outcome == Outcome::Frame) answer = process->receive(deadline, request.stop);
        if (answer.outcome == Outcome::Frame) return answer;
        const std::string obituary = process->end();
        process.reset();
        gone = answer.outcome == Outcome::Ended;
        const std::string& name = request.source.name();
        if (answer.outcome == Outcome::Stopped) return documentError::interrupted(name);
        if (answer.outcome == Outcome::Nonsense) return nonsense(request);
        if (gone) return documentError::cannotDraw(name, request.page, "the document reader " + obituary);
        return documentError::cannotDraw(name, request.page, "it took too long");
    }

    Error refusal(const ChildProcess::Received& answer, const Request& request) {
        const auto failure = answer.type == FrameType::Failure ? wire::decodeFailure(answer.payload) : std::nullopt;
        if (!failure) {
            process.reset();
            return nonsense(request);
        }
        if (failure->kind == wire::FailureKind::TooLarge)
            return documentError::drawingTooLarge(request.source.name(), request.page);
        return documentError::fromFailure(request.source.name(), *failure);
    }
};

PageRenderer::PageRenderer(std::filesystem::path worker, std::filesystem::path file, std::string password)
    : m_worker(std::move(worker)), m_file(std::move(file)), m_password(std::move(password)), m_child(new Child) {}

PageRenderer::~PageRenderer() {
    delete m_child;
}

Result<PageImage> PageRenderer::render(int page, double dpi, std::stop_token stop) {
    auto source = SourceFile::inspect(m_file);
    if (!source) return source.error();
    if (page < 0 || !std::isfinite(dpi) || dpi <= 0 || dpi > kMaxDpi)
        return Error{ErrorCode::Usage, "Page " + std::to_string(page + 1) + " of \"" + source->name() +
                                           "\" cannot be drawn at " + std::to_string(dpi) +
                                           " dpi: ask for a page of the file at up to 2400 dpi."};
    const Request request{m_worker, *source, m_password, page, dpi, stop};
    const bool reused = m_child->process.has_value();
    auto image = m_child->draw(request);
    if (!image && reused && m_child->gone) return m_child->draw(request);  // it may have died while idle
    return image;
}

}  // namespace lectern
