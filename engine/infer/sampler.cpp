// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/infer/sampler.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace lectern {

void Sampler::penalise(std::span<float> logits, std::span<const std::int32_t> recent) const {
    if (m_settings.repetition_penalty == 1.0) return;
    const auto penalty = float(m_settings.repetition_penalty);
    for (const std::int32_t id : std::set<std::int32_t>(recent.begin(), recent.end())) {
        float& logit = logits[std::size_t(id)];
        logit = logit > 0 ? logit / penalty : logit * penalty;
    }
}

/// Candidates by falling probability after top-k, min-p and top-p; probabilities not normalised again.
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

std::int32_t Sampler::pick(std::span<float> logits, std::span<const std::int32_t> recent) {
    penalise(logits, recent);
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
