// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/text/vocabulary.h"

namespace lectern {

/// A piece of a word: bytes [begin, end), and its token or -1 where the vocabulary lacks the character.
struct Segment {
    std::uint32_t begin = 0, end = 0;
    std::int32_t id = -1;
};

/// Cuts words into the pieces whose scores, logarithms of probabilities, have the largest sum (Viterbi). A character
/// that is no piece by itself may be unknown, at a score 10 below the worst. Immutable once filled; any thread.
/// Source: Kudo, Subword Regularization (arXiv:1804.10959), section 3.
class UnigramModel {
public:
    static constexpr std::size_t kLongest = 512;  ///< bytes of a piece

    /// Errors: BadInput where the specification has no scores or longer pieces.
    Status fill(const TokenizerSpec& spec, const Vocabulary& vocabulary);

    /// Scratch of one caller.
    struct Best {
        double score = 0;
        std::uint32_t begin = 0;
        std::int32_t id = -1;
        bool reached = false;
    };
    /// Segments that tile `word` into `out`. Time: bytes of the word times those of the longest piece that fits.
    void segment(std::string_view word, std::vector<Best>& scratch, std::vector<Segment>& out) const;

private:
    struct Node {
        std::uint32_t first = 0;  ///< of its children, which lie side by side, ascending by byte
        std::int32_t id = -1;     ///< piece that ends here
        std::uint16_t children = 0;
        unsigned char byte = 0;
    };
    using Piece = std::pair<std::string_view, std::int32_t>;
    void fillTrie(const std::vector<Piece>& pieces);
    const Node* child(const Node& node, unsigned char byte) const;

    std::vector<Node> m_trie;     ///< the root first
    std::vector<double> m_score;  ///< [vocab]
    double m_unknown = 0;
};

}  // namespace lectern
