// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/text/sentencepiece.h"

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
class SentencePiece::Encoder {
public:
    explicit Encoder(const SentencePiece& tokenizer, std::string_view text) : m_tokenizer(tokenizer), m_text(text) {}

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
    void collectSegments(std::size_t word_size);
    void take(std::int32_t id, std::string_view spelling, std::uint32_t begin, std::uint32_t end);
    void append(std::size_t word_begin, std::span<const PlacedToken> tokens);

    const SentencePiece& m_tokenizer;
    std::string_view m_text;
    std::vector<PlacedToken> m_out;
    std::size_t m_fragment_start = 0;  ///< index in m_out
    WordCache m_cache;
    // One word: spelled with ▁, where each symbol came from (bytes of the word), its tokens.
    MergeMachine m_machine;
    std::string m_spelled;
    std::vector<std::uint32_t> m_source;
    std::vector<PlacedToken> m_tokens;
    std::vector<UnigramModel::Best> m_best;
    std::vector<Segment> m_segments;
};

void SentencePiece::Encoder::addText(const TextFragment& fragment, bool prefix) {
    m_fragment_start = m_out.size();
    if (m_tokenizer.m_spec.prefix_if_missing && spaceLength(m_text.substr(fragment.begin)) != 0) prefix = false;
    const bool at_end = m_tokenizer.m_spec.escape_with_suffix;
    for (std::size_t begin = fragment.begin; begin < fragment.end;) {
        const std::size_t end = wordEnd(begin, fragment.end);
        addWord(begin, end, prefix && !at_end && begin == fragment.begin, prefix && at_end && end == fragment.end);
        begin = end;
    }
}

std::size_t SentencePiece::Encoder::wordEnd(std::size_t begin, std::size_t end) const {
    if (m_tokenizer.m_cut == Cut::Nowhere) return end;
    const bool before = m_tokenizer.m_cut == Cut::BeforeSpaces;
    const bool every = m_tokenizer.m_cut == Cut::BeforeEverySpace;
    bool was_space = before;  // the run of spaces that belongs to this word is still going on
    for (std::size_t i = begin; i < end;) {
        const std::size_t space = spaceLength(m_text.substr(i, end - i));
        const bool is_space = space != 0;
        if (every ? is_space && i > begin : before ? is_space && !was_space : was_space && !is_space) return i;
        was_space = is_space;
        i += is_space ? space : 1;
    }
    return end;
}

void SentencePiece::Encoder::addWord(std::size_t begin, std::size_t end, bool space_before, bool space_after) {
    const std::string_view word = m_text.substr(begin, end - begin);
    const bool plain = !space_before && !space_after;
    if (plain)
        if (const auto known = m_cache.find(word); !known.empty()) return append(begin, known);
    spell(word, space_before, space_after);
    if (m_tokenizer.m_unigram) {
        m_tokenizer.m_unigram->segment(m_spelled, m_best, m_segments);
        collectSegments(word.size());
    } else {
        merge();
        collect(word.size());
    }
    append(begin, m_tokens);
    if (plain) m_cache.keep(word, m_tokens);
}

