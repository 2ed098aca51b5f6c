// SPDX-License-Identifier: GPL-3.0-or-later
// Writes what the corpora begin with, all of it our own:  write_corpus tests/fuzz/corpus
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "engine/calibrate/calibration.h"
#include "engine/document/page_wire.h"
#include "engine/kv/statistics_collector.h"
#include "engine/session_records.h"
#include "engine/session_summaries.h"
#include "tests/engine/model/micro_gguf.h"
#include "tests/fuzz/targets.h"

namespace lectern::test {
namespace {

namespace fs = std::filesystem;

class Corpus {
public:
    explicit Corpus(fs::path root) : m_root(std::move(root)) {}
    void add(const char* target, const char* name, const std::string& bytes) const {
        fs::create_directories(m_root / target);
        std::ofstream(m_root / target / name, std::ios::binary) << bytes;
    }

private:
    fs::path m_root;
};

std::string number(std::uint64_t value, std::size_t bytes) {
    return {reinterpret_cast<const char*>(&value), bytes};
}

/// The smallest model, its matrices in blocks of `type` (as GGUF numbers it), of 32 elements and `bytes`.
MicroGguf small(std::uint32_t type = 2, std::size_t bytes = 18) {
    using M = MicroGguf;
    MicroGguf file;
    const auto matrix = [&](const char* name, std::size_t rows, std::size_t cols) {
        file.tensor(name, {cols, rows}, type, rows * cols / 32 * bytes);
    };
    matrix("token_embd.weight", M::kVocab, M::kHidden);
    matrix("blk.0.attn_q.weight", M::kHeads * M::kHeadDim, M::kHidden);
    matrix("blk.0.attn_k.weight", M::kKvHeads * M::kHeadDim, M::kHidden);
    matrix("blk.0.attn_v.weight", M::kKvHeads * M::kHeadDim, M::kHidden);
    matrix("blk.0.attn_output.weight", M::kHidden, M::kHeads * M::kHeadDim);
    matrix("blk.0.ffn_gate.weight", M::kFfn, M::kHidden);
    matrix("blk.0.ffn_up.weight", M::kFfn, M::kHidden);
    matrix("blk.0.ffn_down.weight", M::kHidden, M::kFfn);
    return file;
}

void addGguf(const Corpus& corpus) {
    corpus.add("gguf", "llama", small().writer().bytes());
    MicroGguf scaled = small(20, 18);
    scaled.string("llama.rope.scaling.type", "yarn");
    scaled.f32("llama.rope.scaling.factor", 4);
    scaled.u32("llama.rope.scaling.original_context_length", 32);
    scaled.u32("llama.attention.sliding_window", 16);
    scaled.string("tokenizer.chat_template", "{{ messages[0].content }}");
    scaled.matrix("output.weight", MicroGguf::kVocab, MicroGguf::kHidden);
    corpus.add("gguf", "scaled", scaled.writer().bytes());
    MicroGguf bytes = small();
    bytes.string("tokenizer.ggml.model", "gpt2");
    bytes.string("tokenizer.ggml.pre", "llama-bpe");
    bytes.set("tokenizer.ggml.tokens", [](GgufWriter& out, const std::string& key) {
        out.strings(key, {"<unk>", "<s>", "</s>", "\u0120", "a", "b", "ab", "\u0120a"});
    });
    bytes.drop("tokenizer.ggml.scores");
    bytes.set("tokenizer.ggml.merges", [](GgufWriter& out, const std::string& key) {
        out.strings(key, {"a b", "\u0120 a"});
    });
    corpus.add("gguf", "byte-level", bytes.writer().bytes());
    corpus.add("gguf", "no-keys", MicroGguf::empty().writer().header());
}

void addSafetensors(const Corpus& corpus) {
    const auto file = [](const std::string& header, std::size_t data) {
        return number(header.size(), 8) + header + std::string(data, '\x11');
    };
    corpus.add("safetensors", "two",
               file(R"({"__metadata__":{"format":"pt"},)"
                    R"("b":{"dtype":"F16","shape":[2,8],"data_offsets":[32,64]},)"
                    R"("a":{"dtype":"F32","shape":[8],"data_offsets":[0,32]}}  )",
                    64));
    corpus.add("safetensors", "empty", file("{}", 0));
    corpus.add("safetensors", "scalar", file(R"({"x":{"dtype":"BF16","shape":[],"data_offsets":[0,2]}})", 2));
}

void addHfConfig(const Corpus& corpus) {
    const std::string shape = R"("hidden_act": "silu", "hidden_size": 64, "intermediate_size": 128, "vocab_size": 352,
 "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16, "rms_norm_eps": 1e-05,
 "max_position_embeddings": 2048, "rope_theta": 10000.0, "bos_token_id": 1, "eos_token_id": [2, 3],)";
    corpus.add("hf_config", "llama",
               R"({"architectures": ["LlamaForCausalLM"], "model_type": "llama", )" + shape +
                   R"("rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0,
 "high_freq_factor": 4.0, "original_max_position_embeddings": 64}, "tie_word_embeddings": true})");
    corpus.add("hf_config", "qwen2",
               R"({"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", )" + shape +
                   R"("rope_scaling": {"type": "yarn", "factor": 4.0,
 "original_max_position_embeddings": 64}, "sliding_window": 16, "use_sliding_window": true, "max_window_layers": 1})");
    corpus.add("hf_config", "phi3",
               R"({"architectures": ["Phi3ForCausalLM"], "model_type": "phi3", )" + shape +
                   R"("original_max_position_embeddings": 64, "partial_rotary_factor": 0.5,
 "rope_scaling": {"type": "longrope", "short_factor": [1, 1, 1, 1], "long_factor": [1, 2, 3, 4]}})");
    corpus.add("hf_config", "gemma2",
               R"({"architectures": ["Gemma2ForCausalLM"], "hidden_size": 64, "intermediate_size": 128,
 "num_hidden_layers": 2, "attn_logit_softcapping": 50.0, "final_logit_softcapping": null, "query_pre_attn_scalar": 144})");
    corpus.add("hf_config", "gemma3-images",
               R"({"architectures": ["Gemma3ForConditionalGeneration"], "eos_token_id": [1, 106],
 "text_config": {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "sliding_window": 16,
 "rope_scaling": {"factor": 8.0, "rope_type": "linear"}}, "vision_config": {}})");
}

