// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <vector>

namespace lectern {

struct SamplerSettings {
    double temperature = 0;         ///< 0 = greedy
    int top_k = 0;                  ///< 0 = off
    double top_p = 1.0;             ///< 1 = off
    double min_p = 0.0;             ///< 0 = off; share of the likeliest token's probability
    double repetition_penalty = 1;  ///< 1 = off; over the answer's own tokens and the question's
    std::uint64_t seed = 0;         ///< same seed, same answer
};

/// Picks the next token. Order: repetition penalty, temperature, top-k, min-p, top-p. Deterministic for a seed on every
/// machine. Not thread safe.
class Sampler {
public:
    explicit Sampler(const SamplerSettings& settings) : m_settings(settings), m_random(settings.seed) {}

    /// `logits` [vocab], changed in place; `recent`: tokens the repetition penalty looks at.
    std::int32_t pick(std::span<float> logits, std::span<const std::int32_t> recent);

private:
    struct Candidate {
        std::int32_t id;
        double probability;
    };
    void penalise(std::span<float> logits, std::span<const std::int32_t> recent) const;
    std::vector<Candidate> candidates(std::span<const float> logits) const;

    SamplerSettings m_settings;
    std::mt19937_64 m_random;
};

}  // namespace lectern
