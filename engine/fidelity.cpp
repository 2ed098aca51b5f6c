// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/fidelity.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace lectern {

using nlohmann::json;

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

std::string fidelityText(const Fidelity& f) {
    return json{
        {"kv", f.kv},         {"kl_mean", f.kl_mean}, {"kl_p99", f.kl_p99}, {"top1_agreement", f.top1_agreement},
        {"tokens", f.tokens}, {"context", f.context}, {"time", f.time}}
        .dump();
}

std::optional<Fidelity> fidelityFromText(const std::string& text) {
    Fidelity f;
    try {
        const json j = json::parse(text);
        f.kv = j.at("kv");
        f.kl_mean = j.at("kl_mean");
        f.kl_p99 = j.at("kl_p99");
        f.top1_agreement = j.at("top1_agreement");
        f.tokens = j.at("tokens");
        f.context = j.at("context");
        f.time = j.at("time");
    } catch (const json::exception&) {
        return std::nullopt;
    }
    return f;
}

}  // namespace lectern
