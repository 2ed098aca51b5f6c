// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/model/gguf_tokenizer.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "engine/model/stored_tensor.h"
#include "engine/model/vocabulary_checks.h"
#include "engine/text/pre_tokenizer_families.h"

namespace lectern {
namespace {

constexpr std::int64_t kNoToken = 0xFFFFFFFF;  // old converters write -1 as an unsigned number

/// Pre-tokenizers of models that look a whole word up before merging, and begin every text with BOS.
constexpr std::array<std::string_view, 8> kWholeWordFirst = {"llama3",    "llama-v3", "llama-bpe", "falcon3",
                                                             "falcon-h1", "pixtral",  "midm-2.0",  "tekken"};

/// Habits of a tokenizer that GGUF has no keys for.
std::array<std::pair<const char*, bool*>, 6> ownFlags(TokenizerSpec& spec) {
    return {{{"lectern.tokenizer.ignore_merges", &spec.ignore_merges},
             {"lectern.tokenizer.prefix_after_special", &spec.prefix_after_special},
             {"lectern.tokenizer.prefix_if_missing", &spec.prefix_if_missing},
             {"lectern.tokenizer.byte_fallback", &spec.byte_fallback},
             {"lectern.tokenizer.split_at_spaces", &spec.split_at_spaces},
             {"lectern.tokenizer.space_at_end", &spec.escape_with_suffix}}};
}

TokenizerKind readKind(GgufFields& fields) {
    const std::string model = fields.text("tokenizer.ggml.model");
    if (model == "llama") return TokenizerKind::SentencePieceBpe;
    if (model == "gpt2") return TokenizerKind::ByteLevelBpe;
    if (model == "t5") return TokenizerKind::SentencePieceUnigram;
    fields.fail(model.empty() ? "the file has no tokenizer (tokenizer.ggml.model is missing)."
                              : "tokenizer.ggml.model is '" + printable(model) + "'; Lectern reads: llama, gpt2, t5.");
    return TokenizerKind::SentencePieceBpe;
}

std::vector<TokenType> readTypes(GgufFields& fields) {
    std::vector<TokenType> types;
    for (const std::int64_t number : fields.integers("tokenizer.ggml.token_type")) {
        if (number < 1 || number > 6) {
            fields.fail("tokenizer.ggml.token_type holds " + std::to_string(number) + ", expected 1 to 6.");
            return {};
        }
        types.push_back(TokenType(number));
    }
    return types;
}

std::vector<std::pair<std::string, std::string>> readMerges(GgufFields& fields) {
    std::vector<std::pair<std::string, std::string>> merges;
    for (const std::string& line : fields.texts("tokenizer.ggml.merges")) {
        const auto space = line.find(' ', 1);
        if (space == std::string::npos || space + 1 == line.size()) {
            fields.fail("tokenizer.ggml.merges holds '" + printable(line) + "', which is no pair.");
            return {};
        }
        merges.emplace_back(line.substr(0, space), line.substr(space + 1));
    }
    return merges;
}

std::int32_t readId(GgufFields& fields, std::string_view key, std::size_t vocab) {
    const auto id = fields.integer(key);
    if (!id || *id == -1 || *id == kNoToken) return -1;
    if (*id >= 0 && *id < std::int64_t(vocab)) return std::int32_t(*id);
    fields.fail(std::string(key) + " is " + std::to_string(*id) + ", the vocabulary has " + std::to_string(vocab) +
                " tokens.");
    return -1;
}

void readIds(GgufFields& fields, TokenizerSpec& spec) {
    const std::size_t vocab = spec.tokens.size();
    spec.bos = readId(fields, "tokenizer.ggml.bos_token_id", vocab);
    spec.eos = readId(fields, "tokenizer.ggml.eos_token_id", vocab);
    spec.unknown = readId(fields, "tokenizer.ggml.unknown_token_id", vocab);
    for (const std::string_view key : {"tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"})
        addEndToken(spec, readId(fields, key, vocab));
}

/// What the file leaves unsaid follows from the kind of tokenizer, as in llama.cpp.
void readHabits(GgufFields& fields, TokenizerSpec& spec) {
    const bool sentence_piece = spec.spellsSpaces(), unigram = spec.kind == TokenizerKind::SentencePieceUnigram;
    spec.pre = fields.text("tokenizer.ggml.pre", "default");
    spec.ignore_merges =
        !sentence_piece && std::find(kWholeWordFirst.begin(), kWholeWordFirst.end(), spec.pre) != kWholeWordFirst.end();
    spec.add_bos = fields.flag("tokenizer.ggml.add_bos_token", (sentence_piece && !unigram) || spec.ignore_merges);
    spec.add_eos = fields.flag("tokenizer.ggml.add_eos_token", unigram);
    spec.add_space_prefix = fields.flag("tokenizer.ggml.add_space_prefix", sentence_piece);
    spec.byte_fallback = sentence_piece;
    spec.merge_spaces = fields.flag("tokenizer.ggml.remove_extra_whitespaces", false);
    for (const std::int64_t byte : fields.integers("tokenizer.ggml.precompiled_charsmap"))
        spec.char_map += char(static_cast<unsigned char>(byte));
}

/// What Lectern's own files say beyond GGUF's keys.
void readOwn(GgufFields& fields, TokenizerSpec& spec) {
    if (!fields.has("lectern.tokenizer.regexes")) return;
    spec.pre_regexes = fields.texts("lectern.tokenizer.regexes");
    spec.pre = fields.text("lectern.tokenizer.pre");
    const std::string form = fields.text("lectern.tokenizer.normal_form");
    if (!form.empty() && form != "NFC" && form != "NFKC")
        fields.fail("lectern.tokenizer.normal_form is '" + printable(form) + "'; Lectern knows: NFC, NFKC.");
    spec.normal_form = form == "NFC" ? NormalForm::Nfc : form == "NFKC" ? NormalForm::Nfkc : NormalForm::None;
    for (const auto& [key, flag] : ownFlags(spec)) *flag = fields.flag(key, *flag);
    if (fields.flag("lectern.tokenizer.by_rank", false) && !spec.merges.empty()) spec.scores.clear();
    for (const std::int64_t id : fields.integers("lectern.tokenizer.end_of_turn")) addEndToken(spec, id);
}

/// For programs that merge by score: the earlier a piece is made, the higher.
std::vector<float> scoresByRank(const TokenizerSpec& spec) {
    std::unordered_map<std::string, std::size_t> ranks;
    for (std::size_t rank = 0; rank < spec.merges.size(); ++rank)
        ranks.try_emplace(spec.merges[rank].first + spec.merges[rank].second, rank);
    std::vector<float> scores;
    for (const std::string& token : spec.tokens) {
        const auto found = ranks.find(token);
        scores.push_back(-float(found != ranks.end() ? found->second : ranks.size()));
    }
    return scores;
}

}  // namespace

TokenizerSpec readGgufTokenizer(GgufFields& fields) {
    TokenizerSpec spec;
    spec.kind = readKind(fields);
    spec.tokens = fields.texts("tokenizer.ggml.tokens");
    spec.scores = fields.reals("tokenizer.ggml.scores");
    spec.types = readTypes(fields);
    spec.merges = readMerges(fields);
    if (spec.tokens.empty()) fields.fail("tokenizer.ggml.tokens is missing or empty.");
    if (spec.spellsSpaces() && spec.scores.empty())
        fields.fail("tokenizer.ggml.scores is missing; a SentencePiece vocabulary needs scores.");
    if (spec.kind == TokenizerKind::ByteLevelBpe && spec.merges.empty())
        fields.fail("tokenizer.ggml.merges is missing; a byte-level vocabulary needs merges.");
    readHabits(fields, spec);
    readIds(fields, spec);
    readOwn(fields, spec);
    return spec;
}

void writeGgufTokenizer(const TokenizerSpec& spec, GgufFileWriter& out) {
    const bool sentence_piece = spec.spellsSpaces(), unigram = spec.kind == TokenizerKind::SentencePieceUnigram;
    const bool by_rank = sentence_piece && spec.scores.empty();
    out.text("tokenizer.ggml.model", unigram ? "t5" : sentence_piece ? "llama" : "gpt2");
    out.text("tokenizer.ggml.pre", sentence_piece ? "default" : preTokenizerName(spec.pre, spec.pre_regexes));
    out.texts("tokenizer.ggml.tokens", spec.tokens);
    if (sentence_piece || !spec.scores.empty())
        out.reals("tokenizer.ggml.scores", by_rank ? scoresByRank(spec) : spec.scores);
    std::vector<std::int32_t> types(spec.tokens.size(), std::int32_t(TokenType::Normal));
    for (std::size_t i = 0; i < spec.types.size(); ++i) types[i] = std::int32_t(spec.types[i]);
    out.integers("tokenizer.ggml.token_type", types);
    std::vector<std::string> merges;
    for (const auto& [left, right] : spec.merges) (merges.emplace_back(left) += ' ') += right;
    if (!merges.empty()) out.texts("tokenizer.ggml.merges", merges);
    const std::pair<const char*, std::int32_t> ids[] = {{"tokenizer.ggml.bos_token_id", spec.bos},
                                                        {"tokenizer.ggml.eos_token_id", spec.eos},
                                                        {"tokenizer.ggml.unknown_token_id", spec.unknown}};
    for (const auto& [key, id] : ids)
        if (id >= 0) out.number(key, std::uint32_t(id));
    out.flag("tokenizer.ggml.add_bos_token", spec.add_bos);
    out.flag("tokenizer.ggml.add_eos_token", spec.add_eos);
    out.flag("tokenizer.ggml.add_space_prefix", spec.add_space_prefix);
    out.flag("tokenizer.ggml.remove_extra_whitespaces", spec.merge_spaces);
    if (!spec.char_map.empty()) out.bytes("tokenizer.ggml.precompiled_charsmap", spec.char_map);
    out.texts("lectern.tokenizer.regexes", spec.pre_regexes);
    out.text("lectern.tokenizer.pre", spec.pre);
    if (spec.normal_form != NormalForm::None)
        out.text("lectern.tokenizer.normal_form", spec.normal_form == NormalForm::Nfc ? "NFC" : "NFKC");
    out.flag("lectern.tokenizer.by_rank", by_rank);
    TokenizerSpec copy = spec;
    for (const auto& [key, flag] : ownFlags(copy)) out.flag(key, *flag);
    out.integers("lectern.tokenizer.end_of_turn", spec.end_of_turn);
}

}  // namespace lectern
