// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/ledger_record.h"

#include "engine/whole_number.h"

namespace lectern {

using nlohmann::json;

namespace {

/// What a sampler has beside its seed, by name.
struct SamplerNumber {
    const char* name;
    double SamplerSettings::*value;
};
constexpr SamplerNumber kSamplerNumbers[] = {{"temperature", &SamplerSettings::temperature},
                                             {"typical_p", &SamplerSettings::typical_p},
                                             {"min_p", &SamplerSettings::min_p},
                                             {"top_p", &SamplerSettings::top_p},
                                             {"repetition_penalty", &SamplerSettings::repetition_penalty},
                                             {"presence_penalty", &SamplerSettings::presence_penalty},
                                             {"frequency_penalty", &SamplerSettings::frequency_penalty},
                                             {"dry_multiplier", &SamplerSettings::dry_multiplier},
                                             {"dry_base", &SamplerSettings::dry_base}};

json samplerJson(const SamplerSettings& s) {
    json all = {{"top_k", s.top_k}, {"dry_allowed_length", s.dry_allowed_length}};
    for (const auto& number : kSamplerNumbers) all[number.name] = s.*number.value;
    return all;
}

/// What a session's maker did not know yet is as it is by default.
SamplerSettings samplerFrom(const json& j, std::uint64_t seed) {
    SamplerSettings s;
    for (const auto& number : kSamplerNumbers) s.*number.value = j.value(number.name, s.*number.value);
    s.top_k = whole(j.value("top_k", json(s.top_k)));
    s.dry_allowed_length = whole(j.value("dry_allowed_length", json(s.dry_allowed_length)));
    s.seed = seed;
    return s;
}

}  // namespace

json ledgerJson(const AnswerLedger& l) {
    return {{"tokens_reused", l.tokens_reused},
            {"tokens_new", l.tokens_new},
            {"tokens_answer", l.tokens_answer},
            {"seconds_to_first_token", l.seconds_to_first_token},
            {"prefill_tokens_per_s", l.prefill_tokens_per_s},
            {"decode_tokens_per_s", l.decode_tokens_per_s},
            {"peak_bytes", l.peak_bytes},
            {"cache_bytes", l.cache_bytes},
            {"sampler", samplerJson(l.sampler)},
            {"seed", l.seed}};
}

AnswerLedger ledgerFrom(const json& j) {
    AnswerLedger l;
    l.tokens_reused = whole(j.at("tokens_reused"));
    l.tokens_new = whole(j.at("tokens_new"));
    l.tokens_answer = whole(j.at("tokens_answer"));
    l.seconds_to_first_token = j.at("seconds_to_first_token");
    l.prefill_tokens_per_s = j.at("prefill_tokens_per_s");
    l.decode_tokens_per_s = j.at("decode_tokens_per_s");
    l.peak_bytes = whole(j.at("peak_bytes"));
    l.seed = whole(j.at("seed"));
    l.cache_bytes = whole(j.value("cache_bytes", json(0)));
    l.sampler = samplerFrom(j.value("sampler", json::object()), l.seed);
    return l;
}

}  // namespace lectern
