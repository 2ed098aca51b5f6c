// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/tokenizer_spec.h"

namespace lectern {

/// A text in a Unicode normal form, and where its bytes came from.
class NormalizedText {
public:
    /// Bytes that are not UTF-8 stay as they are. Linear time. Any thread.
    NormalizedText(std::string_view text, NormalForm form);

    bool changed() const { return !m_changes.empty(); }
    const std::string& text() const { return m_text; }  ///< the original where nothing changed

    /// The place in the original of byte `place` of text(). Monotone; a place inside characters that became others is
    /// where those begin.
    std::uint32_t origin(std::uint32_t place) const;

private:
    struct Change {
        std::uint32_t begin, end;            ///< in text()
        std::uint32_t from_begin, from_end;  ///< in the original
    };

    std::string m_text;
    std::vector<Change> m_changes;  ///< ascending
};

}  // namespace lectern