void addTokenizerJson(const Corpus& corpus) {
    corpus.add("tokenizer_json", "sentencepiece", R"({"added_tokens": [{"id": 0, "content": "<unk>", "special": true},
 {"id": 1, "content": "<s>", "special": true}, {"id": 9, "content": "<tool>", "special": false}],
 "normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"},
  {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]}, "pre_tokenizer": null,
 "post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}},
  {"Sequence": {"id": "A"}}]},
 "model": {"type": "BPE", "unk_token": "<unk>", "byte_fallback": true, "vocab": {"<unk>": 0, "<s>": 1, "<0x21>": 2,
  "▁": 3, "a": 4, "l": 5, "aa": 6, "▁aa": 7, "ll": 8}, "merges": ["a a", ["▁", "aa"], "l l"]}})");
    corpus.add("tokenizer_json", "byte-level", R"({"added_tokens": [{"id": 7, "content": "</s>", "special": true}],
 "normalizer": {"type": "NFC"}, "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
  {"type": "Split", "pattern": {"Regex": "(?i:'s|'t)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|\\s+(?!\\S)|\\s+"},
   "behavior": "Isolated", "invert": false}, {"type": "Digits", "individual_digits": true},
  {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}]}, "decoder": {"type": "ByteLevel"},
 "model": {"type": "BPE", "ignore_merges": true, "vocab": {"l": 0, "o": 1, "lo": 2, "Ġ": 3, "1": 4, "-": 5, "Ġlo": 6},
  "merges": ["l o", "Ġ lo"]}})");
    corpus.add("tokenizer_json", "metaspace", R"({"pre_tokenizer": {"type": "Metaspace", "replacement": "▁",
 "prepend_scheme": "first", "split": false}, "model": {"type": "BPE", "byte_fallback": false, "unk_token": "u",
 "vocab": {"u": 0, "▁": 1, "e": 2, "▁e": 3}, "merges": ["▁ e"]}, "added_tokens": null})");
    corpus.add("tokenizer_json", "foreign-regex",
               R"({"pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Split",
 "pattern": {"Regex": "(a+a+)+b|x{2,9}|[\\x{3040}-\\x{309F}]"}, "behavior": "Isolated"},
 {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}]},
 "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "aa": 2}, "merges": ["a a"]}})");
}

