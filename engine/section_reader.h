// SPDX-License-Identifier: GPL-3.0-or-later
// Sections of documents summarized by themselves, out of the cache.
#pragma once

#include <functional>
#include <stop_token>

#include "engine/answer/prompt.h"
#include "engine/answer/summary.h"
#include "engine/model_library.h"

namespace lectern {

/// What was said of a section, or of all of them.
struct Said {
    std::string text;                    ///< Markdown
    std::vector<std::string> sentences;  ///< of quotes, in reading order
    std::vector<std::size_t> picked;     ///< of pick(): places among what was given, ascending
    std::vector<CitedPage> cited;        ///< of quotes: one for each; else best first
    std::vector<double> shares;          ///< of a lead: attention that each section's summary drew; sums to 1
    bool cut = false;                    ///< ended by the most tokens
    std::uint64_t tokens_reused = 0, tokens_new = 0, tokens_answer = 0;
};

/// Asks a model for summaries. The documents are in the cache; a section is read out of it by itself, everything else
/// hidden, without computing any of its keys and values (loneStretch()). Borrows all that it is made with. One thread
/// at a time. Errors of all: Failed (the model), Interrupted: within one chunk or token after the stop.
class SectionReader {
public:
    /// `documents`: their cache. `hidden`: positions that nothing may see, ascending and apart.
    SectionReader(LoadedModel& model, const PromptBuilder& prompt, const KvCache& documents,
                  std::vector<TokenRange> hidden);

    /// The summary in the model's own words, greedily; `on_text` gets what is new. `pages`: of the section's document.
    Result<Said> write(const PlannedSection& section, std::span<const PagePlace> pages, int max_tokens,
                       const std::function<void(const std::string&)>& on_text, std::stop_token stop);
    /// The best sentences of the section, word for word, for models that were trained to quote: those whose first words
    /// the model thinks likeliest to begin the main points of the few hundred tokens around them, and which share more
    /// words with the others there. Asked for a summary outright, such a model chooses worse
    /// (resources/models/MODEL_CARD.md). A share is what the page drew of the questions' attention.
    Result<Said> quote(const PlannedSection& section, std::span<const PagePlace> pages, int max_tokens,
                       std::stop_token stop);
    /// A summary of summaries, in the model's own words. What does not fit into a few thousand tokens is cut evenly.
    Result<Said> lead(std::span<const std::string> titles, std::span<const std::string> summaries, int sentences,
                      int max_tokens, const std::function<void(const std::string&)>& on_text, std::stop_token stop);

    /// The best of some sentences, chosen as quote() does with all of them in sight; of a few thousand tokens of them
    /// at most, the rest is not looked at.
    Result<Said> pick(std::span<const std::string> sentences, int count, std::stop_token stop);

    /// Seconds that a section's summary would take, about: its first steps are measured. Errors: Failed.
    Result<double> seconds(const PlannedSection& section, std::span<const PagePlace> pages, bool quotes,
                           int max_tokens);

private:
    struct Stretch {
        TokenRange tokens;
        std::vector<std::size_t> sentences;  ///< that begin in it
    };
    std::vector<Stretch> stretches(const PlannedSection& section, std::span<const PageSentence> sentences) const;
    Status ask(KvCache& cache, std::span<const TokenId> question, AttentionMass& mass, std::stop_token stop);
    Result<double> begins(KvCache& cache, std::span<const TokenId> ids);
    Result<std::vector<double>> scores(KvCache& cache, const std::vector<std::string>& sentences, std::stop_token stop,
                                       Said& said);
    Result<std::string> decode(KvCache& cache, int max_tokens, const std::function<void(const std::string&)>& on_text,
                               std::stop_token stop, AttentionMass& mass, Said& said);
    std::vector<TokenId> firstTokens(const std::string& sentence) const;

    LoadedModel& m_model;
    const PromptBuilder& m_prompt;
    const KvCache& m_documents;
    std::vector<TokenRange> m_hidden;
    std::uint64_t m_opening;
    std::vector<float> m_logits;  ///< [vocab] of what follows
};

}  // namespace lectern
