// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/crc32c.h"

#include <array>
#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace lectern {

static_assert(std::endian::native == std::endian::little, "words are taken as they lie in memory");

namespace {

constexpr std::uint32_t kPolynomial = 0x82F63B78;
using Table = std::array<std::uint32_t, 256>;

/// tables[k][b]: the register after byte b and then k zero bytes.
constexpr std::array<Table, 8> slicingTables() {
    std::array<Table, 8> tables{};
    for (std::uint32_t b = 0; b < 256; ++b) {
        std::uint32_t crc = b;
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0);
        tables[0][b] = crc;
    }
    for (std::size_t k = 1; k < 8; ++k) {
        for (std::uint32_t b = 0; b < 256; ++b)
            tables[k][b] = (tables[k - 1][b] >> 8) ^ tables[0][tables[k - 1][b] & 255];
    }
    return tables;
}
constexpr auto kTables = slicingTables();

std::uint64_t load64(const std::byte* p) {
    std::uint64_t word = 0;
    std::memcpy(&word, p, sizeof word);
    return word;
}

std::uint32_t oneByte(std::uint32_t crc, std::byte b) {
    return (crc >> 8) ^ kTables[0][(crc ^ std::to_integer<std::uint32_t>(b)) & 255];
}

#if defined(__x86_64__)

constexpr std::size_t kStream = 1024;  ///< bytes of each of three streams that hide the instruction's latency

/// table[k][b]: what byte k of the register having value b becomes after kStream zero bytes. The map is linear over
/// GF(2), so 32 single bits define it.
constexpr std::array<Table, 4> shiftTables() {
    std::array<std::uint32_t, 32> basis{};
    for (std::size_t bit = 0; bit < 32; ++bit) {
        std::uint32_t crc = 1U << bit;
        for (std::size_t i = 0; i < kStream; ++i) crc = (crc >> 8) ^ kTables[0][crc & 255];
        basis[bit] = crc;
    }
    std::array<Table, 4> tables{};
    for (std::size_t k = 0; k < 4; ++k) {
        for (std::uint32_t b = 0; b < 256; ++b) {
            for (std::size_t bit = 0; bit < 8; ++bit) {
                if (((b >> bit) & 1) != 0) tables[k][b] ^= basis[8 * k + bit];
            }
        }
    }
    return tables;
}
constexpr auto kShift = shiftTables();

std::uint32_t shiftStream(std::uint32_t crc) {
    return kShift[0][crc & 255] ^ kShift[1][(crc >> 8) & 255] ^ kShift[2][(crc >> 16) & 255] ^ kShift[3][crc >> 24];
}

__attribute__((target("sse4.2"))) std::uint32_t crcSse42(const std::byte* p, std::size_t size, std::uint32_t crc) {
    for (; size >= 3 * kStream; p += 3 * kStream, size -= 3 * kStream) {
        std::uint64_t a = crc, b = 0, c = 0;
        for (std::size_t i = 0; i < kStream; i += 8) {
            a = _mm_crc32_u64(a, load64(p + i));
            b = _mm_crc32_u64(b, load64(p + kStream + i));
            c = _mm_crc32_u64(c, load64(p + 2 * kStream + i));
        }
        crc = shiftStream(shiftStream(std::uint32_t(a)) ^ std::uint32_t(b)) ^ std::uint32_t(c);
    }
    std::uint64_t wide = crc;
    for (; size >= 8; p += 8, size -= 8) wide = _mm_crc32_u64(wide, load64(p));
    crc = std::uint32_t(wide);
    for (; size > 0; ++p, --size) crc = _mm_crc32_u8(crc, std::to_integer<std::uint8_t>(*p));
    return crc;
}

#endif

}  // namespace

std::uint32_t crc32cPortable(std::span<const std::byte> bytes, std::uint32_t crc) {
    const std::byte* p = bytes.data();
    std::size_t size = bytes.size();
    crc = ~crc;
    for (; size >= 8; p += 8, size -= 8) {
        const std::uint64_t word = load64(p) ^ crc;
        crc = 0;
        for (std::size_t i = 0; i < 8; ++i) crc ^= kTables[7 - i][(word >> (8 * i)) & 255];
    }
    for (; size > 0; ++p, --size) crc = oneByte(crc, *p);
    return ~crc;
}

std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t crc) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2")) return ~crcSse42(bytes.data(), bytes.size(), ~crc);
#endif
    return crc32cPortable(bytes, crc);
}

}  // namespace lectern
