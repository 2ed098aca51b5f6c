// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/text/vocabulary.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

namespace lectern {
namespace {

Error contradiction(const std::string& what) {
    return {ErrorCode::BadInput, "The tokenizer contradicts itself: " + what + "; get the model's files again."};
}

std::string quoted(std::string_view piece) {
    std::string text(1, '"');
    text += piece.substr(0, 60);
    return text += '"';
}

bool becomesText(TokenType type) {
    return type == TokenType::Normal || type == TokenType::UserDefined;
}

}  // namespace

std::optional<unsigned char> namedByte(std::string_view piece) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    if (piece.size() != 6 || !piece.starts_with("<0x") || piece.back() != '>') return std::nullopt;
    const auto high = kDigits.find(piece[3]), low = kDigits.find(piece[4]);
    if (high == kDigits.npos || low == kDigits.npos) return std::nullopt;
    return static_cast<unsigned char>(high * 16 + low);
}

std::string withSpaces(std::string_view piece) {
    std::string text;
    for (auto mark = piece.find(kSpaceMark); mark != piece.npos; mark = piece.find(kSpaceMark)) {
        text.append(piece.substr(0, mark)) += ' ';
        piece.remove_prefix(mark + kSpaceMark.size());
    }
    return text.append(piece);
}

Status Vocabulary::fill(const TokenizerSpec& spec) {
    if (auto shape = checkShape(spec); !shape) return shape;
    fillTypes(spec);
    if (auto special = fillSpecial(spec); !special) return special;
    if (auto merges = fillMerges(spec); !merges) return merges;
    return fillPriorities(spec);
}

Status Vocabulary::checkShape(const TokenizerSpec& spec) const {
    const std::size_t size = spec.tokens.size();
    if (size == 0) return contradiction("its vocabulary is empty");
    if (size > std::size_t(std::numeric_limits<std::int32_t>::max())) return contradiction("it has too many tokens");
    if (!spec.scores.empty() && spec.scores.size() != size)
        return contradiction("it has " + std::to_string(spec.scores.size()) + " scores for " + std::to_string(size) +
                             " tokens");
    if (!spec.types.empty() && spec.types.size() != size)
        return contradiction("it has " + std::to_string(spec.types.size()) + " token types for " +
                             std::to_string(size) + " tokens");
    const auto outside = [&](std::int32_t id, std::int32_t least) { return id < least || id >= std::int32_t(size); };
    for (const auto id : {spec.bos, spec.eos, spec.unknown})
        if (outside(id, -1)) return contradiction("special token " + std::to_string(id) + " is outside its vocabulary");
    for (const auto id : spec.end_of_turn)
        if (outside(id, 0))
            return contradiction("end-of-turn token " + std::to_string(id) + " is outside its vocabulary");
    return {};
}

void Vocabulary::fillTypes(const TokenizerSpec& spec) {
    const bool with_bytes = spec.spellsSpaces() && spec.byte_fallback;
    m_types = spec.types;
    m_types.resize(spec.tokens.size(), TokenType::Normal);
    m_byte.fill(-1);
    m_pieces.reserve(spec.tokens.size());
    for (std::size_t i = 0; i < m_types.size(); ++i) {
        const auto byte = with_bytes ? namedByte(spec.tokens[i]) : std::nullopt;
        if (byte && spec.types.empty()) m_types[i] = TokenType::Byte;
        if (byte && m_types[i] == TokenType::Byte) m_byte[*byte] = std::int32_t(i);
        if (becomesText(m_types[i])) m_pieces[spec.tokens[i]] = std::int32_t(i);
    }
}

Status Vocabulary::fillSpecial(const TokenizerSpec& spec) {
    for (std::size_t i = 0; i < m_types.size(); ++i) {
        const bool user_defined = m_types[i] == TokenType::UserDefined;
        const bool control = m_types[i] == TokenType::Control || m_types[i] == TokenType::Unknown;
        if ((!user_defined && !control) || spec.tokens[i].empty()) continue;
        // SentencePiece files spell the spaces of such tokens ▁; they are matched in text that still has spaces.
        const bool marks = spec.spellsSpaces();
        const std::string spelling = marks ? withSpaces(spec.tokens[i]) : spec.tokens[i];
        if (spelling.size() > SpecialMatcher::kLongest)
            return contradiction("special token " + std::to_string(i) + " has " + std::to_string(spelling.size()) +
                                 " bytes, and " + std::to_string(SpecialMatcher::kLongest) + " is the limit");
        if (user_defined) m_user_defined.add(spelling, std::int32_t(i));
        m_special.add(spelling, std::int32_t(i));
    }
    return {};
}

Status Vocabulary::fillMerges(const TokenizerSpec& spec) {
    if (spec.merges.empty()) return {};
    std::unordered_map<std::string_view, std::int32_t> all;  // a merge may name a token of any type
    all.reserve(spec.tokens.size());
    for (std::size_t i = 0; i < spec.tokens.size(); ++i) all[spec.tokens[i]] = std::int32_t(i);
    m_merges.reserve(spec.merges.size());
    for (std::size_t rank = 0; rank < spec.merges.size(); ++rank) {
        const auto& [left, right] = spec.merges[rank];
        const std::string both = left + right;
        std::int32_t ids[3];
        for (int part = 0;
             const std::string_view piece : {std::string_view(left), std::string_view(right), std::string_view(both)}) {
            const auto found = all.find(piece);
            if (found == all.end())
                return contradiction("merge " + std::to_string(rank) + " names " + quoted(piece) +
                                     ", which is not in its vocabulary");
            ids[part++] = found->second;
        }
        if (left.empty() || right.empty()) return contradiction("merge " + std::to_string(rank) + " has an empty part");
        if (!becomesText(m_types[std::size_t(ids[2])])) continue;
        m_merges.try_emplace(std::uint64_t(ids[0]) << 32 | std::uint32_t(ids[1]), Join{ids[2], std::uint32_t(rank)});
    }
    return {};
}

Status Vocabulary::fillPriorities(const TokenizerSpec& spec) {
    m_priority.resize(spec.tokens.size());
    std::iota(m_priority.begin(), m_priority.end(), 0U);  // without scores earlier tokens join first
    if (spec.scores.empty()) return {};
    if (std::any_of(spec.scores.begin(), spec.scores.end(), [](float score) { return std::isnan(score); }))
        return contradiction("one of its scores is not a number");
    std::vector<std::uint32_t> best_first = m_priority;
    std::sort(best_first.begin(), best_first.end(),
              [&](std::uint32_t a, std::uint32_t b) { return spec.scores[a] > spec.scores[b]; });
    for (std::size_t i = 0, place = 0; i < best_first.size(); ++i) {
        if (i != 0 && spec.scores[best_first[i]] != spec.scores[best_first[i - 1]]) place = i;
        m_priority[best_first[i]] = std::uint32_t(place);
    }
    return {};
}

std::int32_t Vocabulary::find(std::string_view piece) const {
    const auto found = m_pieces.find(piece);
    return found == m_pieces.end() ? -1 : found->second;
}

Join Vocabulary::joinByRank(std::int32_t left, std::int32_t right) const {
    if (left < 0 || right < 0) return {};
    const auto found = m_merges.find(std::uint64_t(left) << 32 | std::uint32_t(right));
    return found == m_merges.end() ? Join() : found->second;
}

Join Vocabulary::joinByScore(std::string_view both) const {
    const std::int32_t id = find(both);
    return id < 0 ? Join() : Join{id, m_priority[std::size_t(id)]};
}

}  // namespace lectern
