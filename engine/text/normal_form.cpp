// SPDX-License-Identifier: GPL-3.0-or-later
// The text is cut before each character that no other can join with, and each piece is normalised by itself.
#include "engine/text/normal_form.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "engine/text/utf8.h"

namespace lectern {
namespace {

constexpr std::size_t kLongestPiece = 1024;  ///< bytes: ordering marks takes the square of their number

std::int32_t codeOf(std::string_view character) {
    utf8proc_int32_t code = -1;
    utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(character.data()), utf8proc_ssize_t(character.size()),
                     &code);
    return code;
}

bool isAscii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Whether the character may change or join the one before it: marks, and the later letters of Hangul syllables.
bool joinsBackwards(std::int32_t code) {
    const utf8proc_property_t& property = *utf8proc_get_property(code);
    const bool mark = property.category == UTF8PROC_CATEGORY_MN || property.category == UTF8PROC_CATEGORY_MC ||
                      property.category == UTF8PROC_CATEGORY_ME;
    const auto within = [&](std::int32_t first, std::int32_t last) { return code >= first && code <= last; };
    const bool hangul = within(0x1160, 0x11FF) || within(0x3131, 0x318E) || within(0xD7B0, 0xD7FF);
    return mark || property.combining_class != 0 || hangul || within(0xFF9E, 0xFFDC);  // the last: halfwidth forms
}

/// Bytes of the piece at the front: a character and those that may join it, or a byte that belongs to none.
std::size_t pieceBytes(std::string_view text) {
    if (utf8Length(text) == 0) return 1;
    std::size_t size = utf8Step(text);
    while (size < std::min(text.size(), kLongestPiece)) {
        const std::string_view rest = text.substr(size);
        if (utf8Length(rest) < 2 || !joinsBackwards(codeOf(rest.substr(0, utf8Step(rest))))) break;
        size += utf8Step(rest);
    }
    return size;
}

std::string normalised(std::string_view piece, NormalForm form) {
    const bool alone = utf8Length(piece) == int(piece.size());
    if (alone && (piece.size() == 1 || utf8proc_get_property(codeOf(piece))->decomp_seqindex == UINT16_MAX))
        return std::string(piece);
    const int options = UTF8PROC_STABLE | UTF8PROC_COMPOSE | (form == NormalForm::Nfkc ? UTF8PROC_COMPAT : 0);
    utf8proc_uint8_t* made = nullptr;
    const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(piece.data()),
                                   utf8proc_ssize_t(piece.size()), &made, utf8proc_option_t(options));
    const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(made, &std::free);
    return size < 0 ? std::string(piece) : std::string(reinterpret_cast<const char*>(made), std::size_t(size));
}

}  // namespace

RewrittenText inNormalForm(std::string_view text, NormalForm form) {
    RewrittenText formed;
    if (form == NormalForm::None || isAscii(text)) {
        formed.add(text, text);
        return formed;
    }
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view piece = text.substr(at, pieceBytes(text.substr(at)));
        formed.add(piece, utf8Length(piece) == 0 ? std::string(piece) : normalised(piece, form));
        at += piece.size();
    }
    return formed;
}

}  // namespace lectern
