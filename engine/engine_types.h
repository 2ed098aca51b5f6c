// SPDX-License-Identifier: GPL-3.0-or-later
// What the engine is asked for and what it answers, as values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "engine/calibrate/calibration_settings.h"
#include "engine/kv/kv_settings.h"
#include "engine/session/session_life.h"

struct LecternCudaModule;  // kernels/cuda/cuda_module.h

namespace lectern {

struct EngineOptions {
    std::string device = "auto";     ///< "auto", "cpu", "cuda" (the first that works), "cuda:N"
    int threads = 0;                 ///< 0 = all cores
    std::uint64_t memory_limit = 0;  ///< bytes for weights and cache; 0 = what the machine has free
    std::filesystem::path worker;    ///< the program lectern-document-worker
    std::filesystem::path built_in;  ///< the built-in model
    std::vector<std::filesystem::path> model_folders;
    std::vector<std::filesystem::path> models = {};  ///< outside those folders, and in Engine::listModels() too
    std::filesystem::path fingerprints = {};         ///< where those of models are kept, to be listed; empty: nowhere
    std::filesystem::path calibration_text;          ///< what models are calibrated on where no text is given
    /// One sentence where "auto" computes on the CPU though a device is there, before the work; once for each reason.
    /// And what of a model's files is left out, once for each model.
    std::function<void(const std::string& sentence)> notice = {};
    const LecternCudaModule* cuda = nullptr;  ///< the devices' operations; null = of the module that is found
};

struct DeviceInfo {
    std::string id, name, problem;  ///< "cpu", "cuda:0"; problem: why it cannot be used, or empty
    std::uint64_t memory = 0, memory_free = 0;
    int cores = 0;
    std::string isa;                                 ///< "avx512", …
    int capability_major = 0, capability_minor = 0;  ///< compute capability of a CUDA device
};

struct ContextFit {
    std::string kv;
    double bytes_per_token = 0;
    std::uint64_t tokens = 0;  ///< of context that fit the free memory
    std::uint64_t device_tokens =
        0;  ///< all of whose pages fit the device's; 0 where ContextFit is not asked for a device
};

struct ModelInfo {
    std::string name, architecture, fingerprint, tokenizer, weight_types, problem;
    std::filesystem::path path;
    int layers = 0, hidden = 0, heads = 0, kv_heads = 0, head_dim = 0, vocab = 0, trained_context = 0;
    int experts = 0, experts_used = 0;  ///< of each layer, and of them for each token; 0: it is no mixture of experts
    std::uint64_t weights_bytes = 0, parameters = 0;
    bool built_in = false;
    bool text_alone = false;         ///< it reads images too: that part of its files is left out
    std::vector<double> calibrated;  ///< shares of outliers that the calibration beside it is for; not when listed
    std::vector<ContextFit> fits;    ///< when listed: the context that fits this machine's memory, at each bit width
};

struct ConvertRequest {
    std::filesystem::path out;     ///< the GGUF file; an existing one is replaced
    std::string weights = "Q8_0";  ///< of the matrices: F32, F16, BF16, Q8_0, Q4_K or Q4_0
};

struct ConvertInfo {
    std::filesystem::path file;
    std::uint64_t bytes = 0;
    double seconds = 0;
};

struct PerplexityRow {
    std::string kv;
    double perplexity = 0, kl_mean = 0, kl_p99 = 0, top1_agreement = 0, bytes_per_token = 0;
    std::uint64_t tokens = 0;
    double fp16_perplexity = 0;  ///< of the same tokens
    double bits_per_value = 0;   ///< of a full page: codes, scales and corrections; no tables, sinks or window
};

struct PerplexityRequest {
    std::filesystem::path text;
    std::vector<KvSettings> settings;
    int context = 512;                           ///< tokens per chunk
    int chunks = 0;                              ///< 0 = all
    int skip = 0;                                ///< first tokens of each chunk that are read and not counted
    std::string calibration = "auto";            ///< as in NewSession
    std::vector<std::string> calibrations = {};  ///< [settings], each in the place of `calibration`; or empty
    std::filesystem::path fit_text = {};         ///< what thresholds are fitted to without calibration; empty = `text`
};

struct CalibrationRequest {
    std::vector<std::filesystem::path> texts;  ///< plain text, one after another; none: ours
    std::filesystem::path out;                 ///< empty = beside the model, where "auto" finds it
    CalibrationSettings settings;
};

struct CalibrationInfo {
    std::filesystem::path file;
    std::uint64_t tokens = 0;
    std::vector<double> outliers;
    double seconds = 0;
};

struct SpeedRequest {
    std::vector<KvSettings> settings;
    std::vector<int> contexts = {1024, 8192, 32768};  ///< tokens in the cache
    int decode_tokens = 32;
};

struct SpeedRow {
    std::string kv;
    int context = 0;
    double prefill_tokens_per_s = 0, decode_tokens_per_s = 0;
    std::uint64_t kv_bytes = 0, fp16_bytes = 0;
};

struct SpeedReport {
    double read_gb_per_s = 0;  ///< of memory, all threads together, measured in the same run
    int threads = 0;
    std::string device, device_name;  ///< what computed: "cpu", "cuda:0"; as the system calls it
    double device_gb_per_s = 0;       ///< of its memory: two vectors read and one written, in the same run; 0: the CPU
    std::vector<SpeedRow> rows;
};

/// A session made up to be measured: its cache has the shape of Llama-3-8B's.
struct SessionSpeedRequest {
    std::filesystem::path folder = ".";  ///< where session and plain file are made, and removed at the end
    KvSettings kv;
    std::uint64_t tokens = 0;  ///< 0: a million, or as many as a quarter of the free disk and half of the memory hold
    int pages = 5000;          ///< of the document
    int runs = 3;              ///< of each step that reads; the best counts
};

struct SessionSpeedRow {
    /// "write", "write_wait" (for the writer's queue), "close", "open_window", "plain_load" (the plain file into
    /// memory that holds all of it in the end, against a buffer used again), "first_layer", "load" (against
    /// "plain_load"), "first_token" (attention of one token to every layer), "verify", "fork", "delete_branch",
    /// "branch_gc" (deleted ones for good), "compact", "strip"
    std::string step;
    std::uint64_t bytes = 0;  ///< written or read of the cache; 0 where the step is not about them
    double seconds = 0;
    double plain_seconds = 0;  ///< for the same bytes of a plain file, in the same run; 0: no comparison
};

struct SessionSpeedReport {
    std::uint64_t tokens = 0, payload_bytes = 0, file_bytes = 0;
    std::uint64_t written_bytes = 0;  ///< that reached the disk, journal and all; 0 where the system does not tell
    int layers = 0, kv_heads = 0, head_dim = 0, pages = 0, threads = 0;
    std::vector<SessionSpeedRow> rows;
};

}  // namespace lectern
