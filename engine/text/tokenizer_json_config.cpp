// SPDX-License-Identifier: GPL-3.0-or-later
#include <nlohmann/json.hpp>

#include "engine/text/file_bytes.h"
#include "engine/text/tokenizer_config.h"

namespace lectern {
namespace {

using Json = nlohmann::json;

/// A token as these files spell it: "</s>", or {"content": "</s>", …}.
std::string tokenText(const Json& config, const char* key) {
    const auto found = config.find(key);
    if (found == config.end()) return {};
    const Json& token = found->is_object() && found->contains("content") ? (*found)["content"] : *found;
    return token.is_string() ? token.get<std::string>() : std::string();
}

void takeToken(const Json& config, const char* key, const TokenizerSpec& spec, std::int32_t& id) {
    const std::string token = tokenText(config, key);
    if (token.empty()) return;
    if (const auto known = tokenIdOf(spec, token); known >= 0) id = known;
}

void takeFlag(const Json& config, const char* key, bool& flag) {
    const auto found = config.find(key);
    if (found != config.end() && found->is_boolean()) flag = found->get<bool>();
}

}  // namespace

std::int32_t tokenIdOf(const TokenizerSpec& spec, std::string_view token) {
    for (std::size_t i = spec.tokens.size(); i-- > 0;)
        if (spec.tokens[i] == token) return std::int32_t(i);
    return -1;
}

Status applyTokenizerConfig(const std::filesystem::path& file, TokenizerSpec& spec) {
    std::error_code absent;
    if (!std::filesystem::exists(file, absent)) return {};
    auto bytes = readFileBytes(file);
    if (!bytes) return bytes.error();
    const Json config = Json::parse(*bytes, nullptr, false);
    if (!config.is_object())
        return Error{ErrorCode::BadInput, file.string() + " is not a JSON object: get the model's files again."};
    takeToken(config, "bos_token", spec, spec.bos);
    takeToken(config, "eos_token", spec, spec.eos);
    takeFlag(config, "add_bos_token", spec.add_bos);
    takeFlag(config, "add_eos_token", spec.add_eos);
    return {};
}

}  // namespace lectern
