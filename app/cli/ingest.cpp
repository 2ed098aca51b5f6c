// SPDX-License-Identifier: GPL-3.0-or-later
// lectern-cli ingest: documents into a session.
#include <CLI/CLI.hpp>
#include <chrono>
#include <set>

#include "app/cli/command.h"
#include "app/cli/coverage.h"
#include "app/cli/document_files.h"
#include "app/cli/exit_status.h"
#include "app/cli/ingest_report.h"
#include "app/cli/json_text.h"
#include "app/cli/options.h"
#include "app/cli/text_table.h"
#include "engine/document/tesseract.h"
#include "engine/machine.h"

namespace lectern::cli {

namespace fs = std::filesystem;

namespace {

struct IngestFlags {
    std::string session, password, prompt_template, mode, calibration = "auto";
    std::vector<std::string> files;
    EngineFlags engine;
    KvFlags kv;
    std::string ocr;  ///< languages, "auto", or empty: none
    bool reread = false, refresh = false, json = false;
    bool calibration_given = false;
};

/// One run of the command: what it opened, and what goes away again where nothing came of it.
class Ingest {
public:
    Ingest(const IngestFlags& flags, CommandContext& context)
        : m_flags(flags), m_context(context), m_report(context, flags.json) {}

    int run();

private:
    std::optional<OcrSettings> ocrSettings() const;
    Status checkOcr() const;
    Status open();
    Status openExisting();
    Status create();
    Status add(const DocumentFiles& found);
    Status read();
    Status reread();
    Status refresh();
    void warnAboutContext(const IngestPlan& plan);
    int end(const Status& status);
    int interrupted();

