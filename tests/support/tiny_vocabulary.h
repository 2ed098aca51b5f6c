// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace lectern::test {

/// A SentencePiece-style vocabulary: <unk>, <s>, </s>, 256 byte tokens, characters, then words and syllables.
struct TinyVocabulary {
    std::vector<std::string> tokens;
    std::vector<float> scores;                                ///< [vocab]
    std::vector<int> types;                                   ///< [vocab] as GGUF numbers them
    std::vector<std::pair<std::string, std::string>> merges;  ///< in rank order, equivalent to the scores
};

/// Every merged token can be reached from characters by merges of tokens before it.
TinyVocabulary tinyVocabulary(int size);

}  // namespace lectern::test
