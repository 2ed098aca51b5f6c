// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/text/byte_alphabet.h"

#include "engine/text/utf8.h"

namespace lectern {
namespace {

bool standsForItself(int byte) {
    return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
}

std::string utf8(int code) {
    if (code < 0x80) return std::string(1, char(code));
    return {char(0xC0 | code >> 6), char(0x80 | (code & 0x3F))};
}

}  // namespace

ByteAlphabet::ByteAlphabet() {
    m_byte_of.fill(-1);
    int next = 0x100;
    for (int byte = 0; byte < 256; ++byte) {
        const int code = standsForItself(byte) ? byte : next++;
        m_letter[std::size_t(byte)] = utf8(code);
        m_byte_of[std::size_t(code)] = short(byte);
    }
}

std::string ByteAlphabet::spell(std::string_view bytes) const {
    std::string spelled;
    for (const char byte : bytes) spelled += letter(static_cast<unsigned char>(byte));
    return spelled;
}

std::string ByteAlphabet::bytes(std::string_view piece) const {
    std::string bytes;
    for (std::size_t i = 0; i < piece.size();) {
        const std::size_t step = utf8Step(piece.substr(i));
        int code = step == 1 ? static_cast<unsigned char>(piece[i]) : kLetters;
        if (step == 2) code = (piece[i] & 0x1F) << 6 | (piece[i + 1] & 0x3F);
        if (code < kLetters && m_byte_of[std::size_t(code)] >= 0) {
            bytes += char(m_byte_of[std::size_t(code)]);
        } else {
            bytes += piece.substr(i, step);
        }
        i += step;
    }
    return bytes;
}

}  // namespace lectern
