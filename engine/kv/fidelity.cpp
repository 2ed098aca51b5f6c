// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/kv/fidelity.h"

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

std::string fidelityWarning(const Fidelity& fidelity, bool calibrated) {
    if (gradeOf(fidelity) != FidelityGrade::Poor) return {};
    const auto differing = std::lround(100 * (1 - fidelity.top1_agreement));
    return "The model does badly at " + fidelity.kv + ": at " + std::to_string(differing) +
           "% of the places its likeliest next token is another one than with an fp16 cache; " +
           (calibrated ? "" : "calibrate the model, or ") + "read the documents into a session with more bits.";
}

}  // namespace lectern
