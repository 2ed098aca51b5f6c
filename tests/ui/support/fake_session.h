// SPDX-License-Identifier: GPL-3.0-or-later
// The session of the fake engine.
#pragma once

#include <chrono>

#include "tests/ui/fake_engine.h"
#include "tests/ui/support/fake_statistics.h"

namespace lectern::test {

namespace fs = std::filesystem;

/// Sleeps unless told to stop. True: go on.
bool pass(int milliseconds, const std::stop_token& stop);
Error interrupted();

class FakeSession final : public Session {
public:
    /// `peek`: a copy of the file's state of the moment.
    FakeSession(std::shared_ptr<FakeWorld> world, fs::path file, bool peek)
        : m_world(std::move(world)), m_file(std::move(file)) {
        if (peek) m_copy = read();
    }

    Result<IngestPlan> addDocuments(const std::vector<ReadRequest>& files, const IngestEvents& events,
                                    std::stop_token stop) override;
    Status ingest(const IngestEvents& events, std::stop_token stop) override;
    Result<Message> ask(const AskRequest& request, const std::function<void(const std::string&)>& on_text,
                        std::stop_token stop) override;
    Status undoLast(std::string_view branch) override;
    Status forkBranch(std::string_view name, std::string_view from, int turns) override;
    Status removeDocument(std::string_view) override { return {}; }
    Status moveDocument(std::string_view, int) override { return {}; }
    Status arrangeDocuments(const std::vector<int>& order) override;
    Result<ReadingEstimate> estimateReading(const KvSettings& settings, std::stop_token stop) override;
    Result<RereadPlan> rereadPlan(const std::vector<int>& order) const override;
    void checkSources() override { m_checked = true; }
    Result<int> refreshDocuments(const IngestEvents&, std::stop_token) override;
    Status switchDocument(std::string_view name, bool on) override;
    Status renameBranch(std::string_view name, std::string_view to) override;
    Status deleteBranch(std::string_view name) override;
    Result<std::string> undeleteBranch(std::string_view name) override;
    Result<int> removeDeleted() override;
    std::vector<BranchInfo> deletedBranches() const override { return read().deleted; }

    Result<Fidelity> checkFidelity(const std::function<void(double)>& progress, std::stop_token stop) override;
    std::optional<Fidelity> fidelity() const override { return read().fidelity; }
    Status finishLoading() override;
    Loading loading() const override;
    std::string readOnly() const override { return m_world->read_only; }
    std::optional<Restored> restored() const override { return m_restored; }
    Result<Comparison> compareSettings(const std::vector<KvSettings>& settings,
                                       const std::function<void(double)>& progress, std::stop_token stop) override;
    std::optional<Comparison> comparison() const override { return read().comparison; }
    bool calibrated() const override { return read().calibrated; }
    fs::path file() const override { return m_file; }
    std::string modelName() const override { return "Lectern Reader"; }
    fs::path modelPath() const override { return m_world->session_model; }
    std::string fingerprint() const override { return read().fingerprint; }
    SessionMode mode() const override { return SessionMode::Joint; }
    KvSettings kvSettings() const override { return read().kv; }
    std::uint64_t tokens() const override { return read().tokens; }
    std::vector<DocumentInfo> documents() const override {
        std::vector<DocumentInfo> infos;
        const FakeFile now = read();
        const std::lock_guard guard(m_world->lock);
        for (const FakeDocument& document : now.documents) {
            infos.push_back(document.info);
            if (m_world->changed.contains(document.info.name))
                infos.back().source_state = m_checked ? SourceState::Changed : SourceState::Touched;
        }
        return infos;
    }
    std::vector<PageInfo> pages(int id) const override {
        for (const FakeDocument& document : read().documents)
            if (document.info.id == id) return document.pages;
        return {};
    }
    std::optional<PageText> pageText(int id, int page) const override {
        for (const FakeDocument& document : read().documents)
            if (document.info.id == id && page >= 0 && page < int(document.texts.size()))
                return document.texts[std::size_t(page)];
        return std::nullopt;
    }
    Result<SummaryPlan> planSummary(const SummaryRequest& request) override;
    Result<Summary> summarize(const SummaryRequest& request, const SummaryEvents& events,
                              std::stop_token stop) override;
    std::vector<Summary> summaries() const override { return read().summaries; }
    Status removeSummary(int id) override;
    Status restoreSummary(const Summary& summary) override;
    std::vector<BranchInfo> branches() const override { return read().branches; }
    PromptFrame promptFrame() const override {
        return {m_world->frame_problem.empty() ? "model" : "chatml", m_world->frame_problem};
    }
    MemoryLedger memory() const override { return fakeLedger(read().kv, read().tokens); }
    std::vector<LayerStatistics> statistics() const override {
        const FakeFile now = read();
        return fakeStatistics(now.kv, now.tokens);
    }

private:
    FakeFile read() const {
        if (m_copy) return *m_copy;
        const std::lock_guard guard(m_world->lock);
        return m_world->files[m_file];
    }
    template <typename Change>
    void change(Change&& apply) {
        const std::lock_guard guard(m_world->lock);
        apply(m_world->files[m_file]);
    }
    Message answer(const AskRequest& request) const;
    void queueFrom(std::size_t first);

    std::shared_ptr<FakeWorld> m_world;
    fs::path m_file;
    std::optional<FakeFile> m_copy;
    std::chrono::steady_clock::time_point m_opened = std::chrono::steady_clock::now();
    std::optional<Restored> m_restored;
    bool m_checked = false;
};

}  // namespace lectern::test