/// Fields of a protobuf message: texts, numbers and floats.
std::string field(int id, const std::string& bytes) {
    return std::string{char(id << 3 | 2), char(bytes.size())} + bytes;
}
std::string field(int id, unsigned value) {
    return (id < 16 ? std::string{char(id << 3)} : std::string{char(0x80 | (id << 3 & 0x7F)), char(id >> 4)}) +
           char(value);
}
std::string piece(const std::string& text, float score, unsigned type) {
    std::uint32_t bits = 0;
    static_assert(sizeof bits == sizeof score);
    std::copy_n(reinterpret_cast<const char*>(&score), sizeof score, reinterpret_cast<char*>(&bits));
    return field(1, field(1, text) + std::string{char(2 << 3 | 5)} + number(bits, 4) + field(3, type));
}

void addSentencePiece(const Corpus& corpus) {
    std::string pieces = piece("<unk>", 0, 2) + piece("<s>", 0, 3) + piece("</s>", 0, 3);
    float score = 0;
    for (const char* text : {"▁", "a", "aa", "l", "ll", "▁w", "aaaa"}) pieces += piece(text, --score, 1);
    const std::string normal = field(3, field(3, 1U));
    corpus.add("sentencepiece", "bpe", pieces + field(2, field(3, 2U)) + normal);
    corpus.add("sentencepiece", "bytes",
               pieces + piece("<0xFF>", 0, 6) + piece("<tool>", 0, 4) +
                   field(2, field(3, 2U) + field(24, 1U) + field(35, 1U) + field(40, 0U) + field(42, 2U)) + normal);
    corpus.add("sentencepiece", "unigram", pieces + field(2, field(3, 1U)) + normal);
}

