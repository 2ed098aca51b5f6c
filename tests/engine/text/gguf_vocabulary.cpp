// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/engine/text/gguf_vocabulary.h"

#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "tests/engine/text/test_files.h"

namespace lectern::test {
namespace {

enum GgufType { kUint32 = 4, kInt32 = 5, kFloat32 = 6, kBool = 7, kString = 8, kArray = 9 };

struct Value {
    std::uint64_t number = 0;
    std::string text;
    std::vector<std::string> texts;
    std::vector<float> floats;
    std::vector<std::int32_t> ints;
};

class MetadataReader {
public:
    explicit MetadataReader(const std::string& bytes) : m_bytes(bytes) {}

    std::map<std::string, Value> read() {
        m_at = 16;  // magic, version, number of tensors
        std::map<std::string, Value> values;
        for (auto left = take<std::uint64_t>(); left-- > 0;) {
            const std::string key = string();
            values[key] = value(int(take<std::uint32_t>()));
        }
        return values;
    }

private:
    template <typename T>
    T take() {
        T number{};
        std::memcpy(&number, m_bytes.data() + m_at, sizeof number);
        m_at += sizeof number;
        return number;
    }
    std::string string() {
        const auto size = std::size_t(take<std::uint64_t>());
        m_at += size;
        return m_bytes.substr(m_at - size, size);
    }
    std::uint64_t number(int type) {
        if (type == 0 || type == 1 || type == kBool) return take<std::uint8_t>();
        if (type == 2 || type == 3) return take<std::uint16_t>();
        return type <= kFloat32 ? take<std::uint32_t>() : take<std::uint64_t>();
    }
    Value value(int type) {
        Value value;
        if (type == kString) {
            value.text = string();
        } else if (type == kArray) {
            array(value);
        } else {
            value.number = number(type);
        }
        return value;
    }
    void array(Value& value) {
        const int type = int(take<std::uint32_t>());
        for (auto left = take<std::uint64_t>(); left-- > 0;) {
            if (type == kString) {
                value.texts.push_back(string());
            } else if (type == kFloat32) {
                value.floats.push_back(take<float>());
            } else {
                value.ints.push_back(std::int32_t(number(type)));
            }
        }
    }

    const std::string& m_bytes;
    std::size_t m_at = 0;
};

}  // namespace

std::optional<TokenizerSpec> ggufVocabulary(const std::filesystem::path& file) {
    const std::string bytes = readFile(file);
    if (!bytes.starts_with("GGUF")) return std::nullopt;
    const auto values = MetadataReader(bytes).read();
    const auto get = [&](const std::string& key) {
        const auto found = values.find("tokenizer.ggml." + key);
        return found == values.end() ? Value() : found->second;
    };
    TokenizerSpec spec;
    spec.kind = get("model").text == "gpt2" ? TokenizerKind::ByteLevelBpe : TokenizerKind::SentencePieceBpe;
    spec.pre = get("pre").text;
    spec.tokens = get("tokens").texts;
    spec.scores = get("scores").floats;
    for (const auto type : get("token_type").ints) spec.types.push_back(TokenType(type));
    for (const auto& merge : get("merges").texts) {
        const auto space = merge.find(' ', 1);
        spec.merges.emplace_back(merge.substr(0, space), merge.substr(space + 1));
    }
    spec.bos = std::int32_t(get("bos_token_id").number);
    spec.eos = std::int32_t(get("eos_token_id").number);
    return spec;
}

}  // namespace lectern::test
