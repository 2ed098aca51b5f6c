// SPDX-License-Identifier: GPL-3.0-or-later
// Hugging Face tokenizer.json. What its pipeline asks for and we do not do is refused by name, not left out: ids that
// differ quietly would spoil a model's answers.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "engine/text/base64.h"
#include "engine/text/end_of_turn.h"
#include "engine/text/file_bytes.h"
#include "engine/text/pre_tokenizer_families.h"
#include "engine/text/tokenizer.h"
#include "engine/text/tokenizer_config.h"
#include "engine/text/vocabulary.h"

namespace lectern {
namespace {

using Json = nlohmann::json;
constexpr int kDeepest = 8;  // nesting of "Sequence" steps

/// Member `key` of an object, or null.
const Json& member(const Json& object, const char* key) {
    static const Json kNull;
    if (!object.is_object()) return kNull;
    const auto found = object.find(key);
    return found == object.end() ? kNull : *found;
}

std::string text(const Json& object, const char* key) {
    const Json& value = member(object, key);
    return value.is_string() ? value.get<std::string>() : std::string();
}

bool flag(const Json& object, const char* key, bool otherwise) {
    const Json& value = member(object, key);
    return value.is_boolean() ? value.get<bool>() : otherwise;
}

/// A regex that matches `literal` and nothing else.
std::string escaped(const std::string& literal) {
    std::string regex;
    for (const char c : literal) {
        if (static_cast<unsigned char>(c) < 0x80 && std::isalnum(static_cast<unsigned char>(c)) == 0) regex += '\\';
        regex += c;
    }
    return regex;
}

/// Reads one file into one specification.
class JsonReader {
public:
    explicit JsonReader(std::filesystem::path file) : m_file(std::move(file)) {}
    Result<TokenizerSpec> read();

private:
    Error bad(const std::string& what) const {
        return {ErrorCode::BadInput, m_file.string() + " " + what + ": use a model with another tokenizer."};
    }
    Status readModel(const Json& model, const Json& added);
    Status readVocabulary(const Json& vocab, const Json& added);
    Status readUnigram(const Json& model, const Json& added);
    Status placeAdded(const Json& added, std::size_t limit);
    Status place(const Json& id, const std::string& token, std::size_t limit);
    Status readAdded(const Json& added);
    Status readMerges(const Json& merges);
    Status readMerge(const Json& merge);
    Status readNormalizer(const Json& step, int depth);
    Status readReplace(const Json& step);
    Status readPreTokenizer(const Json& step, int depth);
    Status readSplit(const Json& step);
    Status readMetaspace(const Json& step);
    Status addRegex(const std::string& regex, const Json& step);
    void readPostProcessor(const Json& step, int depth);
    void readTemplate(const Json& single);
    Status decideKind(const Json& root);
    Status finish();

