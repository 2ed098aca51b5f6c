// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace lectern {

/// 128 bits that tell contents apart; against accidents, not against an attacker.
struct Hash128 {
    std::uint64_t high = 0, low = 0;

    std::string hex() const;  ///< 32 lower-case digits, high half first
    static std::optional<Hash128> fromHex(std::string_view hex);
    auto operator<=>(const Hash128&) const = default;
};

/// Hashes a stream of bytes (XXH3, 128 bits, seed 0: the same on every machine and in every version). How the bytes are
/// cut into calls does not matter. Move-only, not thread safe.
class ContentHash {
public:
    ContentHash();
    ContentHash(ContentHash&&) noexcept;
    ContentHash& operator=(ContentHash&&) noexcept;
    ~ContentHash();

    void add(std::span<const std::byte> bytes);
    /// The length goes first, so that neighbouring texts cannot run into one another.
    void addText(std::string_view text);
    /// Eight bytes, little endian.
    void addNumber(std::uint64_t number);

    Hash128 digest() const;  ///< of all that was added so far; more may follow

private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// XXH3-128 of one block of memory.
Hash128 contentHash(std::span<const std::byte> bytes);

}  // namespace lectern
