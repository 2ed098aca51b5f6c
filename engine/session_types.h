// SPDX-License-Identifier: GPL-3.0-or-later
// Value types that cross the facade: the window and the command line see these and nothing deeper.
#pragma once

#include <functional>
#include <optional>

#include "engine/base/result.h"
#include "engine/document_info.h"
#include "engine/kv/fidelity.h"
#include "engine/kv/kv_settings.h"
#include "engine/kv/ledger.h"
#include "engine/kv/statistics.h"
#include "engine/message.h"

namespace lectern {

/// How documents are read. Joint: each sees those before it. Shelf: each sees the template's opening and itself alone,
/// so that reading is linear in their number and taking out or moving one costs nothing; questions see all in both.
enum class SessionMode : std::uint8_t { Joint, Shelf };

/// What a session is for good.
struct NewSession {
    std::filesystem::path file;  ///< must not exist
    std::string model = {};      ///< a path, or a name from Engine::listModels(); empty = the built-in model
    KvSettings kv = {};
    std::string prompt_template = {};  ///< frames documents, questions and answers; empty = what the model asks for
    std::string calibration = "auto";  ///< a .kvq file; "auto": the model's own where it has one; "none"
    SessionMode mode = SessionMode::Joint;  ///< a shelf takes the template's opening as its sinks, whatever `kv` says
};

struct AskRequest {
    std::string question;
    std::string branch = "main";
    int max_tokens = 512;
    SamplerSettings sampler;
    std::vector<std::string> stop_strings;  ///< the answer ends before the first of them; it is not part of it
    /// Names of documents: the answer reads nothing but these (where any are given), and none of those. A document that
    /// is off gets no attention. That does not undo what it left behind: documents read after it were read seeing it
    /// (unless the session is a shelf), and earlier answers of the conversation may have.
    std::vector<std::string> only, without;
};

/// What reading reports, on the engine's thread.
struct IngestEvent {
    enum class Kind : std::uint8_t { Parsing, Progress, Document, Done } kind = Kind::Progress;
    std::string document;
    int pages = 0, pages_total = 0;              ///< of this document, read into the context
    std::uint64_t tokens = 0, tokens_total = 0;  ///< of the whole request
    double tokens_per_s = 0, seconds = 0, seconds_left = 0;
    std::string problem;  ///< Document: why it failed, or empty
    MemoryLedger memory;
};
using IngestEvents = std::function<void(const IngestEvent&)>;

/// The plan shown before anything long starts.
struct IngestPlan {
    std::uint64_t tokens = 0, kv_bytes = 0, fp16_bytes = 0, disk_bytes = 0, free_memory = 0, free_disk = 0;
    int trained_context = 0;  ///< of the model; 0 unknown
    bool quotes = false;      ///< the model was trained to quote: answers are looked for stretch by stretch
    std::string device = {};  ///< "cuda:0", where pages of the cache go there; empty: all of it is the CPU's
    /// Of the whole context, what was read before too: pages on that device, and those that it has no room for, which
    /// the CPU attends to.
    std::uint64_t device_bytes = 0, host_bytes = 0;
    std::vector<DocumentInfo> documents;
};

/// What has to be read again before questions see all documents.
struct RereadPlan {
    std::uint64_t tokens = 0;
    double seconds = 0;  ///< as fast as this session was read so far; 0 where that is not known
};

/// What computes with a session's model.
struct Processor {
    std::string id, name;  ///< "cpu", "cuda:0"; as the system calls it. Empty: nothing does, the session was peeked at
    std::string why;       ///< a sentence: why not the device that is there, where "auto" has the choice; else empty
};

/// What puts documents, questions and answers into the form that a session's model was trained on.
struct PromptFrame {
    std::string name;  ///< "model": its own chat template; else the family's, as in NewSession
    std::string why;   ///< a sentence: why not its own, where it was to be taken and cannot be; else empty
};

/// How long reading takes, and what computes it.
struct ReadingEstimate {
    double seconds = 0;             ///< 0: nothing is queued, or too little to tell
    Processor processor = {};       ///< that it was measured on
    std::uint64_t device_room = 0;  ///< bytes for the cache, free on that device; 0: it is this machine's CPU
    std::uint64_t device_bytes = 0, host_bytes = 0;  ///< as in IngestPlan
};

/// What opening a session brought back instead of reading it again.
struct Restored {
    std::uint64_t tokens = 0, bytes = 0;
    double seconds = 0;          ///< until all of it was there, checked
    double reading_seconds = 0;  ///< that reading the same tokens took
};

/// How far the cache of the documents has come back from the file.
struct Loading {
    double share = 1;                 ///< of its bytes; 1: all of it is there, or there was nothing to load
    std::optional<Error> error = {};  ///< why it ended before that; the next call that needs the cache tries again
};

struct DamagedBlock {
    int layer = 0;
    std::string kind;  ///< "key" or "value"
    std::uint64_t block = 0;
};

struct VerifyReport {
    bool ok = false;
    std::uint64_t blocks = 0;
    std::vector<DamagedBlock> damaged;
    std::vector<std::string> problems;  ///< everything else that is wrong, a sentence each
    std::uint64_t repaired = 0;         ///< blocks that were damaged and are not any more
    std::uint64_t computed = 0;         ///< of those, the documents' (conversations compute theirs when they go on)
    std::uint64_t identical = 0;        ///< of the computed, those with the checksum that was written once
};

}  // namespace lectern
