// SPDX-License-Identifier: GPL-3.0-or-later
// Files of tiktoken ranks: lines of "BASE64 RANK". The rank of a token is its number and the order of merges: two
// neighbours merge where both together are a token, the lowest rank first.
#include <algorithm>
#include <charconv>
#include <fstream>
#include <unordered_map>

#include "engine/text/base64.h"
#include "engine/text/byte_alphabet.h"
#include "engine/text/end_of_turn.h"
#include "engine/text/file_bytes.h"
#include "engine/text/tokenizer.h"

namespace lectern {
namespace {

constexpr std::size_t kLongestToken = 512;  ///< bytes: finding the parts of one takes the square
constexpr std::size_t kMostRanks = 1 << 21;

using Ranks = std::unordered_map<std::string_view, std::int32_t>;

/// What a rank file leaves unsaid.
struct Family {
    std::string_view name;
    std::size_t ranks;
    std::string_view pre;
    NormalForm normal_form;
    std::string_view bos, eos;
    std::vector<std::string> special;  ///< their numbers follow the ranks
};

void addNumbered(std::vector<std::string>& names, std::string_view stem, int begin, int end) {
    for (int i = begin; i < end; ++i) names.push_back("<|" + std::string(stem) + std::to_string(i) + "|>");
}

/// The special tokens of LLaMA 3.1; LLaMA 3 calls three of them reserved ones.
Family llama3() {
    Family family{"LLaMA 3", 128000, "llama-bpe", NormalForm::None, "<|begin_of_text|>", "<|end_of_text|>", {}};
    family.special = {"<|begin_of_text|>",
                      "<|end_of_text|>",
                      "<|reserved_special_token_0|>",
                      "<|reserved_special_token_1|>",
                      "<|finetune_right_pad_id|>",
                      "<|reserved_special_token_2|>",
                      "<|start_header_id|>",
                      "<|end_header_id|>",
                      "<|eom_id|>",
                      "<|eot_id|>",
                      "<|python_tag|>"};
    addNumbered(family.special, "reserved_special_token_", 3, 248);
    return family;
}

Family qwen() {
    Family family{"Qwen", 151643, "qwen2", NormalForm::Nfc, "", "<|endoftext|>", {}};
    family.special = {"<|endoftext|>", "<|im_start|>", "<|im_end|>"};
    addNumbered(family.special, "extra_", 0, 205);
    return family;
}

constexpr std::size_t kMostWork = std::size_t(1)
                                  << 27;  ///< pairs looked at in one file; the families' take a few millions

/// The two tokens that one falls into when only lower ranks merge: the last merge that makes it. Nothing where it does
/// not come of merges.
std::optional<std::pair<std::string_view, std::string_view>> partsOf(std::string_view token, std::int32_t rank,
                                                                     const Ranks& ranks, std::size_t& work) {
    std::vector<std::size_t> cuts;  // where parts begin, and the end
    for (std::size_t i = 0; i <= token.size(); ++i) cuts.push_back(i);
    while (cuts.size() > 3) {
        work += cuts.size();
        if (work > kMostWork) return std::nullopt;
        std::size_t best = 0;
        std::int32_t lowest = rank;
        for (std::size_t i = 0; i + 2 < cuts.size(); ++i) {
            const auto found = ranks.find(token.substr(cuts[i], cuts[i + 2] - cuts[i]));
            if (found != ranks.end() && found->second < lowest) best = i, lowest = found->second;
        }
        if (lowest == rank) return std::nullopt;
        cuts.erase(cuts.begin() + std::ptrdiff_t(best) + 1);
    }
    return std::pair(token.substr(0, cuts[1]), token.substr(cuts[1]));
}

/// Reads one file into one specification.
class RankReader {
public:
    explicit RankReader(std::filesystem::path file) : m_file(std::move(file)) {}
    Result<TokenizerSpec> read();

private:
    Error bad(const std::string& what) const {
        return {ErrorCode::BadInput, m_file.string() + " " + what + ": get the model's files again."};
    }
    Status readLine(std::string_view line);
    Status fill(const Family& family);

