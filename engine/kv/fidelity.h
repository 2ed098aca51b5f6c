// SPDX-License-Identifier: GPL-3.0-or-later
// What compression changes in a model's predictions, measured on a session's own text. Value types.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/kv/kv_settings.h"

namespace lectern {

/// The session's cache setting against an fp16 cache, token by token.
struct Fidelity {
    std::string kv;             ///< the setting's name
    double kl_mean = 0;         ///< nats, from the fp16 cache's prediction to the setting's
    double kl_p99 = 0;          ///< 99th percentile of the same
    double top1_agreement = 0;  ///< share of tokens where both think the same next token likeliest
    std::uint64_t tokens = 0;   ///< predictions compared
    std::uint64_t context = 0;  ///< tokens of the documents when it was measured
    std::int64_t time = 0;      ///< seconds since the epoch
};

/// One setting of a comparison. All are measured on the same tokens and against the same fp16 cache.
struct ComparedSetting {
    KvSettings kv;
    bool calibrated = false;  ///< by the model's calibration; else from the first tokens read
    double perplexity = 0;
    double kl_mean = 0, kl_p99 = 0, top1_agreement = 0;  ///< as in Fidelity; of fp16 itself 0, 0 and 1
    double bytes_per_token = 0;                          ///< of a full page: codes, scales, corrections
};

struct Comparison {
    std::vector<ComparedSetting> settings;
    std::uint64_t tokens = 0;   ///< predictions compared, for each setting
    std::uint64_t context = 0;  ///< tokens of the documents when it was measured
    std::int64_t time = 0;      ///< seconds since the epoch
};

/// What is compared where nobody chooses: fp16, nuq4, nuq3 and nuq2 with the sinks and window of `own`, each without
/// outliers, the low ones with Q-Norm the other way round than by themselves, nuq2 without sinks (with them where `own`
/// has none), and `own` itself.
std::vector<KvSettings> settingsToCompare(const KvSettings& own);

/// How much that is. The bounds are what the paper's own settings cost LLaMA-7B in log-perplexity (KVQuant,
/// arXiv:2401.18079, Table 18): 0.06 at 2 bits with 1% outliers, 0.24 at 2 bits without.
enum class FidelityGrade : unsigned char { Close, Noticeable, Poor };
FidelityGrade gradeOf(const Fidelity& fidelity);
const char* gradeName(FidelityGrade grade);  ///< "close", "noticeable", "poor"

/// One sentence where the model does badly at the setting, with what to do; empty where it does not. `calibrated`:
/// thresholds and codebooks come from a calibration of the model.
std::string fidelityWarning(const Fidelity& fidelity, bool calibrated);

}  // namespace lectern
