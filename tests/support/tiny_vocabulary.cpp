// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/tiny_vocabulary.h"

#include <cstdio>
#include <set>
#include <string_view>

namespace lectern::test {
namespace {

constexpr std::string_view kSpace = "\u2581";
constexpr std::string_view kCharacters = "etaoinshrdlucmfwypvbgkjqxzETAOINSHRDLUCMFWYPVBGKJQXZ0123456789.,;:!?'\"()-";
constexpr std::string_view kWords[] = {"the", "and", "of",  "to",    "in",    "a",     "is",     "was",  "he",
                                       "it",  "on",  "cat", "house", "river", "Once",  "upon",   "time", "there",
                                       "day", "she", "big", "red",   "page",  "write", "little", "with"};

class Builder {
public:
    explicit Builder(std::size_t size) : m_size(size) {}

    void special(const std::string& token, int type) { add(token, 0, type); }

    /// A piece made of characters that are known already; ranks follow the order of the calls.
    void piece(const std::string& token) {
        if (full() || m_known.count(token) != 0) return;
        add(token, -float(++m_rank), 1);
    }

    /// All prefixes of a word, so that it is reached letter by letter.
    void word(const std::string& start, std::string_view letters) {
        std::string prefix = start;
        for (const char letter : letters) {
            prefix += letter;
            if (prefix.size() > start.size() + 1 || !start.empty()) piece(prefix);
        }
    }

    bool full() const { return m_vocabulary.tokens.size() >= m_size; }
    TinyVocabulary take() {
        for (const auto& token : m_vocabulary.tokens) splits(token);
        return std::move(m_vocabulary);
    }

private:
    void add(const std::string& token, float score, int type) {
        m_known.insert(token);
        m_vocabulary.tokens.push_back(token);
        m_vocabulary.scores.push_back(score);
        m_vocabulary.types.push_back(type);
        if (type == 1) m_pieces.insert(token);
    }

    void splits(const std::string& token) {
        if (m_pieces.count(token) == 0) return;
        for (std::size_t at = 1; at < token.size(); ++at) {
            const std::string left = token.substr(0, at), right = token.substr(at);
            if (m_pieces.count(left) != 0 && m_pieces.count(right) != 0) m_vocabulary.merges.emplace_back(left, right);
        }
    }

    std::size_t m_size;
    int m_rank = 0;
    TinyVocabulary m_vocabulary;
    std::set<std::string> m_known, m_pieces;
};

void addBytes(Builder& builder) {
    char name[8];
    for (int byte = 0; byte < 256; ++byte) {
        std::snprintf(name, sizeof name, "<0x%02X>", unsigned(byte));
        builder.special(name, 6);
    }
}

/// Syllables of two and three letters until the vocabulary is as large as asked.
void addSyllables(Builder& builder) {
    const std::string_view letters = kCharacters.substr(0, 52);
    for (const char a : letters)
        for (const char b : letters) builder.piece({a, b});
    for (const char a : letters)
        for (const char b : letters)
            for (const char c : letters) builder.piece({a, b, c});
}

}  // namespace

TinyVocabulary tinyVocabulary(int size) {
    Builder builder{std::size_t(size)};
    builder.special("<unk>", 2);
    builder.special("<s>", 3);
    builder.special("</s>", 3);
    addBytes(builder);
    builder.piece(std::string(kSpace));
    for (const char letter : kCharacters) builder.piece(std::string(1, letter));
    for (const std::string_view word : kWords) builder.word(std::string(kSpace), word);
    for (const std::string_view word : kWords) builder.word("", word);
    addSyllables(builder);
    return builder.take();
}

}  // namespace lectern::test
