// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/document/unicode.h"

#include <utf8proc.h>

#include <cstdlib>
#include <memory>

namespace lectern::unicode {
namespace {

struct Free {
    void operator()(utf8proc_uint8_t* p) const { std::free(p); }
};

std::string mapped(std::string_view text, int options) {
    utf8proc_uint8_t* raw = nullptr;
    const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                   utf8proc_ssize_t(text.size()), &raw, utf8proc_option_t(options));
    const std::unique_ptr<utf8proc_uint8_t, Free> owner(raw);
    if (size < 0) return std::string(text);  // only for invalid UTF-8 or no memory
    return std::string(reinterpret_cast<const char*>(raw), std::size_t(size));
}

utf8proc_category_t category(char32_t code) {
    return utf8proc_category(utf8proc_int32_t(code));
}

/// Forms that exist only for the sake of fonts and old encodings: Latin, Armenian, Hebrew and Arabic ligatures.
bool isPresentationForm(char32_t c) {
    return (c >= 0xfb00 && c <= 0xfb06) || (c >= 0xfb13 && c <= 0xfb17) ||
           (c >= 0xfb1d && c <= 0xfdfc && c != 0xfd3e && c != 0xfd3f) || (c >= 0xfe70 && c <= 0xfefc);
}

bool isDropped(char32_t c) {
    if (c < 0x20) return c != '\n' && c != '\t';
    if (c < 0xa0) return c >= 0x7f;
    return c == 0xad || c == 0xfeff || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || (c >= 0xe000 && c <= 0xf8ff) || (c >= 0xfff9 && c <= 0xfffb) ||
           (c & 0xfffe) == 0xfffe || c >= 0xf0000;
}

void appendReadable(std::string& out, char32_t c) {
    if (c == 0xf0b7) return append(out, 0x2022);  // the bullet of Word's Symbol font
    if (isDropped(c)) return;
    if (c == 0xa0 || c == 0x202f || c == 0x2007) return out.push_back(' ');
    if (c == 0x2028 || c == 0x2029) return out.push_back('\n');
    if (!isPresentationForm(c)) return append(out, c);
    utf8proc_int32_t parts[32];
    const auto count = utf8proc_decompose_char(utf8proc_int32_t(c), parts, 32,
                                               utf8proc_option_t(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT), nullptr);
    if (count < 1 || count > 32) return append(out, c);
    for (int i = 0; i < count; ++i) append(out, char32_t(parts[i]));
}

std::string composed(std::string text, bool plain) {
    return plain ? std::move(text) : mapped(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
}

}  // namespace

Decoded decode(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    if (lead < 0x80) return {lead, 1, true};
    utf8proc_int32_t code = 0;
    const auto bytes =
        utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), utf8proc_ssize_t(text.size()), &code);
    if (bytes <= 0 || code < 0) return {};
    return {char32_t(code), std::size_t(bytes), true};
}

bool isValid(std::string_view text) {
    while (!text.empty()) {
        const Decoded next = decode(text);
        if (!next.valid) return false;
        text.remove_prefix(next.bytes);
    }
    return true;
}

std::string repaired(std::string_view text, std::size_t max_bytes) {
    std::string out;
    while (!text.empty() && out.size() + 4 <= max_bytes) {
        const Decoded next = decode(text);
        text.remove_prefix(next.bytes);
        if (next.code >= 0x20 && next.code != 0x7f && !(next.code >= 0x80 && next.code < 0xa0)) append(out, next.code);
    }
    return out;
}

void append(std::string& out, char32_t code) {
    if (code < 0x80) return out.push_back(char(code));
    utf8proc_uint8_t bytes[4];
    const auto count = utf8proc_encode_char(utf8proc_int32_t(code), bytes);
    if (count == 0) return append(out, kReplacement);
    out.append(reinterpret_cast<const char*>(bytes), std::size_t(count));
}

