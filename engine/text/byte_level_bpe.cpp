// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/text/byte_level_bpe.h"

#include <cassert>

#include "engine/text/pre_tokenizer_families.h"
#include "engine/text/word_cache.h"

namespace lectern {

/// Encodes one text; holds what is reused from word to word.
class ByteLevelBpe::Encoder {
public:
    Encoder(const ByteLevelBpe& tokenizer, std::string_view text) : m_tokenizer(tokenizer), m_text(text) {}

    void addSpecial(const TextFragment& fragment) { m_out.push_back({fragment.id, fragment.begin, fragment.end}); }
    void addText(const TextFragment& fragment);
    std::vector<PlacedToken> take() { return std::move(m_out); }

private:
    void addWord(std::uint32_t begin, std::string_view word);
    void merge(std::string_view word);
    void append(std::uint32_t word_begin, std::span<const PlacedToken> tokens);

    const ByteLevelBpe& m_tokenizer;
    std::string_view m_text;
    std::vector<PlacedToken> m_out;
    WordCache m_cache;
    MergeMachine m_machine;
    std::vector<PlacedToken> m_tokens;
};

void ByteLevelBpe::Encoder::addText(const TextFragment& fragment) {
    const std::string_view text = m_text.substr(fragment.begin, fragment.end - fragment.begin);
    for (const TextSpan& span : m_tokenizer.m_pre_tokenizer.split(text))
        addWord(fragment.begin + span.begin, text.substr(span.begin, span.end - span.begin));
}

void ByteLevelBpe::Encoder::addWord(std::uint32_t begin, std::string_view word) {
    if (const auto known = m_cache.find(word); !known.empty()) return append(begin, known);
    m_tokens.clear();
    const TokenId whole = m_tokenizer.m_ignore_merges && word.size() <= WordCache::kLongestWord * 4
                              ? m_tokenizer.m_vocabulary.find(m_tokenizer.m_alphabet.spell(word))
                              : -1;
    if (whole >= 0) {
        m_tokens.push_back({whole, 0, std::uint32_t(word.size())});
    } else {
        merge(word);
    }
    append(begin, m_tokens);
    m_cache.keep(word, m_tokens);
}

void ByteLevelBpe::Encoder::merge(std::string_view word) {
    m_machine.clear();
    for (const char byte : word) m_machine.add(1, m_tokenizer.m_byte[static_cast<unsigned char>(byte)]);
    m_machine.run([&](const Symbol& left, const Symbol& right) {
        return m_tokenizer.m_vocabulary.joinByRank(left.id, right.id);
    });
    const auto& symbols = m_machine.symbols();
    for (std::uint32_t i = 0; i < symbols.size(); i = symbols[i].next) {
        const TokenId id = symbols[i].id >= 0 ? symbols[i].id : m_tokenizer.m_spec.unknown;
        if (id >= 0) m_tokens.push_back({id, symbols[i].begin, symbols[i].begin + symbols[i].length});
    }
}

void ByteLevelBpe::Encoder::append(std::uint32_t word_begin, std::span<const PlacedToken> tokens) {
    for (const PlacedToken& token : tokens)
        m_out.push_back({token.id, token.begin + word_begin, token.end + word_begin});
}

Result<std::unique_ptr<Tokenizer>> ByteLevelBpe::make(TokenizerSpec spec) {
    PreTokenizerFamily family{spec.pre_regexes, false};
    if (spec.pre_regexes.empty()) {
        auto named = preTokenizerFamily(spec.pre);
        if (!named) return named.error();
        family = std::move(*named);
    }
    auto pre_tokenizer = PreTokenizer::make(family.regexes);
    if (!pre_tokenizer) return pre_tokenizer.error();
    std::unique_ptr<ByteLevelBpe> tokenizer(new ByteLevelBpe(std::move(spec), std::move(*pre_tokenizer)));
    if (auto filled = tokenizer->m_vocabulary.fill(tokenizer->m_spec); !filled) return filled.error();
    tokenizer->m_ignore_merges = tokenizer->m_spec.ignore_merges || family.ignore_merges;
    for (int byte = 0; byte < 256; ++byte) {
        const auto letter = tokenizer->m_alphabet.letter(static_cast<unsigned char>(byte));
        tokenizer->m_byte[std::size_t(byte)] = tokenizer->m_vocabulary.find(letter);
    }
    return std::unique_ptr<Tokenizer>(std::move(tokenizer));
}

std::vector<PlacedToken> ByteLevelBpe::encodeNormal(std::string_view text, bool parse_special, TextPlace) const {
    assert(text.size() < UINT32_MAX);
    Encoder encoder(*this, text);
    const SpecialMatcher& matcher = parse_special ? m_vocabulary.special() : m_vocabulary.userDefined();
    for (const TextFragment& fragment : matcher.split(text)) {
        if (fragment.id >= 0) {
            encoder.addSpecial(fragment);
        } else {
            encoder.addText(fragment);
        }
    }
    return encoder.take();
}

std::string ByteLevelBpe::piece(TokenId id) const {
    if (id < 0 || id >= vocabSize()) return {};
    const std::string& token = m_spec.tokens[std::size_t(id)];
    switch (m_vocabulary.type(id)) {
        case TokenType::Control:
            return {};
        case TokenType::Unknown:
            return "\xEF\xBF\xBD";
        case TokenType::UserDefined:
            return token;  // spelled as text, not in the byte alphabet
        default:
            return m_alphabet.bytes(token);
    }
}

}  // namespace lectern