    std::filesystem::path m_file;
    std::vector<std::string> m_tokens;  ///< [rank] bytes
    TokenizerSpec m_spec;
};

Result<TokenizerSpec> RankReader::read() {
    auto bytes = readFileBytes(m_file);
    if (!bytes) return bytes.error();
    const std::string_view all = *bytes;
    for (std::size_t at = 0; at < all.size();) {
        const std::size_t end = std::min(all.find('\n', at), all.size());
        if (auto done = readLine(all.substr(at, end - at)); !done) return done.error();
        at = end + 1;
    }
    for (const Family& family : {llama3(), qwen()}) {
        if (family.ranks != m_tokens.size()) continue;
        if (auto done = fill(family); !done) return done.error();
        return std::move(m_spec);
    }
    return Error{ErrorCode::BadInput, m_file.string() + " has " + std::to_string(m_tokens.size()) +
                                          " ranks, which is no family that Lectern knows (LLaMA 3: 128000, Qwen: "
                                          "151643): use a model with a tokenizer.json."};
}

Status RankReader::readLine(std::string_view line) {
    if (line.empty()) return {};
    const std::string place = " in line " + std::to_string(m_tokens.size() + 1);
    const std::size_t space = line.find(' ');
    auto token = fromBase64(line.substr(0, space));
    std::size_t rank = 0;
    const std::string_view number = space == line.npos ? "" : line.substr(space + 1);
    const auto parsed = std::from_chars(number.data(), number.data() + number.size(), rank);
    if (!token || token->empty() || parsed.ec != std::errc() || parsed.ptr != number.data() + number.size())
        return bad("is damaged or holds no ranks" + place);
    if (rank != m_tokens.size() || rank >= kMostRanks) return bad("has ranks out of order" + place);
    if (token->size() > kLongestToken) return bad("has a token of " + std::to_string(token->size()) + " bytes" + place);
    m_tokens.push_back(std::move(*token));
    return {};
}

Status RankReader::fill(const Family& family) {
    const ByteAlphabet alphabet;
    Ranks ranks;
    std::size_t work = 0;
    ranks.reserve(m_tokens.size());
    m_spec.kind = TokenizerKind::ByteLevelBpe;
    m_spec.pre = family.pre;
    m_spec.normal_form = family.normal_form;
    for (std::size_t rank = 0; rank < m_tokens.size(); ++rank) {
        if (!ranks.try_emplace(m_tokens[rank], std::int32_t(rank)).second)
            return bad("has a token twice (rank " + std::to_string(rank) + ")");
        m_spec.tokens.push_back(alphabet.spell(m_tokens[rank]));
        if (m_tokens[rank].size() < 2) continue;
        const auto parts = partsOf(m_tokens[rank], std::int32_t(rank), ranks, work);
        if (work > kMostWork) return bad("has tokens that take too long to take apart");
        if (parts) m_spec.merges.emplace_back(alphabet.spell(parts->first), alphabet.spell(parts->second));
    }
    m_spec.types.assign(m_spec.tokens.size(), TokenType::Normal);
    for (const std::string& name : family.special) {
        m_spec.tokens.push_back(name);
        m_spec.types.push_back(TokenType::Control);
    }
    m_spec.ignore_merges = true;  // tiktoken looks a whole word up first
    m_spec.add_space_prefix = m_spec.byte_fallback = false;
    const auto number = [&](std::string_view name) {
        const auto found = std::find(family.special.begin(), family.special.end(), name);
        return found == family.special.end()
                   ? -1
                   : std::int32_t(family.ranks) + std::int32_t(found - family.special.begin());
    };
    m_spec.bos = number(family.bos);
    m_spec.eos = number(family.eos);
    m_spec.add_bos = m_spec.bos >= 0;
    addEndOfTurn(m_spec);
    return {};
}

}  // namespace

Result<TokenizerSpec> readTiktokenRanks(const std::filesystem::path& file) {
    return RankReader(file).read();
}

bool looksLikeTiktokenRanks(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::string line(kLongestToken, '\0');
    stream.read(line.data(), std::streamsize(line.size()));
    line.resize(std::size_t(stream.gcount()));
    const std::size_t space = line.find(' ');
    return space != line.npos && space > 0 && fromBase64(std::string_view(line).substr(0, space)) &&
           line.find_first_of("0123456789", space) == space + 1;
}

}  // namespace lectern
