// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/message.h"
#include "engine/whole_number.h"

namespace lectern {

/// What a sampler has beside its seed, by name.
struct SamplerNumber {
    const char* name;
    double SamplerSettings::*value;
};
inline constexpr SamplerNumber kSamplerNumbers[] = {{"temperature", &SamplerSettings::temperature},
                                                    {"typical_p", &SamplerSettings::typical_p},
                                                    {"min_p", &SamplerSettings::min_p},
                                                    {"top_p", &SamplerSettings::top_p},
                                                    {"repetition_penalty", &SamplerSettings::repetition_penalty},
                                                    {"presence_penalty", &SamplerSettings::presence_penalty},
                                                    {"frequency_penalty", &SamplerSettings::frequency_penalty},
                                                    {"dry_multiplier", &SamplerSettings::dry_multiplier},
                                                    {"dry_base", &SamplerSettings::dry_base}};

template <class Json>
Json samplerJson(const SamplerSettings& s) {
    Json all = {{"top_k", s.top_k}, {"dry_allowed_length", s.dry_allowed_length}};
    for (const auto& number : kSamplerNumbers) all[number.name] = s.*number.value;
    return all;
}

/// What a session's maker did not know yet is as it is by default.
template <class Json>
SamplerSettings samplerFrom(const Json& j, std::uint64_t seed) {
    SamplerSettings s;
    for (const auto& number : kSamplerNumbers) s.*number.value = j.value(number.name, s.*number.value);
    s.top_k = whole(j.value("top_k", Json(s.top_k)));
    s.dry_allowed_length = whole(j.value("dry_allowed_length", Json(s.dry_allowed_length)));
    s.seed = seed;
    return s;
}

/// An answer's ledger as it stands in a message's JSON (engine/session/FORMAT.md).
template <class Json>
Json ledgerJson(const AnswerLedger& l) {
    return {{"tokens_reused", l.tokens_reused},
            {"tokens_new", l.tokens_new},
            {"tokens_answer", l.tokens_answer},
            {"seconds_to_first_token", l.seconds_to_first_token},
            {"prefill_tokens_per_s", l.prefill_tokens_per_s},
            {"decode_tokens_per_s", l.decode_tokens_per_s},
            {"peak_bytes", l.peak_bytes},
            {"cache_bytes", l.cache_bytes},
            {"sampler", samplerJson<Json>(l.sampler)},
            {"seed", l.seed}};
}

/// The reverse. Throws Json::exception where a value is none.
template <class Json>
AnswerLedger ledgerFrom(const Json& j) {
    AnswerLedger l;
    l.tokens_reused = whole(j.at("tokens_reused"));
    l.tokens_new = whole(j.at("tokens_new"));
    l.tokens_answer = whole(j.at("tokens_answer"));
    l.seconds_to_first_token = j.at("seconds_to_first_token");
    l.prefill_tokens_per_s = j.at("prefill_tokens_per_s");
    l.decode_tokens_per_s = j.at("decode_tokens_per_s");
    l.peak_bytes = whole(j.at("peak_bytes"));
    l.seed = whole(j.at("seed"));
    l.cache_bytes = whole(j.value("cache_bytes", Json(0)));
    l.sampler = samplerFrom(j.value("sampler", Json::object()), l.seed);
    return l;
}

}  // namespace lectern
