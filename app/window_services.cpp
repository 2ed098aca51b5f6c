// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window_services.h"

#include "app/cli/conversation_text.h"
#include "app/cli/summary_text.h"
#include "app/paths.h"
#include "engine/document/document_error.h"
#include "engine/document/page_renderer.h"
#include "engine/document/tesseract.h"
#include "engine/engine.h"
#include "engine/machine.h"

namespace lectern {
namespace {

/// PageRenderer behind the window's interface.
class WorkerPageSource final : public ui::PageSource {
public:
    WorkerPageSource(std::filesystem::path worker, std::filesystem::path file, std::string password)
        : m_renderer(std::move(worker), std::move(file), std::move(password)) {}

    Result<PageImage> render(int page, double dpi, std::stop_token stop) override {
        return m_renderer.render(page, dpi, std::move(stop));
    }

private:
    PageRenderer m_renderer;
};

std::string conversationText(const Session& session, const std::vector<BranchInfo>& branches,
                             ui::ConversationFormat format) {
    switch (format) {
        case ui::ConversationFormat::Markdown:
            return cli::conversationsMarkdown(session, branches);
        case ui::ConversationFormat::Json:
            return cli::conversationsJson(session, branches);
        case ui::ConversationFormat::Html:
        case ui::ConversationFormat::Pdf:
            break;
    }
    return cli::conversationsHtml(session, branches);
}

std::string summaryText(const Summary& summary, ui::ConversationFormat format) {
    return format == ui::ConversationFormat::Markdown ? cli::summaryMarkdown(summary) : cli::summaryHtml(summary);
}

}  // namespace

ui::Services windowServices() {
    ui::Services services;
    services.options.worker = workerProgram();
    services.options.built_in = builtInModel();
    services.options.model_folders = modelFolders();
    services.options.calibration_text = calibrationText();
    services.options.fingerprints = fingerprintFile();
    services.model_folder = ownModelFolder();
    services.conversation_text = conversationText;
    services.summary_text = summaryText;
    services.sample = sampleDocument();
    services.make_engine = [](EngineOptions options) { return Engine::create(std::move(options)); };
    services.machine_memory = [] { return ui::MachineMemory{totalMemory(), freeMemory()}; };
    services.needs_password = DocumentReader::needsPassword;
    services.document_problem = [](const Error& error) { return documentError::problemIn(error.message); };
    services.can_recognize = Tesseract::isInstalled;
    services.make_page_source = [worker = services.options.worker](const std::filesystem::path& file,
                                                                   const std::string& password) {
        return std::make_unique<WorkerPageSource>(worker, file, password);
    };
    return services;
}

}  // namespace lectern