void SentencePiece::Encoder::spell(std::string_view word, bool space_before, bool space_after) {
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

void SentencePiece::Encoder::spellSymbol(std::string_view spelling, std::size_t source) {
    const std::int32_t id = m_tokenizer.m_unigram ? -1 : m_tokenizer.m_vocabulary.find(spelling);
    m_machine.add(std::uint32_t(spelling.size()), id);
    m_spelled += spelling;
    m_source.push_back(std::uint32_t(source));
}

void SentencePiece::Encoder::merge() {
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

void SentencePiece::Encoder::collect(std::size_t word_size) {
    m_tokens.clear();
    const auto& symbols = m_machine.symbols();
    for (std::uint32_t i = 0; i < symbols.size(); i = symbols[i].next) {
        const std::uint32_t begin = m_source[i];
        const std::uint32_t end =
            symbols[i].next < symbols.size() ? m_source[symbols[i].next] : std::uint32_t(word_size);
        take(symbols[i].id, std::string_view(m_spelled).substr(symbols[i].begin, symbols[i].length), begin, end);
    }
}

void SentencePiece::Encoder::collectSegments(std::size_t word_size) {
    m_tokens.clear();
    const auto& symbols = m_machine.symbols();
    std::size_t i = 0;  // symbol that the segment begins with
    for (const Segment& segment : m_segments) {
        const std::uint32_t begin = i < symbols.size() ? m_source[i] : std::uint32_t(word_size);
        while (i < symbols.size() && symbols[i].begin < segment.end) ++i;
        const std::uint32_t end = i < symbols.size() ? m_source[i] : std::uint32_t(word_size);
        take(segment.id, std::string_view(m_spelled).substr(segment.begin, segment.end - segment.begin), begin, end);
    }
}

/// A piece, or where it is none (id -1) its bytes or the unknown token.
void SentencePiece::Encoder::take(std::int32_t id, std::string_view spelling, std::uint32_t begin, std::uint32_t end) {
    if (id >= 0) {
        m_tokens.push_back({id, begin, end});
        return;
    }
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

void SentencePiece::Encoder::append(std::size_t word_begin, std::span<const PlacedToken> tokens) {
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

Result<std::unique_ptr<Tokenizer>> SentencePiece::make(TokenizerSpec spec) {
    std::unique_ptr<SentencePiece> tokenizer(new SentencePiece(std::move(spec)));
    const TokenizerSpec& kept = tokenizer->m_spec;
    if (auto filled = tokenizer->m_vocabulary.fill(kept); !filled) return filled.error();
    if (kept.kind == TokenizerKind::SentencePieceUnigram) {
        if (auto filled = tokenizer->m_unigram.emplace().fill(kept, tokenizer->m_vocabulary); !filled)
            return filled.error();
    }
    if (!kept.char_map.empty()) {
        auto map = CharMap::make(kept.char_map);
        if (!map) return map.error();
        tokenizer->m_char_map = std::move(*map);
    }
    tokenizer->m_by_rank = kept.scores.empty() && !kept.merges.empty();
    tokenizer->m_cut = tokenizer->findCut();
    return std::unique_ptr<Tokenizer>(std::move(tokenizer));
}

SentencePiece::Cut SentencePiece::findCut() const {
    if (m_spec.split_at_spaces) return Cut::BeforeEverySpace;
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

/// Characters of the table become others, but not those of a token that is matched as a whole; then runs of spaces
/// become one, and none is left at the ends of a whole text.
std::optional<RewrittenText> SentencePiece::respelled(std::string_view text, bool parse_special,
                                                      TextPlace place) const {
    if (!m_char_map && !m_spec.merge_spaces) return std::nullopt;
    const SpecialMatcher& tokens = parse_special ? m_vocabulary.special() : m_vocabulary.userDefined();
    RewrittenText spelled;
    bool after_space = place != TextPlace::Continuing;
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view rest = text.substr(at);
        const std::size_t token = rest.starts_with(' ') ? 0 : tokens.lengthAt(rest);
        const CharMap::Match match = m_char_map && token == 0 ? m_char_map->match(rest) : CharMap::Match();
        const std::size_t step = token != 0 ? token : match.length != 0 ? match.length : utf8Step(rest);
        std::string_view made = match.length != 0 ? match.made : rest.substr(0, step);
        if (m_spec.merge_spaces && after_space) made.remove_prefix(std::min(made.size(), made.find_first_not_of(' ')));
        after_space = made.empty() ? after_space : made.ends_with(' ');
        spelled.add(rest.substr(0, step), made);
        at += step;
    }
    if (m_spec.merge_spaces && place == TextPlace::Whole) spelled.cutEnd(spelled.text().find_last_not_of(' ') + 1);
    return spelled;
}

std::vector<PlacedToken> SentencePiece::encodeNormal(std::string_view text, bool parse_special, TextPlace place) const {
    assert(text.size() < (std::size_t(1) << 30));  // spelled with ▁ its bytes are still counted in 32 bits
    Encoder encoder(*this, text);
    const SpecialMatcher& matcher = parse_special ? m_vocabulary.special() : m_vocabulary.userDefined();
    const bool adds = m_spec.add_space_prefix && place != TextPlace::Continuing;
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

std::string SentencePiece::piece(TokenId id) const {
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
