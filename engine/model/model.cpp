// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/model/model.h"

#include <bit>
#include <fstream>
#include <optional>

#include "engine/base/content_hash.h"
#include "engine/model/gguf_parts.h"
#include "engine/model/model_readers.h"
#include "engine/model/model_storage.h"

namespace lectern {
namespace {

Error bad(std::string sentence) {
    return {ErrorCode::BadInput, std::move(sentence)};
}

bool beginsWith(const std::filesystem::path& file, std::string_view text) {
    std::string begin(text.size(), '\0');
    std::ifstream in(file, std::ios::binary);
    return in.read(begin.data(), std::streamsize(begin.size())) && begin == text;
}

bool hasGgufMagic(const std::filesystem::path& file) {
    return beginsWith(file, "GGUF");
}

/// The file at `path`, or one of that folder, that is what git has in its place where Git LFS keeps it; else nothing.
std::optional<std::filesystem::path> lfsPointer(const std::filesystem::path& path) {
    constexpr std::string_view kPointer = "version https://git-lfs.github.com/spec/";
    if (beginsWith(path, kPointer)) return path;
    std::error_code none;
    for (auto entry = std::filesystem::directory_iterator(path, none); !none && entry != std::filesystem::end(entry);
         entry.increment(none))
        if (entry->is_regular_file(none) && beginsWith(entry->path(), kPointer)) return entry->path();
    return std::nullopt;
}

void hashConfig(ContentHash& hash, const ModelConfig& c) {
    hash.addText(c.architecture);
    for (const int number :
         {c.layers, c.hidden, c.heads, c.kv_heads, c.head_dim, c.ffn, c.vocab, c.rope.dims, int(c.rope.interleaved)})
        hash.addNumber(std::uint64_t(number));
    const RopeScaling& s = c.rope.scaling;
    const double linear = s.type == RopeScalingType::Linear ? s.factor : 1;
    for (const double number : {double(c.rms_eps), c.rope.theta, linear})
        hash.addNumber(std::bit_cast<std::uint64_t>(number));
    if (s.type != RopeScalingType::None && s.type != RopeScalingType::Linear) {
        hash.addText(scalingName(s.type));
        for (const double number : {s.factor, double(s.original_context), s.attention_factor, s.beta_fast, s.beta_slow,
                                    double(s.whole_pairs), s.low_freq_factor, s.high_freq_factor})
            hash.addNumber(std::bit_cast<std::uint64_t>(number));
    }
    if (s.growth > 0) {
        hash.addNumber(std::bit_cast<std::uint64_t>(s.growth));
        hash.addNumber(std::uint64_t(s.growth_step));
    }
    if (s.type == RopeScalingType::LongRope)
        for (const float divisor : c.rope.divisors) hash.addNumber(std::bit_cast<std::uint32_t>(divisor));
    for (const int window : c.windows) hash.addNumber(std::uint64_t(window));
    if (c.experts > 0) hash.addNumber(std::uint64_t(c.experts_used));
    if (c.other_rope.dims > 0) hash.addNumber(std::bit_cast<std::uint64_t>(c.other_rope.theta));
    for (const bool still : c.other_rope.dims > 0 ? std::vector<bool>() : c.otherwise) hash.addNumber(still ? 1 : 0);
    for (const float cap : {c.score_cap, c.logit_cap})
        if (cap > 0) hash.addNumber(std::bit_cast<std::uint32_t>(cap));
    if (c.query_scale != 1) hash.addNumber(std::bit_cast<std::uint64_t>(c.query_scale));
}

void hashTensors(ContentHash& hash, const TensorTable& tensors) {
    hash.addNumber(tensors.size());
    for (const auto& [name, tensor] : tensors) {
        hash.addText(name);
        hash.addText(tensor.type_name);
        hash.addNumber(tensor.shape.size());
        for (const std::uint64_t extent : tensor.shape) hash.addNumber(extent);
        hash.add(tensor.data);
    }
}

/// Of something that is there.
Result<std::shared_ptr<const Model>> read(const std::filesystem::path& path, std::filesystem::file_status status) {
    if (std::filesystem::is_directory(status)) return readHfModel(path);
    if (!std::filesystem::is_regular_file(status))
        return bad(path.string() + " is neither a file nor a folder: choose a model file or folder.");
    if (hasGgufMagic(path)) return readGgufModel(path);
    if (path.extension() == ".safetensors")
        return bad(path.string() +
                   " holds only weights: open the folder that has it together with config.json and tokenizer.json.");
    return bad(path.string() + " is no model Lectern knows: choose a GGUF file or a Hugging Face folder.");
}

}  // namespace

Result<std::shared_ptr<const Model>> Model::open(const std::filesystem::path& path) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (!std::filesystem::exists(status))
        return Error{ErrorCode::BadInput,
                     path.string() + " does not exist: choose a model file or folder.",
                     {Obstacle::NoModel, {path.string()}}};
    auto model = read(path, status);
    if (const auto pointer = model ? std::nullopt : lfsPointer(path))
        return Error{ErrorCode::BadInput,
                     pointer->string() + " only says where Git LFS keeps the file: get it with 'git lfs pull'.",
                     {Obstacle::BadModel, {path.string()}}};
    if (!model && model.error().code == ErrorCode::BadInput)
        model.error().parts = {Obstacle::BadModel, {path.string()}};
    return model;
}

std::string Model::fingerprint() const {
    return storage->fingerprint(config);
}

const std::string& Model::Storage::fingerprint(const ModelConfig& config) const {
    std::call_once(m_once, [&] {
        for (const MappedFile& file : m_files)
            if (!file.stillWhole()) return;
        ContentHash hash;
        hashConfig(hash, config);
        hashTensors(hash, m_tensors);
        m_fingerprint = hash.digest().hex();
    });
    return m_fingerprint;
}

bool looksLikeModel(const std::filesystem::path& path) {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored))
        return std::filesystem::is_regular_file(path / "config.json", ignored);
    const auto part = ggufPartName(path);
    return (!part || part->part == 1) && std::filesystem::is_regular_file(path, ignored) && hasGgufMagic(path);
}

}  // namespace lectern
