// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/infer/sampler.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace lectern {

namespace {

constexpr double kMostPenalty = 1e9;  ///< long repetitions must not make all logits infinite

}  // namespace

void Sampler::penalise(std::span<float> logits, std::span<const std::int32_t> recent) const {
    const auto penalty = float(m_settings.repetition_penalty);
    std::map<std::int32_t, int> times;
    for (const std::int32_t id : recent) ++times[id];
    for (const auto& [id, count] : times) {
        float& logit = logits[std::size_t(id)];
        logit = logit > 0 ? logit / penalty : logit * penalty;
        logit -= float(m_settings.presence_penalty + m_settings.frequency_penalty * count);
    }
}

/// DRY: a token that would go on with a phrase said before loses multiplier · base^(length - allowed), length being
/// that of the longest end of `said` which that token has followed before; phrases do not reach across breakers. The
/// lengths of all ends come from one pass of the Z function over `said` read backwards.
void Sampler::penalisePhrases(std::span<float> logits, std::span<const std::int32_t> said) const {
    const std::size_t n = said.size();
    const auto back = [&](std::size_t i) { return said[n - 1 - i]; };  // 0: the newest
    std::size_t reach = 0;                                             // tokens until the newest breaker
    while (reach < n && !breaks(back(reach))) ++reach;
    std::vector<std::size_t> same(n, 0);  // [i] how many tokens back from i are those back from 0
    std::map<std::int32_t, std::size_t> longest;
    for (std::size_t i = 1, begin = 0, end = 0; i < n; ++i) {
        if (i < end) same[i] = std::min(end - i, same[i - begin]);
        while (i + same[i] < n && back(same[i]) == back(i + same[i])) ++same[i];
        if (i + same[i] > end) begin = i, end = i + same[i];
        const std::size_t length = std::min(same[i], reach);
        const std::int32_t next = back(i - 1);
        if (length >= std::size_t(m_settings.dry_allowed_length) && length > 0 && !breaks(next))
            longest[next] = std::max(longest[next], length);
    }
    for (const auto& [id, length] : longest) {
        const double over = double(length) - m_settings.dry_allowed_length;
        const double penalty = m_settings.dry_multiplier * std::pow(m_settings.dry_base, over);
        logits[std::size_t(id)] -= float(std::min(penalty, kMostPenalty));
    }
}

/// Of `all`, by falling probability: those whose surprise is nearest to the expected one, until they make up typical_p.
void Sampler::keepTypical(std::vector<Candidate>& all) const {
    if (m_settings.typical_p >= 1) return;
    double sum = 0, entropy = 0, mass = 0;
    for (const auto& candidate : all) sum += candidate.probability;
    const auto surprise = [&](const Candidate& c) { return -std::log(c.probability / sum); };
    for (const auto& c : all)
        if (c.probability > 0) entropy += c.probability / sum * surprise(c);
    std::stable_sort(all.begin(), all.end(), [&](const Candidate& a, const Candidate& b) {
        return std::abs(surprise(a) - entropy) < std::abs(surprise(b) - entropy);
    });
    std::size_t keep = 0;
    while (keep < all.size() && (keep == 0 || mass < m_settings.typical_p * sum)) mass += all[keep++].probability;
    all.resize(keep);
    std::stable_sort(all.begin(), all.end(),
                     [](const Candidate& a, const Candidate& b) { return a.probability > b.probability; });
}

/// Candidates by falling probability after top-k, typical, min-p and top-p; probabilities not normalised again.
std::vector<Sampler::Candidate> Sampler::candidates(std::span<const float> logits) const {
    std::vector<Candidate> all(logits.size());
    const double highest = *std::max_element(logits.begin(), logits.end());
    double sum = 0;
    for (std::size_t i = 0; i < logits.size(); ++i) {
        all[i] = {std::int32_t(i), std::exp((double(logits[i]) - highest) / m_settings.temperature)};
    }
    const auto likelier = [](const Candidate& a, const Candidate& b) {
        return a.probability != b.probability ? a.probability > b.probability : a.id < b.id;
    };
    const auto keep = m_settings.top_k > 0 ? std::min(all.size(), std::size_t(m_settings.top_k)) : all.size();
    std::partial_sort(all.begin(), all.begin() + std::ptrdiff_t(keep), all.end(), likelier);
    all.resize(keep);
    keepTypical(all);
    const double floor = m_settings.min_p * all.front().probability;
    while (all.size() > 1 && all.back().probability < floor) all.pop_back();
    for (const auto& candidate : all) sum += candidate.probability;
    double mass = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        mass += all[i].probability;
        if (mass >= m_settings.top_p * sum) {
            all.resize(i + 1);
            break;
        }
    }
    return all;
}

std::int32_t Sampler::pick(std::span<float> logits, std::span<const std::int32_t> said) {
    const SamplerSettings& s = m_settings;
    if (s.repetition_penalty != 1 || s.presence_penalty != 0 || s.frequency_penalty != 0)
        penalise(logits, said.last(std::min(said.size(), kPenaltyTokens)));
    if (s.dry_multiplier > 0) penalisePhrases(logits, said.last(std::min(said.size(), kDryTokens)));
    if (m_settings.temperature <= 0)
        return std::int32_t(std::max_element(logits.begin(), logits.end()) - logits.begin());
    const auto chosen = candidates(logits);
    double sum = 0;
    for (const auto& candidate : chosen) sum += candidate.probability;
    // 53 random bits: the standard's distributions differ between libraries, this does not.
    double left = double(m_random() >> 11) * 0x1.0p-53 * sum;
    for (const auto& candidate : chosen) {
        left -= candidate.probability;
        if (left < 0) return candidate.id;
    }
    return chosen.back().id;
}

}  // namespace lectern
