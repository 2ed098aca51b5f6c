// SPDX-License-Identifier: GPL-3.0-or-later
// Prompt layout: documents first and never moved, questions after, so that a second question prefills only its own
// tokens.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/document/document.h"
#include "engine/text/tokenizer.h"

namespace lectern {

/// How documents, questions and answers are framed for a family of models. `{q}` stands for the question. Marks that
/// are control tokens of the model are spelled as text here and become their ids; the text of documents and questions
/// cannot spell them.
struct PromptTemplate {
    std::string name;
    std::string before_documents;
    std::string first_question;
    std::string next_question;      ///< also closes the answer before it
    bool eos_after_answer = false;  ///< the answer is closed with the end-of-text token
    bool begins_with_bos = false;   ///< even where the tokenizer does not ask for it
};

/// Those that Lectern brings.
std::vector<PromptTemplate> promptTemplates();
/// By name; nothing where there is none. "" or "auto": the one whose signs the chat template shows, else plain.
std::optional<PromptTemplate> findTemplate(std::string_view name, std::string_view chat_template);

/// The tokens of one page (or of a document's heading) and where each came from.
struct PieceTokens {
    std::vector<TokenId> ids;
    std::vector<std::uint32_t> offsets;  ///< byte of the page's text each token begins at; kNoPlace for framing
};
inline constexpr std::uint32_t kNoPlace = 0xFFFFFFFF;

/// Turns text into tokens piece by piece, so that pieces can be placed one after another. Borrowed tokenizer; any
/// thread.
class PromptBuilder {
public:
    PromptBuilder(const Tokenizer& tokenizer, PromptTemplate layout);

    std::vector<TokenId> opening() const;  ///< BOS and what comes before the documents
    PieceTokens documentHeading(std::string_view name) const;
    PieceTokens page(const PageText& page) const;
    std::vector<TokenId> question(std::string_view question, bool first) const;
    std::vector<TokenId> answer(std::string_view answer) const;  ///< for a conversation that is read again
    bool eosAfterAnswer() const { return m_layout.eos_after_answer; }

private:
    void frame(PieceTokens& piece, std::string_view text) const;

    const Tokenizer& m_tokenizer;
    PromptTemplate m_layout;
};

}  // namespace lectern
