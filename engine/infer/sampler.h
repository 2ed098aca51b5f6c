// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

namespace lectern {

struct SamplerSettings {
    double temperature = 0;         ///< 0 = greedy
    int top_k = 0;                  ///< 0 = off
    double typical_p = 1.0;         ///< 1 = off; share of probability kept, by how usual a token's surprise is
    double min_p = 0.0;             ///< 0 = off; share of the likeliest token's probability
    double top_p = 1.0;             ///< 1 = off
    double repetition_penalty = 1;  ///< 1 = off; over the answer's own tokens and the question's, as the next two
    double presence_penalty = 0;    ///< 0 = off; taken off the logit of what was said
    double frequency_penalty = 0;   ///< 0 = off; the same for each time that it was said
    double dry_multiplier = 0;   ///< 0 = off; DRY: what a phrase said again costs where dry_allowed_length is reached
    double dry_base = 1.75;      ///< how much more for each token that the phrase is longer
    int dry_allowed_length = 2;  ///< tokens before the one that repeats
    std::uint64_t seed = 0;      ///< same seed, same answer

    bool operator==(const SamplerSettings&) const = default;
};

constexpr std::size_t kPenaltyTokens = 256;  ///< repetition, presence and frequency penalties look this far back
constexpr std::size_t kDryTokens = 4096;     ///< and DRY this far

/// What makes a phrase end for DRY: tokens with one of these in their text (and control tokens).
constexpr char kDryBreakers[] = "\n:\"*";

/// Picks the next token. Order: repetition penalty, presence and frequency penalty, DRY, temperature, top-k, typical,
/// min-p, top-p. Deterministic for a seed on every machine. Not thread safe.
/// Source: Keskar et al., CTRL (arXiv:1909.05858), section 4.1, for the repetition penalty; Meister et al., Locally
/// Typical Sampling (arXiv:2202.00666); Nguyen et al., Min-p (arXiv:2407.01082).
class Sampler {
public:
    /// `breakers` [vocab]: true for tokens that end a phrase; empty: none does. Only DRY asks.
    explicit Sampler(const SamplerSettings& settings, std::vector<bool> breakers = {})
        : m_settings(settings), m_breakers(std::move(breakers)), m_random(settings.seed) {}

    /// `logits` [vocab], changed in place; `said`: what was said so far, newest last, of which the penalties read their
    /// last kPenaltyTokens and kDryTokens.
    std::int32_t pick(std::span<float> logits, std::span<const std::int32_t> said);

private:
    struct Candidate {
        std::int32_t id;
        double probability;
    };
    void penalise(std::span<float> logits, std::span<const std::int32_t> recent) const;
    void penalisePhrases(std::span<float> logits, std::span<const std::int32_t> said) const;
    bool breaks(std::int32_t id) const { return !m_breakers.empty() && m_breakers[std::size_t(id)]; }
    std::vector<Candidate> candidates(std::span<const float> logits) const;
    void keepTypical(std::vector<Candidate>& all) const;

    SamplerSettings m_settings;
    std::vector<bool> m_breakers;
    std::mt19937_64 m_random;
};

}  // namespace lectern
