// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lectern {

/// The bytes that base64 (RFC 4648, section 4) spells; nothing where `text` is none. Padding may be left out.
inline std::optional<std::string> fromBase64(std::string_view text) {
    constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    text = text.substr(0, text.find_last_not_of('=') + 1);
    std::string bytes;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const auto digit = kDigits.find(c);
        if (digit == kDigits.npos) return std::nullopt;
        bits = (bits << 6 | std::uint32_t(digit)) & 0xFFFFFF;
        count += 6;
        if (count >= 8) bytes += char(bits >> (count -= 8) & 0xFF);
    }
    return text.size() % 4 == 1 ? std::nullopt : std::optional(std::move(bytes));
}

}  // namespace lectern
