// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace lectern {

/// SentencePiece's table of characters that become others (precompiled_charsmap), such as its forms of NFKC.
/// Layout, little-endian: u32 bytes of the trie; the trie, a double array of u32 units as Darts-clone packs them (bit
/// 8: has a value, bits 0 to 7: label, bit 9 and bits 10 to 31: offset of the children; a unit that is a value: bits 0
/// to 30); the replacements, each ended by a NUL, which the values are places in. Immutable; any thread.
class CharMap {
public:
    static constexpr std::size_t kLongest = 256;  ///< bytes of an entry, and of what it becomes; longer ones are none

    /// Errors: BadInput where the bytes are no such table.
    static Result<CharMap> make(std::string_view bytes);

    struct Match {
        std::size_t length = 0;  ///< bytes of the text; 0: nothing in the table begins it
        std::string_view made;   ///< what they become; lives as long as the table
    };
    /// The longest beginning of `text` that the table has.
    Match match(std::string_view text) const;

private:
    CharMap() = default;
    std::vector<std::uint32_t> m_units;
    std::string m_made;
};

}  // namespace lectern
