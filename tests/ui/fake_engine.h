// SPDX-License-Identifier: GPL-3.0-or-later
// A test double of the engine: deterministic, slow on purpose, failing on demand. "Documents" are small files whose
// lines say what they are: "pages 12", "password secret", "broken", "scan"; .txt and .md files are their own text.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "ui/services.h"

namespace lectern::test {

struct FakeDocument {
    DocumentInfo info;
    std::vector<PageText> texts;
    std::vector<PageInfo> pages;
};

/// What a session file holds.
struct FakeFile {
    std::string fingerprint;
    KvSettings kv;
    std::vector<FakeDocument> documents;
    std::vector<BranchInfo> branches;
    std::uint64_t tokens = 0;
    bool calibrated = false;
    std::optional<Fidelity> fidelity = {};
    std::optional<Comparison> comparison = {};
    std::vector<BranchInfo> deleted = {};
    std::vector<FakeDocument> taken_out = {};  ///< and can come back
    std::vector<Summary> summaries = {};
};

/// The disk and the knobs, shared by all engines of a test. Session files are also made as real, empty files.
struct FakeWorld {
    std::mutex lock;  ///< of `files`
    std::map<std::filesystem::path, FakeFile> files;
    std::vector<ModelInfo> models;                ///< beside the built-in one; under `lock`
    std::vector<std::filesystem::path> stripped;  ///< in this order; under `lock`
    std::set<std::string> changed;                ///< names of documents whose files are others now; under `lock` too
    std::filesystem::path session_model = "/fake/lectern-reader.gguf";  ///< what sessions are made with
    std::string frame_problem;              ///< why the model's chat template is not taken; set before a plan
    std::string read_only;                  ///< why sessions are not saved; set before they are opened
    std::atomic<int> open_ms = 0;           ///< between what can be read at once and the open session
    std::atomic<int> load_ms = 0;           ///< until its cache is there
    std::atomic<bool> busy = false;         ///< sessions are open elsewhere
    std::atomic<bool> damaged = false;      ///< loads end in the middle, until a repair
    std::atomic<int> page_ms = 2;           ///< reading a page
    std::atomic<int> word_ms = 1;           ///< a word of an answer
    std::atomic<int> measure_ms = 1;        ///< how long reading will take
    std::atomic<int> start_ms = 0;          ///< making an engine
    std::atomic<bool> other_model = false;  ///< the built-in model is another one than before
    std::atomic<bool> full = false;         ///< ingest: NoRoom
    std::atomic<bool> calibrated = true;    ///< the built-in model
    std::atomic<int> piece_ms = 1;  ///< a sixteenth of a calibration, an eighth of a fidelity check or a comparison
    std::atomic<double> kl = 0.02;  ///< what a fidelity check finds
    std::atomic<int> calibration_shares = 0;  ///< asked of the last calibration
    std::atomic<int> calibration_texts = -1;  ///< given to the last calibration
    std::atomic<int> questions = 0;           ///< asked so far
    std::atomic<bool> can_recognize = true;   ///< scans, with OCR
    std::atomic<bool> quotes = true;          ///< the model's summaries are sentences of the text
    std::atomic<int> summaries_made = 0;      ///< or begun
    std::atomic<int> pages_read = 0;          ///< into the context, by all sessions
};

/// A large one, as the list of models has it.
ModelInfo fakeModel(const std::filesystem::path& path);

/// Services on a fake world; `sample`: see ui::Services.
ui::Services fakeServices(std::shared_ptr<FakeWorld> world, std::filesystem::path sample = {});

/// The page of a fake PDF, as both parser and renderer see it.
PageText fakePage(const std::string& document, int page);

}  // namespace lectern::test
