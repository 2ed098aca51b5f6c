// SPDX-License-Identifier: GPL-3.0-or-later
// Ids are those of SentencePiece, Hugging Face's tokenizers and tiktoken: see tests/parity/tokenizer_ids.py.
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>

#include "tests/engine/text/small_tokenizers.h"
#include "tests/support/test_data.h"

namespace lectern::test {
namespace {

namespace fs = std::filesystem;

std::string bytesOf(const std::string& hexadecimal) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hexadecimal.size(); i += 2)
        bytes += char(std::stoi(hexadecimal.substr(i, 2), nullptr, 16));
    return bytes;
}

std::string listOf(const std::vector<TokenId>& ids) {
    std::string text;
    for (const TokenId id : ids) text += (text.empty() ? "" : ",") + std::to_string(id);
    return text;
}

/// "#" and the FNV-1a hash of the ids, four bytes each.
std::string hashOf(const std::vector<TokenId>& ids) {
    std::uint64_t state = 0xCBF29CE484222325U;
    for (const TokenId id : ids)
        for (int shift = 0; shift < 32; shift += 8)
            state = (state ^ (std::uint32_t(id) >> shift & 0xFF)) * 0x100000001B3U;
    char text[18];
    std::snprintf(text, sizeof text, "#%016llx", static_cast<unsigned long long>(state));
    return text;
}

/// Of the repository, or of the public test data where the name has a folder; null where that is absent.
std::unique_ptr<Tokenizer> tokenizerOf(const std::string& name) {
    const fs::path own = fs::path(LECTERN_SOURCE_DIR) / "tests/parity/tokenizers";
    fs::path file = name.starts_with("hf-") ? own / name / "tokenizer.json" : own / (name + ".model");
    if (name.find('/') != name.npos) {
        const auto found = testData("tokenizers/" + name);
        if (!found) return nullptr;
        file = *found;
    }
    auto spec = file.extension() == ".json"    ? readTokenizerJson(file)
                : looksLikeTiktokenRanks(file) ? readTiktokenRanks(file)
                                               : readSentencePieceModel(file);
    EXPECT_TRUE(spec) << spec.error().message;
    return spec ? made(std::move(*spec)) : nullptr;
}

TEST(ParityIds, AreThoseOfTheReferenceLibraries) {
    std::ifstream lines(fs::path(LECTERN_SOURCE_DIR) / "tests/parity/tokenizers/ids.txt");
    std::map<std::string, std::unique_ptr<Tokenizer>> tokenizers;
    std::map<std::string, int> checked;
    for (std::string line; std::getline(lines, line);) {
        const auto first = line.find(' '), second = line.find(' ', first + 1);
        const std::string name = line.substr(0, first), expected = line.substr(second + 1);
        const std::string text = bytesOf(line.substr(first + 1, second - first - 1));
        if (tokenizers.count(name) == 0) tokenizers[name] = tokenizerOf(name);
        const Tokenizer* tokenizer = tokenizers[name].get();
        if (tokenizer == nullptr) continue;
        const auto ids = tokenizer->encode(text);
        EXPECT_EQ(expected.starts_with('#') ? hashOf(ids) : listOf(ids), expected) << name << ": \"" << text << '"';
        EXPECT_EQ(placementFault(*tokenizer, text), ids.empty() && !text.empty() ? "bytes missing at the end" : "")
            << name << ": \"" << text << '"';
        ++checked[name];
    }
    for (const char* name : {"unigram-bytes", "unigram-map", "unigram-suffix", "bpe-map", "hf-map", "hf-bytes"})
        EXPECT_GT(checked[name], 60) << name;
}

}  // namespace
}  // namespace lectern::test
