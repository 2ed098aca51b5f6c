// SPDX-License-Identifier: GPL-3.0-or-later
// An engine that computes nothing and does what a test tells it to.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"

namespace lectern::test {

/// What the engine holds and how it behaves; shared by engine, sessions and the test.
struct FakeWorld {
    std::vector<DocumentInfo> documents;  ///< of the one session there is
    std::map<int, std::vector<PageInfo>> pages;
    std::vector<BranchInfo> branches, deleted_branches;
    KvSettings settings;
    MemoryLedger memory;
    std::vector<LayerStatistics> statistics;
    std::optional<Fidelity> fidelity;  ///< of the last check
    std::optional<Comparison> comparison;
    Fidelity fidelity_found;  ///< by the next check
    bool session_calibrated = false, memory_loaded = false;
    std::optional<Restored> restored;
    double verified_share = 0;
    std::vector<std::filesystem::path> wiped, stripped;
    std::map<std::filesystem::path, SessionOnDisk> on_disk;  ///< by file name
    std::filesystem::path busy;                              ///< file name of a session that cannot be stripped
    std::string read_only;
    std::uint64_t tokens = 0;
    std::map<std::string, std::string> bad_files;  ///< file name → why it cannot be read
    bool memory_known_when_peeking = true;
    bool quotes = false;  ///< the model was trained to quote

    std::optional<Error> create_engine, create_session, open_session, peek_session, ingest, ask, verify, perplexity,
        calibrate, check_fidelity, change, summarize;
    Message answer;
    Summary summary;         ///< made by the next request, section by section
    bool interrupt = false;  ///< after its first section
    std::vector<std::string> answer_pieces;
    VerifyReport report, repaired;
    std::vector<ModelInfo> models;
    std::vector<DeviceInfo> devices;
    bool prints = true;               ///< the program was built with Qt
    int kept = 0;                     ///< sections of the next summary from an earlier run
    std::string notice;               ///< that opening a session gives rise to
    std::uint64_t device_tokens = 0;  ///< of an fp16 cache that fit the device
    IngestPlan plan;                  ///< where its documents would be computed; the rest is counted

    // What was asked of it.
    EngineOptions options;
    std::string model;
    NewSession created;
    CalibrationRequest calibrated;
    ConvertRequest converted;
    AskRequest asked;
    SummaryRequest summarized;
    std::vector<ReadRequest> read;
    PerplexityRequest measured;
    std::map<std::string, std::string> printed;  ///< file → the HTML of its pages
    int rereads = 0, edits = 0, repairs = 0, source_checks = 0, ingests = 0;
    std::vector<std::string> changes;  ///< of conversations and documents, in order
};

/// A world with one document of three pages in the context, one answer and one model.
std::shared_ptr<FakeWorld> makeWorld();

std::unique_ptr<Engine> makeFakeEngine(std::shared_ptr<FakeWorld> world);

struct Outcome {
    int status = -1;
    std::string out, err;
};

/// The whole command line on `world`.
Outcome runCli(const std::shared_ptr<FakeWorld>& world, const std::vector<std::string>& arguments,
               const std::string& input = {}, bool terminal = false);

}  // namespace lectern::test
