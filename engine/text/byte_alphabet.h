// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace lectern {

/// The letters GPT-2 writes bytes with, so that a vocabulary is readable text: printable Latin-1 stands for itself,
/// the other 68 bytes for U+0100 and on (the space is Ġ). Immutable.
class ByteAlphabet {
public:
    ByteAlphabet();
    std::string_view letter(unsigned char byte) const { return m_letter[byte]; }
    std::string spell(std::string_view bytes) const;
    /// The bytes that `piece` spells; characters outside the alphabet stand for themselves.
    std::string bytes(std::string_view piece) const;

private:
    static constexpr int kLetters = 256 + 68;
    std::array<std::string, 256> m_letter;    ///< [byte] UTF-8
    std::array<short, kLetters> m_byte_of{};  ///< [code point] byte or -1
};

}  // namespace lectern
