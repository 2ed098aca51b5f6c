// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lectern {

/// A text that was rewritten piece by piece, and where its bytes came from. Value type.
class RewrittenText {
public:
    /// Appends what became of the next piece of the original.
    void add(std::string_view piece, std::string_view made);
    /// Takes everything from byte `size` of text() on away.
    void cutEnd(std::size_t size);

    bool changed() const { return !m_changes.empty(); }
    const std::string& text() const { return m_text; }  ///< the original where nothing changed

    /// The place in the original of byte `place` of text(). Monotone; a place inside characters that became others is
    /// where those begin, one where something was taken away lies behind that.
    std::uint32_t origin(std::uint32_t place) const;

private:
    struct Change {
        std::uint32_t begin, end;            ///< in text()
        std::uint32_t from_begin, from_end;  ///< in the original
    };

    std::string m_text;
    std::uint32_t m_from = 0;       ///< bytes of the original so far
    std::vector<Change> m_changes;  ///< ascending
};

}  // namespace lectern
