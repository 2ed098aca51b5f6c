// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/text/sentencepiece_bpe.h"

#include <algorithm>
#include <cassert>

#include "engine/text/utf8.h"
#include "engine/text/word_cache.h"

namespace lectern {
namespace {

/// Length of the space at the front of `text`: " ", or ▁ itself, which SentencePiece cannot tell from it; 0: none.
std::size_t spaceLength(std::string_view text) {
    if (text.starts_with(' ')) return 1;
    return text.starts_with(kSpaceMark) ? kSpaceMark.size() : 0;
}

/// Whether `piece` goes on after ▁ with something else, and whether ▁ follows something else in it.
struct SpacePlaces {
    bool leading = false, trailing = false;
};

SpacePlaces spacePlaces(std::string_view piece) {
    SpacePlaces places;
    for (std::size_t i = utf8Step(piece); i < piece.size(); i += utf8Step(piece.substr(i))) {
        const bool space = piece.substr(i).starts_with(kSpaceMark);
        const bool space_before = i >= kSpaceMark.size() && piece.substr(0, i).ends_with(kSpaceMark);
        places.leading |= space_before && !space;
        places.trailing |= space && !space_before;
    }
    return places;
}

}  // namespace

/// Encodes one text; holds what is reused from word to word.
class SentencePieceBpe::Encoder {
public:
    explicit Encoder(const SentencePieceBpe& tokenizer, std::string_view text) : m_tokenizer(tokenizer), m_text(text) {}

    void addSpecial(const TextFragment& fragment) { m_out.push_back({fragment.id, fragment.begin, fragment.end}); }
    /// Text between special tokens; `prefix`: with the space SentencePiece adds.
    void addText(const TextFragment& fragment, bool prefix);
    std::vector<PlacedToken> take() { return std::move(m_out); }

private:
    std::size_t wordEnd(std::size_t begin, std::size_t end) const;
    void addWord(std::size_t begin, std::size_t end, bool space_before, bool space_after);
    void spell(std::string_view word, bool space_before, bool space_after);
    void spellSymbol(std::string_view spelling, std::size_t source);
    void merge();
    void collect(std::size_t word_size);
    void collectUnknown(std::string_view spelling, std::uint32_t begin, std::uint32_t end);
    void append(std::size_t word_begin, std::span<const PlacedToken> tokens);

