// SPDX-License-Identifier: GPL-3.0-or-later
// From ids back to text: whole, and as a stream.
#include <utility>

#include "engine/text/tokenizer.h"
#include "engine/text/utf8.h"
#include "engine/text/vocabulary.h"

namespace lectern {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool isSpecial(const TokenizerSpec& spec, TokenId id) {
    if (id < 0 || std::size_t(id) >= spec.types.size()) return false;
    const TokenType type = spec.types[std::size_t(id)];
    return type == TokenType::Control || type == TokenType::UserDefined;
}

/// Whether encoding puts a space in front that decoding must take away again.
bool addsSpace(const TokenizerSpec& spec) {
    return spec.spellsSpaces() && spec.add_space_prefix && !spec.escape_with_suffix;
}

/// The bytes of a token without the space that encoding added. `at_start`: such a space may be here; updated.
std::string pieceAsWritten(const Tokenizer& tokenizer, TokenId id, bool& at_start) {
    const TokenizerSpec& spec = tokenizer.spec();
    std::string piece = tokenizer.piece(id);
    if (isSpecial(spec, id)) {
        at_start = at_start || spec.prefix_after_special;
        return piece;
    }
    const bool drop = std::exchange(at_start, false) && addsSpace(spec) && !piece.empty() &&
                      spec.tokens[std::size_t(id)].starts_with(kSpaceMark);
    return drop ? piece.substr(1) : piece;
}

/// Takes whole characters off the front of `bytes`. What can be none becomes U+FFFD; an unfinished one stays, or
/// becomes U+FFFD too when `last`.
std::string takeCharacters(std::string& bytes, bool last) {
    std::string text;
    std::string_view rest = bytes;
    while (!rest.empty() && (last || !utf8Unfinished(rest))) {
        const auto length = std::size_t(utf8Length(rest));
        const Utf8Lead lead = utf8Lead(static_cast<unsigned char>(rest[0]));
        const std::size_t step = length != 0 ? length : lead.length == 0 ? 1 : std::size_t(utf8Fitting(rest, lead));
        text += length != 0 ? rest.substr(0, length) : kReplacement;
        rest.remove_prefix(step);
    }
    bytes.erase(0, bytes.size() - rest.size());
    return text;
}

}  // namespace

std::string Tokenizer::decode(std::span<const TokenId> ids) const {
    std::string text;
    bool at_start = true;
    for (const TokenId id : ids) text += pieceAsWritten(*this, id, at_start);
    const bool suffix = m_spec.spellsSpaces() && m_spec.escape_with_suffix;
    if (suffix && m_spec.add_space_prefix && text.ends_with(' ')) text.pop_back();
    return text;
}

StreamDecoder::StreamDecoder(const Tokenizer& tokenizer, TextPlace place) : m_tokenizer(tokenizer), m_place(place) {}

std::string StreamDecoder::push(TokenId id) {
    m_pending += m_place != TextPlace::Continuing ? pieceAsWritten(m_tokenizer, id, m_at_start) : m_tokenizer.piece(id);
    return takeCharacters(m_pending, false);
}

std::string StreamDecoder::finish() {
    return takeCharacters(m_pending, true);
}

}  // namespace lectern
