// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/model/gguf.h"
#include "engine/model/gguf_fields.h"
#include "engine/model/gguf_tokenizer.h"
#include "engine/model/llama_weights.h"
#include "engine/model/model_limits.h"
#include "engine/model/model_readers.h"
#include "engine/model/model_storage.h"
#include "engine/model/vocabulary_checks.h"

namespace lectern {
namespace {

constexpr LlamaNames kNames = {.embedding = "token_embd.weight",
                               .final_norm = "output_norm.weight",
                               .output = "output.weight",
                               .layer_prefix = "blk.",
                               .attn_norm = "attn_norm",
                               .q = "attn_q",
                               .k = "attn_k",
                               .v = "attn_v",
                               .o = "attn_output",
                               .ffn_norm = "ffn_norm",
                               .gate = "ffn_gate",
                               .up = "ffn_up",
                               .down = "ffn_down",
                               .ignored = {}};

/// Says what kind of model this is, where it is one that Lectern does not open.
void refuseOthers(GgufFields& fields, const GgufFile& file) {
    const std::string architecture = fields.text("general.architecture");
    if (architecture != "llama")
        fields.fail(architecture.empty()
                        ? "general.architecture is missing."
                        : "general.architecture is '" + printable(architecture) + "'; Lectern opens: llama.");
    if (const int parts = fields.count("split.count", 1); parts > 1)
        fields.fail("this is one of " + std::to_string(parts) +
                    " parts of a model; merge them into one file first (llama-gguf-split --merge).");
    if (fields.count("llama.expert_count", 0) > 0)
        fields.fail("this is a mixture of experts; Lectern opens models with one feed-forward network per layer.");
    if (file.tensors().count("rope_freqs.weight") != 0)
        fields.fail(
            "rope_freqs.weight scales each rotary frequency apart (Llama 3.1 and later), which Lectern does "
            "not do yet.");
}

void readHeads(GgufFields& fields, ModelConfig& c) {
    c.heads = fields.count("llama.attention.head_count");
    c.kv_heads = fields.count("llama.attention.head_count_kv", c.heads);
    const int plain = c.heads > 0 ? c.hidden / c.heads : 0;
    c.head_dim = fields.count("llama.attention.key_length", plain);
    if (!fields.has("llama.attention.key_length") && c.heads > 0 && c.hidden % c.heads != 0)
        fields.fail("llama.embedding_length (" + std::to_string(c.hidden) +
                    ") is not a multiple of llama.attention.head_count (" + std::to_string(c.heads) + ").");
    const int values = fields.count("llama.attention.value_length", c.head_dim);
    if (values != c.head_dim)
        fields.fail("llama.attention.key_length is " + std::to_string(c.head_dim) +
                    " and llama.attention.value_length " + std::to_string(values) + "; Lectern needs them equal.");
}

void readRope(GgufFields& fields, ModelConfig& c) {
    c.rope.interleaved = true;
    c.rope.theta = fields.real("llama.rope.freq_base", 10000.0);
    c.rope.dims = fields.count("llama.rope.dimension_count", c.head_dim);
    const std::string scaling = fields.text("llama.rope.scaling.type", "linear");
    if (scaling != "none" && scaling != "linear")
        fields.fail("llama.rope.scaling.type is '" + printable(scaling) + "'; Lectern knows: none, linear.");
    if (scaling != "linear") return;
    const double factor = fields.real("llama.rope.scaling.factor", fields.real("llama.rope.scale_linear", 1.0));
    c.rope.linear_factor = factor == 0 ? 1 : factor;  // some converters write 0 for none
}

ModelConfig readConfig(GgufFields& fields) {
    ModelConfig c;
    c.architecture = fields.text("general.architecture");
    c.name = fields.text("general.name");
    c.layers = fields.count("llama.block_count");
    c.hidden = fields.count("llama.embedding_length");
    c.ffn = fields.count("llama.feed_forward_length");
    c.trained_context = fields.count("llama.context_length", 0);
    if (!fields.has("llama.attention.layer_norm_rms_epsilon"))
        fields.fail("llama.attention.layer_norm_rms_epsilon is missing.");
    c.rms_eps = float(fields.real("llama.attention.layer_norm_rms_epsilon", 0));
    readHeads(fields, c);
    readRope(fields, c);
    return c;
}

Error inFile(const GgufFile& file, const Error& error) {
    return {error.code, file.path().string() + ": " + error.message};
}

/// Everything but the weights. `model.path` is set.
Status readDescription(Model& model, const GgufFile& file) {
    GgufFields fields(file);
    refuseOthers(fields, file);
    model.config = readConfig(fields);
    model.tokenizer = readGgufTokenizer(fields);
    model.chat_template = fields.text("tokenizer.chat_template");
    model.config.vocab = int(model.tokenizer.tokens.size());
    if (model.chat_template.size() > limits::kChatTemplateBytes)
        fields.fail("tokenizer.chat_template is longer than any template; the file is damaged.");
    if (const int vocab = fields.count("llama.vocab_size", model.config.vocab); vocab != model.config.vocab)
        fields.fail("llama.vocab_size is " + std::to_string(vocab) + ", tokenizer.ggml.tokens has " +
                    std::to_string(model.config.vocab) + " entries.");
    if (!fields.status()) return fields.status();
    if (auto done = checkConfig(model.config); !done) return inFile(file, done.error());
    if (auto done = fitVocabulary(model.tokenizer, model.config.vocab); !done) return inFile(file, done.error());
    return {};
}

}  // namespace

Result<std::shared_ptr<const Model>> readGgufModel(const std::filesystem::path& path) {
    auto file = GgufFile::open(path);
    if (!file) return std::move(file).error();
    auto model = std::make_shared<Model>();
    model->path = path;
    if (auto done = readDescription(*model, *file); !done) return std::move(done).error();
    const bool tie = file->tensors().count(std::string(kNames.output)) == 0;
    if (auto done = bindLlamaWeights(*model, file->tensors(), kNames, tie, path); !done) return std::move(done).error();
    std::vector<MappedFile> files;
    files.push_back(file->takeFile());
    model->storage = std::make_shared<Model::Storage>(std::move(files), file->takeTensors());
    return std::shared_ptr<const Model>(std::move(model));
}

}  // namespace lectern
