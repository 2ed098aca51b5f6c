// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/kv/fidelity.h"

#include <algorithm>
#include <cmath>

namespace lectern {

namespace {

constexpr double kNoticeableKl = 0.06, kPoorKl = 0.24;  ///< nats

}  // namespace

FidelityGrade gradeOf(const Fidelity& fidelity) {
    if (fidelity.kl_mean > kPoorKl) return FidelityGrade::Poor;
    return fidelity.kl_mean > kNoticeableKl ? FidelityGrade::Noticeable : FidelityGrade::Close;
}

const char* gradeName(FidelityGrade grade) {
    switch (grade) {
        case FidelityGrade::Close:
            return "close";
        case FidelityGrade::Noticeable:
            return "noticeable";
        case FidelityGrade::Poor:
            return "poor";
    }
    return "poor";
}

std::vector<KvSettings> settingsToCompare(const KvSettings& own) {
    std::vector<KvSettings> all;
    const auto add = [&](KvSettings settings) {
        if (std::find(all.begin(), all.end(), settings) == all.end()) all.push_back(std::move(settings));
    };
    const auto like_own = [&](int bits) {
        KvSettings settings;
        settings.key_bits = settings.value_bits = bits;
        settings.sinks = own.sinks;
        settings.window = own.window;
        return settings;
    };
    for (const int bits : {16, 4, 3, 2}) {
        KvSettings settings = like_own(bits);
        add(settings);
        if (bits == 16) continue;
        settings.outliers = 0;
        add(settings);
    }
    for (const int bits : {3, 2}) {
        KvSettings settings = like_own(bits);
        settings.qnorm = bits == 2 ? QNorm::Off : QNorm::On;
        add(settings);
    }
    KvSettings without_sinks = like_own(2);
    without_sinks.sinks = own.sinks == 0 ? KvSettings().sinks : 0;
    add(without_sinks);
    add(own);
    return all;
}

std::string fidelityWarning(const Fidelity& fidelity, bool calibrated) {
    if (gradeOf(fidelity) != FidelityGrade::Poor) return {};
    const auto differing = std::lround(100 * (1 - fidelity.top1_agreement));
    return "The model does badly at " + fidelity.kv + ": at " + std::to_string(differing) +
           "% of the places its likeliest next token is another one than with an fp16 cache; " +
           (calibrated ? "" : "calibrate the model, or ") + "read the documents into a session with more bits.";
}

}  // namespace lectern
