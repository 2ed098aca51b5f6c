// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/text/unigram.h"

#include <algorithm>
#include <limits>
#include <string>

#include "engine/text/utf8.h"

namespace lectern {
namespace {

constexpr double kUnknownPenalty = 10;  ///< as SentencePiece has it

}  // namespace

Status UnigramModel::fill(const TokenizerSpec& spec, const Vocabulary& vocabulary) {
    if (spec.scores.empty())
        return Error{ErrorCode::BadInput,
                     "The tokenizer has no scores, and a unigram vocabulary needs them; get the "
                     "model's files again."};
    std::vector<Piece> pieces;
    double least = std::numeric_limits<double>::infinity(), most = -least;
    for (std::size_t i = 0; i < spec.tokens.size(); ++i) {
        const auto id = std::int32_t(i);
        if (spec.tokens[i].empty() || vocabulary.find(spec.tokens[i]) != id) continue;
        if (spec.tokens[i].size() > kLongest)
            return Error{ErrorCode::BadInput, "Piece " + std::to_string(i) + " of the tokenizer has " +
                                                  std::to_string(spec.tokens[i].size()) + " bytes, and " +
                                                  std::to_string(kLongest) + " is the limit."};
        pieces.emplace_back(spec.tokens[i], id);
        if (vocabulary.type(id) != TokenType::Normal) continue;
        least = std::min(least, double(spec.scores[i]));
        most = std::max(most, double(spec.scores[i]));
    }
    m_score.assign(spec.scores.begin(), spec.scores.end());
    for (const auto& [text, id] : pieces)  // user-defined pieces are always taken
        if (vocabulary.type(id) == TokenType::UserDefined) m_score[std::size_t(id)] = double(text.size()) * most - 0.1;
    m_unknown = least - kUnknownPenalty;
    std::sort(pieces.begin(), pieces.end());
    fillTrie(pieces);
    return {};
}

/// `pieces`: sorted, none twice. Level by level: a node's pieces begin with its bytes and lie side by side.
void UnigramModel::fillTrie(const std::vector<Piece>& pieces) {
    struct Range {
        std::size_t begin, end, depth;
    };
    std::vector<Range> ranges = {{0, pieces.size(), 0}};
    m_trie.assign(1, {});
    for (std::size_t node = 0; node < m_trie.size(); ++node) {
        auto [begin, end, depth] = ranges[node];
        if (begin < end && pieces[begin].first.size() == depth) m_trie[node].id = pieces[begin++].second;
        m_trie[node].first = std::uint32_t(m_trie.size());
        while (begin < end) {
            const auto byte = static_cast<unsigned char>(pieces[begin].first[depth]);
            std::size_t stop = begin;
            while (stop < end && static_cast<unsigned char>(pieces[stop].first[depth]) == byte) ++stop;
            m_trie.push_back({0, -1, 0, byte});
            ranges.push_back({begin, stop, depth + 1});
            ++m_trie[node].children;
            begin = stop;
        }
    }
}

const UnigramModel::Node* UnigramModel::child(const Node& node, unsigned char byte) const {
    const Node* first = m_trie.data() + node.first;
    const Node* end = first + node.children;
    const Node* found = std::lower_bound(first, end, byte, [](const Node& n, unsigned char b) { return n.byte < b; });
    return found != end && found->byte == byte ? found : nullptr;
}

void UnigramModel::segment(std::string_view word, std::vector<Best>& best, std::vector<Segment>& out) const {
    best.assign(word.size() + 1, {});
    const auto consider = [&](std::size_t end, double score, std::size_t begin, std::int32_t id) {
        if (!best[end].reached || score > best[end].score) best[end] = {score, std::uint32_t(begin), id, true};
    };
    for (std::size_t at = 0; at < word.size();) {
        const std::size_t step = utf8Step(word.substr(at));
        bool alone = false;  // the character is a piece
        const Node* node = m_trie.data();
        for (std::size_t end = at; end < word.size();) {
            node = child(*node, static_cast<unsigned char>(word[end++]));
            if (node == nullptr) break;
            if (node->id < 0) continue;
            consider(end, best[at].score + m_score[std::size_t(node->id)], at, node->id);
            alone |= end == at + step;
        }
        if (!alone) consider(at + step, best[at].score + m_unknown, at, -1);
        at += step;
    }
    out.clear();
    for (std::size_t end = word.size(); end > 0; end = best[end].begin)
        out.push_back({best[end].begin, std::uint32_t(end), best[end].id});
    std::reverse(out.begin(), out.end());
}

}  // namespace lectern