std::string toUtf8(std::u32string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char32_t c : text) append(out, c);
    return out;
}

std::u32string toUtf32(std::string_view text) {
    std::u32string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const Decoded next = decode(text);
        out.push_back(next.code);
        text.remove_prefix(next.bytes);
    }
    return out;
}

std::u32string fromUtf16(std::span<const std::uint16_t> units) {
    std::u32string out;
    out.reserve(units.size());
    for (std::size_t i = 0; i < units.size(); ++i) {
        const char32_t unit = units[i];
        if (unit < 0xd800 || unit > 0xdfff) {
            out.push_back(unit);
        } else if (unit < 0xdc00 && i + 1 < units.size() && (units[i + 1] & 0xfc00) == 0xdc00) {
            out.push_back(0x10000 + ((unit - 0xd800) << 10) + (units[++i] - 0xdc00u));
        } else {
            out.push_back(kReplacement);
        }
    }
    return out;
}

std::string readable(std::u32string_view text) {
    std::string out;
    out.reserve(text.size());
    bool plain = true;  // below U+0300 everything is in NFC already
    for (std::size_t i = 0; i < text.size(); ++i) {
        plain = plain && text[i] < 0x300;
        const bool dotless =
            text[i] == 0x131 && i + 1 < text.size() && isMark(text[i + 1]);  // TeX's naive with two dots
        appendReadable(out, dotless ? U'i' : text[i]);
    }
    return composed(std::move(out), plain);
}

std::string readable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    bool plain = true;
    while (!text.empty()) {
        const Decoded next = decode(text);
        plain = plain && next.code < 0x300;
        appendReadable(out, next.code);
        text.remove_prefix(next.bytes);
    }
    return composed(std::move(out), plain);
}

bool isNfc(std::string_view text) {
    return mapped(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE) == text;
}

Direction direction(char32_t code) {
    if (code < 0x80) {
        if ((code | 0x20) >= 'a' && (code | 0x20) <= 'z') return Direction::LeftToRight;
        return code >= '0' && code <= '9' ? Direction::Number : Direction::Neutral;
    }
    switch (utf8proc_get_property(utf8proc_int32_t(code))->bidi_class) {
        case UTF8PROC_BIDI_CLASS_L:
            return Direction::LeftToRight;
        case UTF8PROC_BIDI_CLASS_R:
        case UTF8PROC_BIDI_CLASS_AL:
            return Direction::RightToLeft;
        case UTF8PROC_BIDI_CLASS_EN:
        case UTF8PROC_BIDI_CLASS_AN:
            return Direction::Number;
        default:
            return Direction::Neutral;
    }
}

bool isLetter(char32_t code) {
    const auto c = category(code);
    return c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_LO;
}

bool isLower(char32_t code) {
    return category(code) == UTF8PROC_CATEGORY_LL;
}

bool isMark(char32_t code) {
    const auto c = category(code);
    return c >= UTF8PROC_CATEGORY_MN && c <= UTF8PROC_CATEGORY_ME;
}

bool isAssigned(char32_t code) {
    const auto c = category(code);
    return c != UTF8PROC_CATEGORY_CN && c != UTF8PROC_CATEGORY_CO && c != UTF8PROC_CATEGORY_CS;
}

std::string matchKey(std::string_view text) {
    std::string folded = repaired(text, text.size() * 3 + 8);
    folded = mapped(folded, UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
    std::string out;
    for (std::string_view rest = folded; !rest.empty();) {
        const Decoded next = decode(rest);
        const auto c = category(next.code);
        const bool digit = c == UTF8PROC_CATEGORY_ND || c == UTF8PROC_CATEGORY_NL || c == UTF8PROC_CATEGORY_NO;
        if (digit || isLetter(next.code) || isMark(next.code)) out.append(rest.substr(0, next.bytes));
        rest.remove_prefix(next.bytes);
    }
    return out;
}

}  // namespace lectern::unicode
