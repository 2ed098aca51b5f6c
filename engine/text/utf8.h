// SPDX-License-Identifier: GPL-3.0-or-later
// Well-formed UTF-8 (Unicode, table 3-7): what tokenizers ask about bytes that need not be text.
#pragma once

#include <cstddef>
#include <string_view>

namespace lectern {

/// How a character begins: its length, and the range its second byte must lie in. length 0: no character begins so.
struct Utf8Lead {
    int length = 0;
    unsigned char second_low = 0x80, second_high = 0xBF;
};

constexpr Utf8Lead utf8Lead(unsigned char first) {
    if (first < 0x80) return {1};
    if (first < 0xC2 || first > 0xF4) return {0};
    if (first < 0xE0) return {2};
    if (first == 0xE0) return {3, 0xA0, 0xBF};
    if (first == 0xED) return {3, 0x80, 0x9F};
    if (first < 0xF0) return {3};
    if (first == 0xF0) return {4, 0x90, 0xBF};
    return first == 0xF4 ? Utf8Lead{4, 0x80, 0x8F} : Utf8Lead{4};
}

/// How many of the first `lead.length` bytes fit a character that begins with bytes[0]; at least 1.
constexpr int utf8Fitting(std::string_view bytes, const Utf8Lead& lead) {
    int fitting = 1;
    while (fitting < lead.length && std::size_t(fitting) < bytes.size()) {
        const auto byte = static_cast<unsigned char>(bytes[std::size_t(fitting)]);
        const bool second = fitting == 1;
        if (byte < (second ? lead.second_low : 0x80) || byte > (second ? lead.second_high : 0xBF)) break;
        ++fitting;
    }
    return fitting;
}

/// Length in bytes (1 to 4) of the character `bytes` begins with; 0 where there is none (ill formed, cut off, empty).
constexpr int utf8Length(std::string_view bytes) {
    if (bytes.empty()) return 0;
    const Utf8Lead lead = utf8Lead(static_cast<unsigned char>(bytes[0]));
    return lead.length != 0 && utf8Fitting(bytes, lead) == lead.length ? lead.length : 0;
}

/// Whether all of `bytes` is the beginning of one character whose other bytes are still to come.
constexpr bool utf8Unfinished(std::string_view bytes) {
    if (bytes.empty()) return false;
    const Utf8Lead lead = utf8Lead(static_cast<unsigned char>(bytes[0]));
    return bytes.size() < std::size_t(lead.length) && std::size_t(utf8Fitting(bytes, lead)) == bytes.size();
}

/// Length of the step over the character at the front, or over one byte that belongs to none. `bytes` is not empty.
constexpr std::size_t utf8Step(std::string_view bytes) {
    const int length = utf8Length(bytes);
    return length == 0 ? 1 : std::size_t(length);
}

}  // namespace lectern
