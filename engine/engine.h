// SPDX-License-Identifier: GPL-3.0-or-later
// The facade: all that the window and the command line use of the engine.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>

#include "engine/base/result.h"
#include "engine/engine_types.h"
#include "engine/session.h"

namespace lectern {

/// Owns the thread pool and the opened models; makes sessions. One thread at a time; outlives its sessions.
class Engine {
public:
    static Result<std::unique_ptr<Engine>> create(EngineOptions options);
    virtual ~Engine() = default;

    virtual std::vector<DeviceInfo> devices() const = 0;
    virtual std::vector<ModelInfo> listModels() const = 0;  ///< the built-in one first; unreadable ones with `problem`;
                                                            ///< fingerprints that modelInfo() found before
    /// `model`: a path, or a name from listModels(); empty = the built-in model.
    virtual Result<ModelInfo> modelInfo(std::string_view model) = 0;
    virtual Result<std::vector<ContextFit>> contextFit(std::string_view model) = 0;
    virtual Result<std::vector<std::int32_t>> tokenize(std::string_view model, std::string_view text, bool bos,
                                                       bool eos) = 0;
    virtual Result<std::string> detokenize(std::string_view model, const std::vector<std::int32_t>& ids) = 0;
    virtual Result<std::vector<PerplexityRow>> perplexity(std::string_view model, const PerplexityRequest& request,
                                                          const std::function<void(double done)>& progress,
                                                          std::stop_token stop) = 0;

    /// The offline part of KVQuant; writes a .kvq file. Errors: BadInput (texts, model), Usage, Failed, Interrupted.
    virtual Result<CalibrationInfo> calibrate(std::string_view model, const CalibrationRequest& request,
                                              const std::function<void(double done)>& progress,
                                              std::stop_token stop) = 0;

    /// Writes a model as one GGUF file, its matrices as `request.weights`. Errors: BadInput (model), Usage (no such
    /// weights; what GGUF cannot say), NoRoom, Failed, Interrupted.
    virtual Result<ConvertInfo> convertModel(std::string_view model, const ConvertRequest& request,
                                             const std::function<void(double done)>& progress,
                                             std::stop_token stop) = 0;

    /// Prefill and decode speed of each setting at each length of context.
    virtual Result<SpeedReport> speed(std::string_view model, const SpeedRequest& request,
                                      const std::function<void(double done)>& progress, std::stop_token stop) = 0;

    /// Copies a model's files into a folder of models; returns where it is then. Errors: BadInput (no model that works
    /// here), Usage (one of that name is there), NoRoom, Failed, Interrupted (nothing stays).
    virtual Result<std::filesystem::path> importModel(const std::filesystem::path& model,
                                                      const std::filesystem::path& folder,
                                                      const std::function<void(double done)>& progress,
                                                      std::stop_token stop) = 0;
    /// Every file of a model, its calibration with them.
    virtual std::vector<std::filesystem::path> modelFiles(const std::filesystem::path& model) const = 0;

    /// How fast a made-up session is written and read, against a plain file of the same bytes in the same run.
    /// Errors: NoRoom (disk or memory), Usage, Failed, Interrupted.
    virtual Result<SessionSpeedReport> sessionSpeed(const SessionSpeedRequest& request,
                                                    const std::function<void(double done)>& progress,
                                                    std::stop_token stop) = 0;

    /// Creates the session's file. Nothing is read yet. Errors: Usage (no such template; a share of outliers that the
    /// calibration asked for does not have), BadInput (model or calibration), Failed (the file cannot be written).
    virtual Result<std::unique_ptr<Session>> createSession(const NewSession& request) = 0;
    /// Opens `file` for reading and writing, where it cannot be written for reading (Session::readOnly()), and begins
    /// to load its cache (Session::finishLoading()). `model` overrides where the session's own model file is looked
    /// for; a model with another fingerprint gives WrongModel. Errors: Busy, Damaged, WrongModel, BadInput.
    virtual Result<std::unique_ptr<Session>> openSession(const std::filesystem::path& file,
                                                         std::string_view model = {}) = 0;
    /// Documents, conversations and settings only: no model, no cache, no lock; works while another process writes.
    virtual Result<std::unique_ptr<Session>> peekSession(const std::filesystem::path& file) = 0;
    /// The rows of a session, to change: no model, no cache. Errors: Busy, Damaged, BadInput, Failed (read-only).
    virtual Result<std::unique_ptr<SessionRows>> editSession(const std::filesystem::path& file) = 0;
    /// Reads blocks and checks checksums and schema; all of them, or a `share` chosen by chance. Errors: BadInput (not
    /// a session).
    virtual Result<VerifyReport> verifySession(const std::filesystem::path& file, std::stop_token stop,
                                               double share = 1) = 0;
    /// Recomputes what verify found damaged from the stored tokens, and nothing else where the checksums prove that it
    /// became what it was. Errors: WrongModel and all of openSession.
    virtual Result<VerifyReport> repairSession(const std::filesystem::path& file, std::string_view model,
                                               std::stop_token stop) = 0;
    /// Writes the file anew without unused room. Errors: as openSession; NoRoom.
    virtual Result<FileSizes> compactSession(const std::filesystem::path& file) = 0;
    /// Drops the cache and its room; texts and conversations stay, and reading goes on from the stored tokens.
    virtual Result<FileSizes> stripSession(const std::filesystem::path& file) = 0;
    /// How much of the disk it takes, for planQuota(). Errors: BadInput (no session), Damaged, Busy.
    virtual Result<SessionOnDisk> sessionOnDisk(const std::filesystem::path& file) = 0;
    /// Overwrites and removes the file. Errors: BadInput where it is no session; Busy; Failed.
    virtual Status wipeSession(const std::filesystem::path& file) = 0;
    /// Makes a new cache for a session whose model changed: reads the stored tokens' text again with `model`.
    virtual Status rereadSession(const std::filesystem::path& file, std::string_view model, const IngestEvents& events,
                                 std::stop_token stop) = 0;
};

}  // namespace lectern
