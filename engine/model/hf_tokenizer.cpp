// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/model/hf_tokenizer.h"

#include "engine/base/mapped_file.h"
#include "engine/model/json_object.h"
#include "engine/model/model_limits.h"
#include "engine/model/vocabulary_checks.h"
#include "engine/text/tokenizer.h"

namespace lectern {
namespace {

bool isFile(const std::filesystem::path& path) {
    std::error_code ignored;
    return std::filesystem::is_regular_file(path, ignored);
}

Result<TokenizerSpec> readSpec(const std::filesystem::path& folder) {
    if (isFile(folder / "tokenizer.json")) return readTokenizerJson(folder / "tokenizer.json");
    const auto model = folder / "tokenizer.model";
    if (isFile(model)) return looksLikeTiktokenRanks(model) ? readTiktokenRanks(model) : readSentencePieceModel(model);
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored))
        if (entry.path().extension() == ".tiktoken") return readTiktokenRanks(entry.path());
    return Error{ErrorCode::BadInput, folder.string() +
                                          " has no tokenizer.json, tokenizer.model or *.tiktoken: get "
                                          "the model's tokenizer too."};
}

/// A list of named templates: "default" is for chat.
std::string namedTemplate(JsonObject& json) {
    for (JsonObject& entry : json.objects("chat_template"))
        if (entry.text("name") == "default") return entry.text("template");
    return {};
}

}  // namespace

Result<TokenizerSpec> readHfTokenizer(const std::filesystem::path& folder, const HfConfig& config) {
    auto spec = readSpec(folder);
    if (!spec) return spec;
    for (const std::int64_t id : config.bos)
        if (spec->bos < 0 && id >= 0 && id < std::int64_t(spec->tokens.size())) spec->bos = std::int32_t(id);
    for (const std::int64_t id : config.eos) addEndToken(*spec, id);
    if (const auto fits = fitVocabulary(*spec, config.model.vocab); !fits)
        return Error{fits.error().code, folder.string() + ": " + fits.error().message};
    return spec;
}

std::string readHfChatTemplate(const std::filesystem::path& folder) {
    if (isFile(folder / "tokenizer_config.json")) {
        auto json = JsonObject::read(folder / "tokenizer_config.json", limits::kConfigBytes);
        if (json && json->has("chat_template"))
            return json->isText("chat_template") ? json->text("chat_template") : namedTemplate(*json);
    }
    const auto file = MappedFile::open(folder / "chat_template.jinja");
    if (!file || file->size() > limits::kChatTemplateBytes) return {};
    return {reinterpret_cast<const char*>(file->bytes().data()), file->bytes().size()};
}

}  // namespace lectern