    std::filesystem::path m_file;
    TokenizerSpec m_spec;
    bool m_byte_level = false, m_marks_spaces = false, m_strips_end = false;
};

Result<TokenizerSpec> JsonReader::read() {
    auto bytes = readFileBytes(m_file);
    if (!bytes) return bytes.error();
    const Json root = Json::parse(*bytes, nullptr, false);
    if (!root.is_object()) return bad("is damaged or not JSON");
    m_spec.add_bos = m_spec.add_space_prefix = m_spec.byte_fallback = false;
    if (auto done = readModel(member(root, "model"), member(root, "added_tokens")); !done) return done.error();
    if (auto done = readNormalizer(member(root, "normalizer"), 0); !done) return done.error();
    if (auto done = readPreTokenizer(member(root, "pre_tokenizer"), 0); !done) return done.error();
    readPostProcessor(member(root, "post_processor"), 0);
    if (auto done = decideKind(root); !done) return done.error();
    if (auto done = finish(); !done) return done.error();
    return std::move(m_spec);
}

Status JsonReader::readModel(const Json& model, const Json& added) {
    if (!model.is_object()) return bad("has no model");
    const std::string type = text(model, "type");
    if (type == "Unigram") return readUnigram(model, added);
    if (type != "BPE" && !(type.empty() && model.contains("merges")))
        return bad("holds a tokenizer of type \"" + type.substr(0, 60) + "\", and only BPE and Unigram are supported");
    for (const char* part : {"continuing_subword_prefix", "end_of_word_suffix"})
        if (!text(model, part).empty()) return bad("marks parts of words (" + std::string(part) + ")");
    m_spec.byte_fallback = flag(model, "byte_fallback", false);
    m_spec.ignore_merges = flag(model, "ignore_merges", false);
    if (auto done = readVocabulary(member(model, "vocab"), added); !done) return done;
    if (auto done = readAdded(added); !done) return done;
    if (const std::string unknown = text(model, "unk_token"); !unknown.empty()) {
        m_spec.unknown = tokenIdOf(m_spec, unknown);
        if (m_spec.unknown < 0) return bad("names an unknown token that its vocabulary lacks");
        m_spec.types[std::size_t(m_spec.unknown)] = TokenType::Unknown;
    }
    return readMerges(member(model, "merges"));
}

Status JsonReader::readVocabulary(const Json& vocab, const Json& added) {
    if (!vocab.is_object() || vocab.empty()) return bad("has no vocabulary");
    const std::size_t limit = 2 * (vocab.size() + (added.is_array() ? added.size() : 0)) + 65536;
    for (const auto& [token, id] : vocab.items())
        if (auto done = place(id, token, limit); !done) return done;
    return placeAdded(added, limit);
}

Status JsonReader::placeAdded(const Json& added, std::size_t limit) {
    if (!added.is_array() && !added.is_null()) return bad("has added tokens that are no list");
    for (const Json& token : added)
        if (auto done = place(member(token, "id"), text(token, "content"), limit); !done) return done;
    return {};
}

/// Pieces are a list of [text, score], in the order of their numbers.
Status JsonReader::readUnigram(const Json& model, const Json& added) {
    const Json& vocab = member(model, "vocab");
    if (!vocab.is_array() || vocab.empty()) return bad("has no vocabulary");
    m_spec.kind = TokenizerKind::SentencePieceUnigram;
    m_spec.byte_fallback = flag(model, "byte_fallback", false);
    const std::size_t limit = 2 * (vocab.size() + (added.is_array() ? added.size() : 0)) + 65536;
    for (const Json& piece : vocab) {
        if (!piece.is_array() || piece.size() != 2 || !piece[0].is_string() || !piece[1].is_number())
            return bad("has a piece that is no pair of text and score");
        const std::size_t id = m_spec.tokens.size();
        if (auto done = place(id, piece[0].get<std::string>(), limit); !done) return done;
        m_spec.scores.push_back(piece[1].get<float>());
    }
    if (auto done = placeAdded(added, limit); !done) return done;
    if (auto done = readAdded(added); !done) return done;
    m_spec.scores.resize(m_spec.tokens.size());
    const Json& unknown = member(model, "unk_id");
    if (!unknown.is_number_integer()) return {};
    const auto id = unknown.get<std::int64_t>();
    if (id < 0 || id >= std::int64_t(m_spec.tokens.size()))
        return bad("names an unknown token that its vocabulary lacks");
    m_spec.unknown = std::int32_t(id);
    m_spec.types[std::size_t(id)] = TokenType::Unknown;
    return {};
}

Status JsonReader::place(const Json& id, const std::string& token, std::size_t limit) {
    if (!id.is_number_integer()) return bad("has a token without a number");
    const auto number = id.get<std::int64_t>();
    if (number < 0 || std::uint64_t(number) >= limit)
        return bad("numbers a token " + id.dump() + ", far outside its vocabulary");
    const auto index = std::size_t(number);
    if (index >= m_spec.tokens.size()) {
        m_spec.tokens.resize(index + 1);
        m_spec.types.resize(index + 1, TokenType::Unused);
    }
    const bool byte = m_spec.byte_fallback && token.size() == 6 && token.starts_with("<0x") && token.back() == '>';
    m_spec.tokens[index] = token;
    m_spec.types[index] = byte ? TokenType::Byte : TokenType::Normal;
    return {};
}

Status JsonReader::readAdded(const Json& added) {
    for (const Json& token : added) {
        const auto index = member(token, "id").get<std::size_t>();  // place() checked it
        m_spec.types[index] = flag(token, "special", false) ? TokenType::Control : TokenType::UserDefined;
    }
    return {};
}

Status JsonReader::readMerges(const Json& merges) {
    if (!merges.is_array() && !merges.empty()) return bad("has merges that are no list");
    m_spec.merges.reserve(merges.size());
    for (const Json& merge : merges)
        if (auto done = readMerge(merge); !done) return done;
    return {};
}

Status JsonReader::readMerge(const Json& merge) {
    if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
        m_spec.merges.emplace_back(merge[0].get<std::string>(), merge[1].get<std::string>());
        return {};
    }
    const std::string both = merge.is_string() ? merge.get<std::string>() : std::string();
    const auto space = both.find(' ');
    if (space == both.npos) return bad("has a merge that is no pair");
    if (both.find(' ', space + 1) != both.npos) return {};  // its parts hold spaces, which no spelled text does
    m_spec.merges.emplace_back(both.substr(0, space), both.substr(space + 1));
    return {};
}

Status JsonReader::readNormalizer(const Json& step, int depth) {
    const std::string type = text(step, "type");
    if (step.is_null()) return {};
    if (type == "NFC" || type == "NFKC") {
        m_spec.normal_form = type == "NFC" ? NormalForm::Nfc : NormalForm::Nfkc;
        return {};
    }
    if (type == "Sequence" && depth < kDeepest) {
        for (const Json& inner : member(step, "normalizers"))
            if (auto done = readNormalizer(inner, depth + 1); !done) return done;
        return {};
    }
    if (type == "Prepend" && text(step, "prepend") == kSpaceMark) {
        m_spec.add_space_prefix = true;
        return {};
    }
    if (type == "Replace") return readReplace(step);
    if (type == "Precompiled") {
        auto table = fromBase64(text(step, "precompiled_charsmap"));
        if (!table || !m_spec.char_map.empty()) return bad("has a table of characters that is damaged");
        m_spec.char_map = std::move(*table);
        return {};
    }
    if (type == "Strip" && flag(step, "strip_right", false)) {  // spaces at the beginning: see finish()
        m_strips_end = true;
        return {};
    }
    return bad("changes text before it cuts it (normalizer \"" + type.substr(0, 60) + "\"), which is not supported");
}

/// Spaces become ▁, or runs of them one.
Status JsonReader::readReplace(const Json& step) {
    const Json& pattern = member(step, "pattern");
    const std::string content = text(step, "content");
    if (text(pattern, "String") == " " && content == kSpaceMark) {
        m_marks_spaces = true;
        return {};
    }
    if (text(pattern, "Regex") == " {2,}" && (content == " " || content == kSpaceMark)) {
        m_spec.merge_spaces = true;
        return {};
    }
    return bad("changes text before it cuts it (normalizer \"Replace\"), which is not supported");
}

Status JsonReader::readPreTokenizer(const Json& step, int depth) {
    const std::string type = text(step, "type");
    if (step.is_null()) return {};
    if (type == "Sequence" && depth < kDeepest) {
        for (const Json& inner : member(step, "pretokenizers"))
            if (auto done = readPreTokenizer(inner, depth + 1); !done) return done;
        return {};
    }
    if (type == "Split") return readSplit(step);
    if (type == "Metaspace") return readMetaspace(step);
    if (type == "ByteLevel") {
        m_byte_level = true;
        if (flag(step, "add_prefix_space", true))
            return bad("puts a space before byte-level text, which is not supported");
        if (flag(step, "use_regex", true)) m_spec.pre_regexes.emplace_back(gpt2Regex());
        return {};
    }
    if (type == "Digits") {
        m_spec.pre_regexes.emplace_back(flag(step, "individual_digits", false) ? R"(\p{N})" : R"(\p{N}+)");
        return {};
    }
    if (type == "Punctuation") return addRegex(R"([\p{P}$+<=>^`|~])", step);
    return bad("cuts text in a way that is not supported (pre-tokenizer \"" + type.substr(0, 60) + "\")");
}

Status JsonReader::readSplit(const Json& step) {
    const Json& pattern = member(step, "pattern");
    const std::string literal = text(pattern, "String");
    if (literal == " " && m_marks_spaces) return {};  // no space is left to cut at
    const std::string regex = literal.empty() ? text(pattern, "Regex") : escaped(literal);
    if (regex.empty()) return bad("has a Split without a pattern");
    return addRegex(regex, step);
}

/// Cutting keeps matches and what lies between them ("Isolated"); "Removed" with "invert" does the same where the
/// regex, as in the models that use it, leaves nothing between.
Status JsonReader::addRegex(const std::string& regex, const Json& step) {
    const std::string behavior = text(step, "behavior");
    if (behavior == "Isolated" || behavior.empty() || (behavior == "Removed" && flag(step, "invert", false))) {
        m_spec.pre_regexes.push_back(regex);
    } else if (behavior == "Contiguous") {
        m_spec.pre_regexes.push_back("(?:" + regex + ")+");
    } else {
        return bad("cuts text in a way that is not supported (behavior \"" + behavior.substr(0, 60) + "\")");
    }
    return {};
}

Status JsonReader::readMetaspace(const Json& step) {
    const std::string scheme = text(step, "prepend_scheme");
    if (text(step, "replacement") != kSpaceMark) return bad("marks spaces with something else than ▁");
    m_spec.split_at_spaces = flag(step, "split", true);
    m_marks_spaces = true;
    m_spec.add_space_prefix = scheme.empty() ? flag(step, "add_prefix_space", true) : scheme != "never";
    m_spec.prefix_after_special = scheme != "first";
    m_spec.prefix_if_missing = true;
    return {};
}

void JsonReader::readPostProcessor(const Json& step, int depth) {
    const std::string type = text(step, "type");
    if (type == "Sequence" && depth < kDeepest)
        for (const Json& inner : member(step, "processors")) readPostProcessor(inner, depth + 1);
    if (type == "TemplateProcessing") readTemplate(member(step, "single"));
}

void JsonReader::readTemplate(const Json& single) {
    if (!single.is_array() || single.empty()) return;
    const std::string first = text(member(single.front(), "SpecialToken"), "id");
    const std::string last = text(member(single.back(), "SpecialToken"), "id");
    const std::int32_t begins = first.empty() ? -1 : tokenIdOf(m_spec, first);
    if (begins >= 0) m_spec.bos = begins;
    m_spec.add_bos = begins >= 0;
    if (single.size() < 2 || last.empty()) return;
    m_spec.eos = tokenIdOf(m_spec, last);
    m_spec.add_eos = m_spec.eos >= 0;
}

Status JsonReader::decideKind(const Json& root) {
    const bool unigram = m_spec.kind == TokenizerKind::SentencePieceUnigram;
    m_byte_level = m_byte_level || text(member(root, "decoder"), "type") == "ByteLevel";
    if (m_byte_level) {
        if (unigram) return bad("cuts bytes into unigram pieces, which is not supported");
        m_spec.kind = TokenizerKind::ByteLevelBpe;
        if (m_spec.pre_regexes.empty()) m_spec.pre = "none";
        if (m_marks_spaces || m_spec.add_space_prefix || m_spec.merge_spaces || !m_spec.char_map.empty())
            return bad("mixes bytes and ▁");
        return {};
    }
    if (!unigram) m_spec.kind = TokenizerKind::SentencePieceBpe;
    if (!m_marks_spaces) return bad("is neither a byte-level tokenizer nor one that marks spaces with ▁");
    if (!m_spec.pre_regexes.empty())
        return bad("cuts text by regular expressions and marks spaces, which is not supported");
    return {};
}

Status JsonReader::finish() {
    // Both together are what SentencePiece does; at the beginning the space that is put there takes theirs.
    if (m_spec.merge_spaces != m_strips_end || (m_strips_end && !m_spec.add_space_prefix))
        return bad("merges or strips spaces in a way that is not supported");
    if (auto done = applyTokenizerConfig(m_file.parent_path() / "tokenizer_config.json", m_spec); !done) return done;
    for (const std::string_view name : {"</s>", "<eos>", "<|end_of_text|>", "<|endoftext|>", "<|im_end|>"})
        if (m_spec.eos < 0) m_spec.eos = tokenIdOf(m_spec, name);
    m_spec.add_bos = m_spec.add_bos && m_spec.bos >= 0;
    m_spec.add_eos = m_spec.add_eos && m_spec.eos >= 0;
    addEndOfTurn(m_spec);
    return {};
}

}  // namespace

Result<TokenizerSpec> readTokenizerJson(const std::filesystem::path& file) {
    return JsonReader(file).read();
}

}  // namespace lectern
