// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace lectern {

/// Bytes [begin, end) of a text.
struct TextSpan {
    std::uint32_t begin = 0, end = 0;
};

/// Cuts text into words by regular expressions (PCRE2, Unicode classes, just-in-time compiled). Each regex cuts the
/// pieces that the one before it left; what a regex matches and what lies between its matches are pieces.
/// Immutable: may be used from any thread at once.
class PreTokenizer {
public:
    /// Regexes that no family of pre_tokenizer_families.h has are foreign: their steps are counted while they match.
    /// Errors: BadInput that quotes a regex that does not compile (or uses && of classes, which PCRE2 lacks), or a
    /// foreign one that repeats an item more than a thousand times.
    static Result<PreTokenizer> make(const std::vector<std::string>& regexes);
    PreTokenizer(PreTokenizer&&) noexcept;
    PreTokenizer& operator=(PreTokenizer&&) noexcept;
    ~PreTokenizer();

    /// Pieces that tile `text`, none empty. Bytes that are not UTF-8 count as control characters. Where foreign regexes
    /// need far more steps than those of the known families ever do, the text from there on stays uncut: linear time,
    /// whatever they are.
    std::vector<TextSpan> split(std::string_view text) const;

private:
    struct Compiled;
    explicit PreTokenizer(std::unique_ptr<Compiled> compiled);
    std::unique_ptr<Compiled> m_compiled;
};

}  // namespace lectern