    const IngestFlags& m_flags;
    CommandContext& m_context;
    IngestReport m_report;
    std::unique_ptr<Engine> m_engine;
    std::unique_ptr<Session> m_session;
    bool m_created = false;
    std::chrono::steady_clock::time_point m_started = std::chrono::steady_clock::now();
    std::uint64_t m_before = 0;  ///< tokens in the context when the run began
};

int Ingest::run() {
    const DocumentFiles found = findDocuments(m_flags.files);
    for (const auto& note : found.notes) say(m_context, note);
    Status status = checkOcr();
    if (status) status = open();
    if (status && !m_flags.reread) {
        for (const auto& problem : found.problems) m_report.failed("", problem);
        if (m_flags.refresh) status = refresh();
        if (status) status = add(found);
        if (status) status = read();
    }
    return end(status);
}

std::optional<OcrSettings> Ingest::ocrSettings() const {
    if (m_flags.ocr.empty()) return std::nullopt;
    return OcrSettings{m_flags.ocr == "auto" ? std::string() : m_flags.ocr};
}

/// What OCR needs is missed before anything is begun.
Status Ingest::checkOcr() const {
    const auto ocr = ocrSettings();
    if (!ocr) return {};
    if (m_flags.files.empty()) return Error{ErrorCode::Usage, "--ocr takes the files whose pages are pictures."};
    const auto tesseract = Tesseract::find(ocr->languages, m_context.stop);
    return tesseract ? Status() : Status(tesseract.error());
}

Status Ingest::open() {
    std::error_code ignored;
    const bool exists = fs::exists(m_flags.session, ignored);
    if (m_flags.reread && (!exists || !m_flags.files.empty())) {
        return Error{ErrorCode::Usage, "--reread takes an existing session and no files."};
    }
    if (m_flags.refresh && !exists) {
        return Error{ErrorCode::Usage, "--refresh takes an existing session."};
    }
    if (!exists && m_flags.files.empty()) {
        return Error{ErrorCode::Usage,
                     "There is no session \"" + m_flags.session + "\": name the documents to read into a new one."};
    }
    if (exists && !m_flags.prompt_template.empty()) {
        return Error{
            ErrorCode::Usage,
            "\"" + m_flags.session + "\" is there already and keeps its template; --template is for a new session."};
    }
    if (exists && m_flags.calibration_given) {
        return Error{ErrorCode::Usage, "\"" + m_flags.session +
                                           "\" is there already and keeps the calibration it was begun with; "
                                           "--calibration is for a new session."};
    }
    auto engine = m_context.make_engine(m_flags.engine.options);
    if (!engine) return engine.error();
    m_engine = std::move(*engine);
    if (m_flags.reread) return reread();
    return exists ? openExisting() : create();
}

Status Ingest::openExisting() {
    auto session = m_engine->openSession(m_flags.session, m_flags.engine.model);
    if (!session) return session.error();
    m_session = std::move(*session);
    m_before = m_session->tokens();
    if (!m_flags.mode.empty() && m_flags.mode != modeName(m_session->mode())) {
        return Error{ErrorCode::Usage, "\"" + m_flags.session + "\" is a session of mode " +
                                           std::string(modeName(m_session->mode())) +
                                           " and keeps it; --mode is for a new session."};
    }
    return checkAgainst(m_flags.kv, m_session->kvSettings(), m_flags.session);
}

Status Ingest::create() {
    const auto settings = kvSettings(m_flags.kv, m_flags.kv.kv.empty() ? "nuq4" : m_flags.kv.kv);
    if (!settings) return settings.error();
    const SessionMode mode = m_flags.mode == "shelf" ? SessionMode::Shelf : SessionMode::Joint;
    if (mode == SessionMode::Shelf && m_flags.kv.sinks) {
        return Error{ErrorCode::Usage, "The sinks of a shelf are the template's opening; leave out --sinks."};
    }
    auto session = m_engine->createSession(
        {m_flags.session, m_flags.engine.model, *settings, m_flags.prompt_template, m_flags.calibration, mode});
    if (!session) return session.error();
    m_session = std::move(*session);
    m_created = true;
    return {};
}

Status Ingest::add(const DocumentFiles& found) {
    if (found.files.empty()) return {};
    std::vector<ReadRequest> requests;
    for (const auto& file : found.files) requests.push_back({file, m_flags.password, {}, ocrSettings()});
    const auto plan = m_session->addDocuments(requests, m_report.events(), m_context.stop);
    if (!plan) return plan.error();
    warnAboutContext(*plan);
    if (m_session->mode() == SessionMode::Shelf) {
        m_report.clear();
        say(m_context, std::string(kWhatShelfMeans));
    }
    m_report.plan(*plan, m_session->kvSettings());
    return {};
}

void Ingest::warnAboutContext(const IngestPlan& plan) {
    const std::uint64_t all = m_session->tokens() + plan.tokens;
    if (plan.trained_context == 0 || all <= std::uint64_t(plan.trained_context)) return;
    m_report.clear();
    const char* const what =
        plan.quotes ? ": quotes are looked for stretch by stretch, and the longer it is the more are missed."
                    : ": answers will suffer; use a model for longer contexts.";
    say(m_context, "The documents have " + countText(all) + " tokens and this model was trained on contexts of " +
                       countText(std::uint64_t(plan.trained_context)) + what);
}

Status Ingest::read() {
    const auto documents = m_session->documents();
    const bool any = std::any_of(documents.begin(), documents.end(),
                                 [](const DocumentInfo& d) { return d.state != DocumentState::Failed; });
    if (!any) return {};
    return m_session->ingest(m_report.events(), m_context.stop);
}

Status Ingest::reread() {
    auto before = m_engine->peekSession(m_flags.session);
    if (!before) return before.error();
    Status same = checkAgainst(m_flags.kv, (*before)->kvSettings(), m_flags.session);
    if (!same) return same;
    before->reset();  // the file is opened for writing next
    Status done = m_engine->rereadSession(m_flags.session, m_flags.engine.model, m_report.events(), m_context.stop);
    if (!done) return done;
    auto session = m_engine->openSession(m_flags.session, m_flags.engine.model);
    if (!session) return session.error();
    m_session = std::move(*session);
    return {};
}

Status Ingest::refresh() {
    const auto count = m_session->refreshDocuments(m_report.events(), m_context.stop);
    if (!count) return count.error();
    m_report.clear();
    say(m_context, std::to_string(*count) + (*count == 1 ? " document has" : " documents have") +
                       " changed on disk since it was read" + (*count > 0 ? ", and is read again." : "."));
    m_before = m_session->tokens();
    return {};
}

int Ingest::interrupted() {
    const std::uint64_t kept = m_session ? m_session->tokens() : 0;
    m_report.clear();
    say(m_context, "Interrupted; " + countText(kept) +
                       " tokens are in the session and kept: give the same command again to go on.");
    return kInterrupted;
}

int Ingest::end(const Status& status) {
    const bool nothing = m_session && m_session->tokens() == 0;
    if (status && m_session && !nothing) {
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - m_started;
        m_report.done(*m_session, m_session->tokens() - m_before, seconds.count());
    }
    m_report.clear();
    if (!status && status.error().code == ErrorCode::Interrupted) return interrupted();
    if (m_created && nothing) {  // a session without a word in it serves nobody
        m_session.reset();
        std::error_code ignored;
        fs::remove(m_flags.session, ignored);
    }
    if (!status) return reportSession(m_context, status.error(), m_flags.session);
    return m_report.failures() > 0 ? kBadInput : kDone;
}

}  // namespace

Action declareIngest(CLI::App& app) {
    const auto flags = std::make_shared<IngestFlags>();
    addSession(app, flags->session);
    app.add_option("FILE", flags->files, "PDF, text or Markdown files, or folders of them")->type_name("");
    addModel(app, flags->engine, "A model file, folder or name, for a new session or --reread");
    addKv(app, flags->kv, "How a new session keeps its cache: fp16, nuq4, nuq3, nuq2, nuq4/2, … (default nuq4)");
    addDevice(app, flags->engine);
    app.add_option("--password", flags->password, "Opens encrypted PDF files")->type_name("TEXT");
    app.add_flag(
        "--ocr{auto}", flags->ocr,
        "Recognize text in pages that are pictures, with Tesseract where it is installed; --ocr=eng+deu names "
        "its languages (default: eng, or what it has). Given again with it, a file that has such pages is read "
        "again");
    app.add_option("--template", flags->prompt_template,
                   "How a new session frames documents and questions: auto (the model's own template, where it has "
                   "one), model, "
                   "plain, chatml, llama-2, llama-3, gemma, phi-3")
        ->type_name("NAME");
    app.add_option("--mode", flags->mode,
                   "How a new session reads documents: joint, each seeing those before it (default), or shelf, each by "
                   "itself; questions see all")
        ->type_name("NAME")
        ->check(CLI::IsMember({"joint", "shelf"}));
    addCalibration(app, flags->calibration);
    app.add_flag("--reread", flags->reread, "Read the session's stored text again, with the model of --model");
    app.add_flag("--refresh", flags->refresh,
                 "Read documents whose files have changed on disk again, and what follows");
    addJson(app, flags->json);
    const CLI::Option* calibration = app.get_option("--calibration");
    return [flags, calibration](CommandContext& context) {
        flags->calibration_given = calibration->count() > 0;
        return Ingest(*flags, context).run();
    };
}

}  // namespace lectern::cli
