// SPDX-License-Identifier: GPL-3.0-or-later
// Questions, answers and conversations, as the window and the command line see them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/document/document.h"
#include "engine/infer/sampler.h"

namespace lectern {

struct Citation {
    int document_id = 0;
    std::string document;
    int page = 0;  ///< 1-based
    std::string page_label;
    double share = 0;         ///< of the attention mass that went to documents, 0 … 1
    std::string text;         ///< the most attended passage of the page
    std::vector<Rect> rects;  ///< its lines on the page, points
};

/// What one document drew of the attention that went to documents while an answer was decoded.
struct DocumentShare {
    int document_id = 0;
    std::string document;
    double share = 0;  ///< 0 … 1; all documents of an answer together have 1
};

struct AnswerLedger {
    std::uint64_t tokens_reused = 0, tokens_new = 0, tokens_answer = 0;
    double seconds_to_first_token = 0, prefill_tokens_per_s = 0, decode_tokens_per_s = 0;
    std::uint64_t peak_bytes = 0, seed = 0;
    std::uint64_t cache_bytes = 0;  ///< of the cache of the context, which attention reads for each token
    SamplerSettings sampler = {};   ///< how the answer was chosen
    /// Messages without the two are of before they were kept: they say neither.
    bool saysHowItWasChosen() const { return cache_bytes > 0; }
};

enum class StopReason : std::uint8_t { EndOfAnswer, MaxTokens, Interrupted, StopString };

struct Message {
    std::string question, answer;
    std::vector<Citation> citations;
    std::vector<DocumentShare> documents = {};  ///< in context order; empty: no attention was measured
    /// [layers] share of the attention of the question's end that went to the documents and not to the first tokens of
    /// the context or the conversation, 0 … 1; empty: not measured.
    std::vector<double> layers = {};
    AnswerLedger ledger;
    StopReason stop = StopReason::EndOfAnswer;
    std::int64_t time = 0;     ///< seconds since the epoch
    std::vector<int> without;  ///< ids of the documents that were off for this question
};

struct BranchInfo {
    std::string name;
    std::uint64_t tokens = 0;       ///< of the branch's own suffix
    std::vector<Message> messages;  ///< the whole conversation
    std::string parent = {};        ///< the conversation it was forked from; empty: it stands on the documents alone
    int turn = 0;                   ///< questions and answers shared with it: the first so many of `messages`
};

}  // namespace lectern