    const SentencePieceBpe& m_tokenizer;
    std::string_view m_text;
    std::vector<PlacedToken> m_out;
    std::size_t m_fragment_start = 0;  ///< index in m_out
    WordCache m_cache;
    // One word: spelled with ▁, where each symbol came from (bytes of the word), its tokens.
    MergeMachine m_machine;
    std::string m_spelled;
    std::vector<std::uint32_t> m_source;
    std::vector<PlacedToken> m_tokens;
};

void SentencePieceBpe::Encoder::addText(const TextFragment& fragment, bool prefix) {
    m_fragment_start = m_out.size();
    if (m_tokenizer.m_spec.prefix_if_missing && spaceLength(m_text.substr(fragment.begin)) != 0) prefix = false;
    const bool at_end = m_tokenizer.m_spec.escape_with_suffix;
    for (std::size_t begin = fragment.begin; begin < fragment.end;) {
        const std::size_t end = wordEnd(begin, fragment.end);
        addWord(begin, end, prefix && !at_end && begin == fragment.begin, prefix && at_end && end == fragment.end);
        begin = end;
    }
}

std::size_t SentencePieceBpe::Encoder::wordEnd(std::size_t begin, std::size_t end) const {
    if (m_tokenizer.m_cut == Cut::Nowhere) return end;
    const bool before = m_tokenizer.m_cut == Cut::BeforeSpaces;
    bool was_space = before;  // the run of spaces that belongs to this word is still going on
    for (std::size_t i = begin; i < end;) {
        const std::size_t space = spaceLength(m_text.substr(i, end - i));
        const bool is_space = space != 0;
        if (before ? is_space && !was_space : was_space && !is_space) return i;
        was_space = is_space;
        i += is_space ? space : 1;
    }
    return end;
}

void SentencePieceBpe::Encoder::addWord(std::size_t begin, std::size_t end, bool space_before, bool space_after) {
    const std::string_view word = m_text.substr(begin, end - begin);
    const bool plain = !space_before && !space_after;
    if (plain)
        if (const auto known = m_cache.find(word); !known.empty()) return append(begin, known);
    spell(word, space_before, space_after);
    merge();
    collect(word.size());
    append(begin, m_tokens);
    if (plain) m_cache.keep(word, m_tokens);
}

void SentencePieceBpe::Encoder::spell(std::string_view word, bool space_before, bool space_after) {
    m_machine.clear();
    m_spelled.clear();
    m_source.clear();
    if (space_before) spellSymbol(kSpaceMark, 0);
    for (std::size_t i = 0; i < word.size();) {
        const bool space = word[i] == ' ';
        const std::size_t step = space ? 1 : utf8Step(word.substr(i));
        spellSymbol(space ? kSpaceMark : word.substr(i, step), i);
        i += step;
    }
    if (space_after) spellSymbol(kSpaceMark, word.size());
}

void SentencePieceBpe::Encoder::spellSymbol(std::string_view spelling, std::size_t source) {
    m_machine.add(std::uint32_t(spelling.size()), m_tokenizer.m_vocabulary.find(spelling));
    m_spelled += spelling;
    m_source.push_back(std::uint32_t(source));
}

void SentencePieceBpe::Encoder::merge() {
    const Vocabulary& vocabulary = m_tokenizer.m_vocabulary;
    if (m_tokenizer.m_by_rank) {
        m_machine.run(
            [&](const Symbol& left, const Symbol& right) { return vocabulary.joinByRank(left.id, right.id); });
        return;
    }
    const std::string_view spelled = m_spelled;
    m_machine.run([&](const Symbol& left, const Symbol& right) {
        return vocabulary.joinByScore(spelled.substr(left.begin, left.length + right.length));
    });
}

void SentencePieceBpe::Encoder::collect(std::size_t word_size) {
    m_tokens.clear();
    const auto& symbols = m_machine.symbols();
    for (std::uint32_t i = 0; i < symbols.size(); i = symbols[i].next) {
        const std::uint32_t begin = m_source[i];
        const std::uint32_t end =
            symbols[i].next < symbols.size() ? m_source[symbols[i].next] : std::uint32_t(word_size);
        if (symbols[i].id >= 0) {
            m_tokens.push_back({symbols[i].id, begin, end});
        } else {
            collectUnknown(std::string_view(m_spelled).substr(symbols[i].begin, symbols[i].length), begin, end);
        }
    }
}

void SentencePieceBpe::Encoder::collectUnknown(std::string_view spelling, std::uint32_t begin, std::uint32_t end) {
    const Vocabulary& vocabulary = m_tokenizer.m_vocabulary;
    const auto byte_token = [&](char byte) { return vocabulary.byteToken(static_cast<unsigned char>(byte)); };
    const bool has_bytes =
        std::all_of(spelling.begin(), spelling.end(), [&](char byte) { return byte_token(byte) >= 0; });
    if (has_bytes) {
        for (const char byte : spelling) m_tokens.push_back({byte_token(byte), begin, end});
    } else if (m_tokenizer.m_spec.unknown >= 0) {
        m_tokens.push_back({m_tokenizer.m_spec.unknown, begin, end});
    }
}

void SentencePieceBpe::Encoder::append(std::size_t word_begin, std::span<const PlacedToken> tokens) {
    const auto offset = std::uint32_t(word_begin);
    for (const PlacedToken& token : tokens) {
        const PlacedToken placed{token.id, token.begin + offset, token.end + offset};
        const bool again = m_out.size() > m_fragment_start && m_out.back().id == placed.id;
        if (again && placed.id == m_tokenizer.m_spec.unknown) {
            m_out.back().end = placed.end;
        } else {
            m_out.push_back(placed);
        }
    }
}

Result<std::unique_ptr<Tokenizer>> SentencePieceBpe::make(TokenizerSpec spec) {
    std::unique_ptr<SentencePieceBpe> tokenizer(new SentencePieceBpe(std::move(spec)));
    const TokenizerSpec& kept = tokenizer->m_spec;
    if (auto filled = tokenizer->m_vocabulary.fill(kept); !filled) return filled.error();
    tokenizer->m_by_rank = kept.scores.empty() && !kept.merges.empty();
    tokenizer->m_cut = tokenizer->findCut();
    return std::unique_ptr<Tokenizer>(std::move(tokenizer));
}

SentencePieceBpe::Cut SentencePieceBpe::findCut() const {
    SpacePlaces any;
    for (std::size_t i = 0; i < m_spec.tokens.size(); ++i) {
        if (m_vocabulary.find(m_spec.tokens[i]) < 0) continue;
        const SpacePlaces places = spacePlaces(m_spec.tokens[i]);
        any.leading |= places.leading;
        any.trailing |= places.trailing;
    }
    if (!any.trailing) return Cut::BeforeSpaces;
    return any.leading ? Cut::Nowhere : Cut::AfterSpaces;
}

std::vector<PlacedToken> SentencePieceBpe::encodeNormal(std::string_view text, bool parse_special,
                                                        TextPlace place) const {
    assert(text.size() < (std::size_t(1) << 30));  // spelled with ▁ its bytes are still counted in 32 bits
    Encoder encoder(*this, text);
    const SpecialMatcher& matcher = parse_special ? m_vocabulary.special() : m_vocabulary.userDefined();
    const bool adds = m_spec.add_space_prefix && place == TextPlace::Beginning;
    bool prefix = adds;
    for (const TextFragment& fragment : matcher.split(text)) {
        if (fragment.id >= 0) {
            encoder.addSpecial(fragment);
            prefix = adds && m_spec.prefix_after_special;
        } else {
            encoder.addText(fragment, prefix);
            prefix = false;
        }
    }
    return encoder.take();
}

std::string SentencePieceBpe::piece(TokenId id) const {
    if (id < 0 || id >= vocabSize()) return {};
    const std::string& token = m_spec.tokens[std::size_t(id)];
    switch (m_vocabulary.type(id)) {
        case TokenType::Control:
            return {};
        case TokenType::Unknown:
            return "\xEF\xBF\xBD";
        case TokenType::Byte: {
            const auto byte = namedByte(token);
            return byte ? std::string(1, char(*byte)) : std::string();
        }
        default:
            return withSpaces(token);
    }
}

}  // namespace lectern
