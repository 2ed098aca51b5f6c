// SPDX-License-Identifier: GPL-3.0-or-later
// SentencePiece's tokenizer.model, a protobuf message ModelProto:
//   1 pieces (repeated): 1 piece, 2 score (float), 3 type
//   2 trainer_spec: 3 model_type (1 unigram, 2 BPE, 3 word, 4 char), 24 treat_whitespace_as_suffix, 35 byte_fallback,
//     40 unk_id, 41 bos_id, 42 eos_id
//   3 normalizer_spec: 2 precompiled_charsmap, 3 add_dummy_prefix, 4 remove_extra_whitespaces, 5 escape_whitespaces
#include <string>

#include "engine/text/end_of_turn.h"
#include "engine/text/file_bytes.h"
#include "engine/text/protobuf_reader.h"
#include "engine/text/tokenizer.h"

namespace lectern {
namespace {

using Wire = ProtobufField::Wire;

/// Reads one file into one specification.
class ModelReader {
public:
    explicit ModelReader(std::filesystem::path file) : m_file(std::move(file)) {}
    Result<TokenizerSpec> read();

private:
    Error bad(const std::string& what) const {
        return {ErrorCode::BadInput, m_file.string() + " " + what + ": get the model's files again."};
    }
    Status readPiece(std::string_view message);
    Status readTrainer(std::string_view message);
    Status readNormalizer(std::string_view message);
    Status checkIds();

    std::filesystem::path m_file;
    TokenizerSpec m_spec;
    bool m_trained = false, m_normalized = false;
};

Result<TokenizerSpec> ModelReader::read() {
    auto bytes = readFileBytes(m_file);
    if (!bytes) return bytes.error();
    m_spec.byte_fallback = false;
    ProtobufReader reader(*bytes);
    for (ProtobufField field; reader.next(field);) {
        if (field.wire != Wire::Bytes) continue;
        Status done;
        if (field.id == 1) done = readPiece(field.bytes);
        if (field.id == 2) done = readTrainer(field.bytes);
        if (field.id == 3) done = readNormalizer(field.bytes);
        if (!done) return done.error();
    }
    if (reader.broken() || !m_trained || !m_normalized || m_spec.tokens.empty())
        return bad("is damaged or not a SentencePiece model");
    if (auto done = checkIds(); !done) return done.error();
    m_spec.add_bos = m_spec.bos >= 0;
    addEndOfTurn(m_spec);
    return std::move(m_spec);
}

Status ModelReader::readPiece(std::string_view message) {
    std::string piece;
    float score = 0;
    std::uint64_t type = 1;
    ProtobufReader reader(message);
    for (ProtobufField field; reader.next(field);) {
        if (field.id == 1 && field.wire == Wire::Bytes) piece = field.bytes;
        if (field.id == 2 && field.wire == Wire::Fixed32) score = field.asFloat();
        if (field.id == 3 && field.wire == Wire::Varint) type = field.number;
    }
    const std::string place = " (piece " + std::to_string(m_spec.tokens.size()) + ")";
    if (reader.broken()) return bad("is damaged" + place);
    if (piece.empty()) return bad("has an empty piece" + place);
    if (type < 1 || type > 6) return bad("has a piece of unknown type" + place);
    m_spec.tokens.push_back(std::move(piece));
    m_spec.scores.push_back(score);
    m_spec.types.push_back(TokenType(type));
    return {};
}

Status ModelReader::readTrainer(std::string_view message) {
    constexpr const char* kTypes[] = {"", "unigram", "BPE", "word", "character"};
    std::uint64_t type = 1;
    m_trained = true;
    m_spec.unknown = 0, m_spec.bos = 1, m_spec.eos = 2;  // the format's defaults
    ProtobufReader reader(message);
    for (ProtobufField field; reader.next(field);) {
        if (field.wire != Wire::Varint) continue;
        switch (field.id) {
            case 3:
                type = field.number;
                break;
            case 24:
                m_spec.escape_with_suffix = field.number != 0;
                break;
            case 35:
                m_spec.byte_fallback = field.number != 0;
                break;
            case 40:
                m_spec.unknown = field.asInt();
                break;
            case 41:
                m_spec.bos = field.asInt();
                break;
            case 42:
                m_spec.eos = field.asInt();
                break;
            default:
                break;
        }
    }
    if (reader.broken()) return bad("is damaged (trainer settings)");
    if (type == 1) m_spec.kind = TokenizerKind::SentencePieceUnigram;
    if (type == 1 || type == 2) return {};
    return bad("holds a tokenizer of type \"" + std::string(type < std::size(kTypes) ? kTypes[type] : "unknown") +
               "\", and only BPE and unigram are supported");
}

Status ModelReader::readNormalizer(std::string_view message) {
    m_normalized = true;
    m_spec.merge_spaces = true;  // the format's default
    bool marks_spaces = true;
    ProtobufReader reader(message);
    for (ProtobufField field; reader.next(field);) {
        if (field.id == 2 && field.wire == Wire::Bytes) m_spec.char_map = field.bytes;
        if (field.wire != Wire::Varint) continue;
        if (field.id == 3) m_spec.add_space_prefix = field.number != 0;
        if (field.id == 4) m_spec.merge_spaces = field.number != 0;
        if (field.id == 5) marks_spaces = field.number != 0;
    }
    if (reader.broken()) return bad("is damaged (normalizer settings)");
    return marks_spaces ? Status() : Status(bad("does not mark spaces with ▁, which is not supported"));
}

Status ModelReader::checkIds() {
    for (const auto id : {m_spec.unknown, m_spec.bos, m_spec.eos})
        if (id < -1 || id >= std::int32_t(m_spec.tokens.size()))
            return bad("names special token " + std::to_string(id) + ", which is outside its vocabulary");
    return {};
}

}  // namespace

Result<TokenizerSpec> readSentencePieceModel(const std::filesystem::path& file) {
    return ModelReader(file).read();
}

}  // namespace lectern
