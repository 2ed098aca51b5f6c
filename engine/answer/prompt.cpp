// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/answer/prompt.h"

#include <algorithm>

#include <array>
#include <utility>

namespace lectern {

namespace {

/// A family of models. `signs`: found in a model's chat template, they tell this family; "" for plain.
struct Family {
    const char *name, *signs, *before_documents, *first_question, *next_question;
    bool eos_after_answer;

    PromptTemplate layout() const {
        return {name, before_documents, first_question, next_question, eos_after_answer, false};
    }
};

constexpr std::array kFamilies = {
    Family{"plain", "", "", "Question: {q}\nAnswer:", "\n\nQuestion: {q}\nAnswer:", true},
    Family{"chatml", "<|im_start|>", "<|im_start|>user\n", "\n{q}<|im_end|>\n<|im_start|>assistant\n",
           "<|im_end|>\n<|im_start|>user\n{q}<|im_end|>\n<|im_start|>assistant\n", false},
    Family{"llama-3", "<|start_header_id|>", "<|start_header_id|>user<|end_header_id|>\n\n",
           "\n{q}<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
           "<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n{q}<|eot_id|><|start_header_id|>assistant"
           "<|end_header_id|>\n\n",
           false},
    Family{"gemma", "<start_of_turn>", "<start_of_turn>user\n", "\n{q}<end_of_turn>\n<start_of_turn>model\n",
           "<end_of_turn>\n<start_of_turn>user\n{q}<end_of_turn>\n<start_of_turn>model\n", false},
    Family{"phi-3", "<|assistant|>", "<|user|>\n", "\n{q}<|end|>\n<|assistant|>\n",
           "<|end|>\n<|user|>\n{q}<|end|>\n<|assistant|>\n", false},
    Family{"llama-2", "[INST]", "[INST] ", "\n{q} [/INST]", "</s>[INST] {q} [/INST]", false},
};

}  // namespace

std::vector<PromptTemplate> promptTemplates() {
    std::vector<PromptTemplate> all;
    all.reserve(kFamilies.size());
    for (const Family& family : kFamilies) all.push_back(family.layout());
    return all;
}

std::optional<PromptTemplate> findTemplate(std::string_view name, std::string_view chat_template) {
    const bool automatic = name.empty() || name == "auto";
    for (const Family& family : kFamilies) {
        const std::string_view signs = family.signs;
        if (automatic ? !signs.empty() && chat_template.find(signs) != std::string_view::npos : name == family.name)
            return family.layout();
    }
    if (automatic) return kFamilies.front().layout();
    return std::nullopt;
}

PromptBuilder::PromptBuilder(const Tokenizer& tokenizer, PromptTemplate layout)
    : m_tokenizer(tokenizer), m_layout(std::move(layout)) {}

std::vector<TokenId> PromptBuilder::opening() const {
    std::vector<TokenId> ids;
    const TokenizerSpec& spec = m_tokenizer.spec();
    if ((spec.add_bos || m_layout.begins_with_bos) && spec.bos >= 0) ids.push_back(spec.bos);
    if (!m_layout.before_documents.empty()) {
        const auto more = m_tokenizer.encode(m_layout.before_documents, true, TextPlace::Opening);
        ids.insert(ids.end(), more.begin(), more.end());
    }
    return ids;
}

void PromptBuilder::frame(PieceTokens& piece, std::string_view text) const {
    for (const TokenId id : m_tokenizer.encode(text, false, TextPlace::Continuing)) {
        piece.ids.push_back(id);
        piece.offsets.push_back(kNoPlace);
    }
}

PieceTokens PromptBuilder::documentHeading(std::string_view name) const {
    PieceTokens piece;
    frame(piece, "# Document: " + std::string(name) + "\n\n");
    return piece;
}

PieceTokens PromptBuilder::page(const PageText& page) const {
    PieceTokens piece;
    std::string_view text = page.text;
    while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
    const std::string head = "[page " + page.label + "]\n";
    const std::string whole = head + std::string(text) + "\n\n";
    for (const auto& token : m_tokenizer.encodePlaced(whole, false, TextPlace::Continuing)) {
        piece.ids.push_back(token.id);
        const bool inside = token.end > head.size() && token.begin < head.size() + text.size();  // the first word's
        const std::size_t begin = std::max<std::size_t>(token.begin, head.size());  // token may begin at the line's end
        piece.offsets.push_back(inside ? std::uint32_t(begin - head.size()) : kNoPlace);
    }
    return piece;
}

std::vector<TokenId> PromptBuilder::question(std::string_view question, bool first) const {
    const std::string_view layout = first ? m_layout.first_question : m_layout.next_question;
    const auto place = layout.find("{q}");
    std::vector<TokenId> ids;
    const auto add = [&](std::string_view text, bool special) {
        const auto more = m_tokenizer.encode(text, special, TextPlace::Continuing);
        ids.insert(ids.end(), more.begin(), more.end());
    };
    if (m_layout.eos_after_answer) {  // plain text frames: one run, so that words join as in training
        add(std::string(layout.substr(0, place)) + std::string(question) + std::string(layout.substr(place + 3)),
            false);
        return ids;
    }
    add(layout.substr(0, place), true);
    add(question, false);
    add(layout.substr(place + 3), true);
    return ids;
}

std::vector<TokenId> PromptBuilder::answer(std::string_view answer) const {
    const std::string text = (m_layout.eos_after_answer ? " " : "") + std::string(answer);
    auto ids = m_tokenizer.encode(text, false, TextPlace::Continuing);
    if (m_layout.eos_after_answer && m_tokenizer.spec().eos >= 0) ids.push_back(m_tokenizer.spec().eos);
    return ids;
}

}  // namespace lectern