void addTemplates(const Corpus& corpus) {
    corpus.add("chat_template", "loop", R"({{ bos_token }}{% for m in messages %}{% if m.role == 'system' -%}
 [{{ m['content'] | trim }}]{% elif loop.first or not loop.last %}<{{ m.role }}>{{ m.content }}{{ eos_token }}
{%- else %}{{ loop.index0 ~ '/' ~ loop.length }}{% endif %}{% endfor %}{% if add_generation_prompt %}A:{% endif %})");
    corpus.add("chat_template", "namespace", R"({% set ns = namespace(last='', n=0) %}{% for m in messages[1:] %}
{% set ns.n = ns.n + 1 %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('order') }}{% endif %}
{% set ns.last = m.content.split('\n')[-1] %}{% endfor %}{{ ns.n }}{{ ns.last | upper }}{{ tools is none }})");
    corpus.add("chat_template", "macro", R"({% macro say(role, text='', end=true) %}{{ '<|' + role + '|>' }}
{{- text.strip().replace('<', '&lt;') }}{{ '\n' if end }}{% endmacro %}{{ say('user', messages[0]['content']) }}
{% for k, v in {'a': [1, 2.5, none], 'b': "x"}.items() %}{{ k }}={{ v | tojson(indent=2) }}{% endfor %}{# done #})");
    corpus.add("chat_template", "filters",
               R"({{ messages | map(attribute='role') | join(', ') }}{{ range(0, n) | list }}
{{ messages | selectattr('role', 'equalto', 'user') | list | length }}{{ x | int // 2 - -3 * 2 % 5 }}
{% filter lower %}ABC {{ [3, 1, 2] | sort(reverse=true) | first }}{% endfilter %}{% set t %}in{% endset %}{{ t[::-1] }})");
}

void addCalibration(const Corpus& corpus, const fs::path& scratch) {
    for (const int shares : {1, 2}) {
        Calibration c;
        c.model = std::string(32, 'a');
        c.shape = {1, 8};
        c.sinks = 5, c.tokens = 2048, c.text = "text.txt";
        for (int share = 0; share < shares; ++share) {
            CalibratedLayer layer;
            layer.offset.assign(8, 0.5F);
            layer.range.assign(8, 2);
            for (auto* kind : {&layer.keys, &layer.values})
                for (int bits = 2; bits <= 4; ++bits)
                    for (int code = 0; code < 1 << bits; ++code)
                        (*kind)[std::size_t(bits) - 2].centroids.push_back(float(2 * code + 1) / float(1 << bits) - 1);
            c.shares.push_back({0.01 * share, {std::size_t(shares), layer}});
        }
        const auto file = scratch / "corpus.kvq";
        if (!saveCalibration(c, file)) std::abort();
        std::ifstream in(file, std::ios::binary);
        std::string bytes((std::istreambuf_iterator<char>(in)), {});
        fs::remove(file);
        bytes.resize(bytes.size() - 4);  // the target adds the checksum
        corpus.add("calibration", shares == 1 ? "one-share" : "two-shares", bytes);
        if (shares == 1) corpus.add("calibration", "head", bytes.substr(0, 80));
    }
}

Citation citation() {
    Citation c;
    c.document_id = 1, c.document = "a.pdf", c.page = 2, c.page_label = "ii", c.share = 0.25F, c.text = "A clerk.";
    c.rects = {{1, 2, 30, 4}};
    return c;
}

void addSessionRecords(const Corpus& corpus) {
    const auto add = [&](const char* name, char kind, const std::string& text) {
        corpus.add("session_records", name, kind + text);
    };
    StoredMessage stored;
    stored.message.question = "Who?", stored.message.answer = "A clerk.", stored.message.citations = {citation()};
    stored.message.documents = {{1, "a.pdf", 0.5F}};
    add("message", 'm', toRecord(1, 2, stored).json);
    SessionDocument document;
    document.info.outline = {{0, "One", 0}, {1, "Two", 3}};
    add("outline", 'd', toRecord(document, 0).outline_json);
    add("citations", 'c', citationsText({citation()}));
    add("settings", 'k', settingsText(*parseKvSettings("nuq3-0.5%@0-1=4/2"), SessionMode::Shelf));
    add("fidelity", 'f', fidelityText({}));
    Comparison comparison;
    comparison.settings.emplace_back();
    add("comparison", 'o', comparisonText(comparison));
    Summary summary;
    summary.request.parts = {{"a.pdf", -1}};
    summary.sections.emplace_back();
    summary.sections[0].citations = {citation()};
    add("summary", 's', summaryText(summary));
    add("statistics", 't', packStatistics(std::vector<LayerCollectors>(1), 8));
    std::string words(2 * sizeof(WordBox), '\0');
    words[4] = 4, words[24] = 5, words[28] = 10;
    add("words", 'w', words);
}

void addWorkerMessages(const Corpus& corpus) {
    const auto add = [&](const char* name, wire::FrameType type, const std::string& payload) {
        corpus.add("worker_messages", name, char(type) + payload);
    };
    add("open", wire::FrameType::Open, wire::encode(wire::OpenCommand{2, 1U << 30, "a.pdf", "secret"}));
    add("draw", wire::FrameType::Draw, wire::encode(wire::DrawCommand{3, 96}));
    add("header", wire::FrameType::Header, wire::encode(wire::Header{"pdf", "Title", "Author", 3}));
    add("failure", wire::FrameType::Failure, wire::encode(wire::Failure{wire::FailureKind::Damaged, "no xref"}));
    PageText page;
    page.label = "ii", page.text = "Two words", page.width = 612, page.height = 792;
    page.words = {{0, 3, {1, 2, 30, 10}}, {4, 9, {40, 2, 50, 10}}};
    add("page", wire::FrameType::Page, wire::encode(7, page));
    wire::OutlineMessage outline;
    outline.items = {{0, "One", 0}, {1, "Two", 3}};
    outline.places = {{"section.1", 2, 100}};
    add("outline", wire::FrameType::Outline, wire::encode(outline));
}

}  // namespace
}  // namespace lectern::test

int main(int count, char** arguments) {
    using namespace lectern::test;
    if (count != 2) return std::fputs("usage: write_corpus FOLDER\n", stderr), 2;
    const Corpus corpus(arguments[1]);
    addGguf(corpus);
    addSafetensors(corpus);
    addHfConfig(corpus);
    addTokenizerJson(corpus);
    addSentencePiece(corpus);
    addTemplates(corpus);
    addCalibration(corpus, arguments[1]);
    addSessionRecords(corpus);
    addWorkerMessages(corpus);
    return 0;
}
