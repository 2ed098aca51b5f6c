// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/content_hash.h"

#define XXH_INLINE_ALL  // header only: no library to link or to install
#include <xxhash.h>

#include <charconv>
#include <system_error>

namespace lectern {
namespace {

Hash128 fromXxh(XXH128_hash_t hash) {
    return {hash.high64, hash.low64};
}

bool readHex(std::string_view digits, std::uint64_t& value) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    return error == std::errc() && end == digits.data() + digits.size();
}

}  // namespace

std::string Hash128::hex() const {
    std::string out(32, '0');
    for (int digit = 0; digit < 32; ++digit) {
        const std::uint64_t half = digit < 16 ? high : low;
        out[std::size_t(digit)] = "0123456789abcdef"[half >> (60 - 4 * (digit % 16)) & 15];
    }
    return out;
}

std::optional<Hash128> Hash128::fromHex(std::string_view hex) {
    Hash128 hash;
    if (hex.size() != 32 || !readHex(hex.substr(0, 16), hash.high) || !readHex(hex.substr(16), hash.low))
        return std::nullopt;
    return hash;
}

struct ContentHash::State {
    XXH3_state_t xxh;
};

ContentHash::ContentHash() : m_state(std::make_unique<State>()) {
    XXH3_INITSTATE(&m_state->xxh);
    XXH3_128bits_reset(&m_state->xxh);
}

ContentHash::ContentHash(ContentHash&&) noexcept = default;
ContentHash& ContentHash::operator=(ContentHash&&) noexcept = default;
ContentHash::~ContentHash() = default;

void ContentHash::add(std::span<const std::byte> bytes) {
    XXH3_128bits_update(&m_state->xxh, bytes.data(), bytes.size());
}

void ContentHash::addText(std::string_view text) {
    addNumber(text.size());
    add(std::as_bytes(std::span(text)));
}

void ContentHash::addNumber(std::uint64_t number) {
    std::byte bytes[8];
    for (int i = 0; i < 8; ++i) bytes[i] = std::byte(number >> (8 * i) & 255);
    add(bytes);
}

Hash128 ContentHash::digest() const {
    return fromXxh(XXH3_128bits_digest(&m_state->xxh));
}

Hash128 contentHash(std::span<const std::byte> bytes) {
    return fromXxh(XXH3_128bits(bytes.data(), bytes.size()));
}

}  // namespace lectern
