// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/model/convert.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "engine/model/architecture.h"
#include "engine/model/gguf_file_writer.h"
#include "engine/model/gguf_tokenizer.h"
#include "engine/model/llama_weights.h"
#include "engine/model/weight_encoder.h"
#include "kernels/dispatch.h"

namespace lectern {
namespace {

/// What sets a GGUF file apart from the model in memory.
struct Form {
    const ArchitectureTraits* traits = nullptr;  ///< as GGUF has it
    bool interleave = false;                     ///< rows of q and k go from halves (i, i + r/2) to pairs (2i, 2i + 1)
    WeightType type = WeightType::F16;
};

Error cannot(const Model& model, const std::string& what) {
    return {ErrorCode::Usage, "\"" + model.path.string() + "\" cannot be written as GGUF: " + what + "."};
}

Result<Form> formOf(const Model& model, WeightType type) {
    const ModelConfig& c = model.config;
    Form form;
    form.traits = findGgufArchitecture(c.architecture);
    if (form.traits == nullptr) form.traits = findGgufArchitecture("llama");  // Mistral's files say llama
    form.interleave = form.traits->gguf_interleaved && !c.rope.interleaved;
    form.type = type;
    const RopeScaling& s = c.rope.scaling;
    if (s.type == RopeScalingType::Dynamic || s.type == RopeScalingType::LongRope || !s.whole_pairs)
        return cannot(model, "the format cannot say its rotary scaling (" + std::string(scalingName(s.type)) + ")");
    bool alike = true;
    for (std::size_t layer = 0; layer < c.windows.size(); ++layer) {
        const bool whole =
            form.traits->window == WindowRule::Most && (int(layer) + 1) % form.traits->window_period == 0;
        alike = alike && c.windows[layer] == (whole ? 0 : c.windows.front());
    }
    if (!c.windows.empty() && (!alike || form.traits->window == WindowRule::Upper))
        return cannot(model, "the format cannot say which of its layers see only the newest tokens");
    for (int layer = 0; layer < c.layers; ++layer) {
        const bool still = c.turnsOtherwise(layer) && c.other_rope.dims == 0;
        if (still != (form.traits->still_period > 0 && (layer + 1) % form.traits->still_period == 0))
            return cannot(model, "the format cannot say which of its layers do not turn");
    }
    if (s.growth > 0 && !form.traits->grown_queries)
        return cannot(model, "the format cannot say that its queries grow with their position");
    if (form.traits->silent_score_cap > 0 && (c.windows.empty() || c.score_cap == 0 || c.logit_cap == 0))
        return cannot(model, "the format cannot say that it has no windows or caps");
    if (!form.traits->qk_norm && std::abs(c.query_scale / ggufQueryScale(c) - 1) > 1e-6)
        return cannot(model, "the format cannot say by what it divides scores");
    return form;
}

class Converter {
public:
    Converter(const Model& model, const Form& form) : m_model(model), m_form(form) {}

    Result<std::uint64_t> write(const std::filesystem::path& out, const std::function<void(double done)>& progress,
                                std::stop_token stop, ThreadPool* pool) {
        describe();
        addTensors();
        if (auto done = m_out.write(out, progress, stop, pool); !done) return done.error();
        return m_out.bytes();
    }

private:
    std::string key(std::string_view name) const { return std::string(m_form.traits->name) + "." + std::string(name); }

    void describe();
    void describeRope();
    void addTensors();
    void addLayer(const LayerWeights& w, const std::string& prefix);
    void addMatrix(const std::string& name, const std::vector<WeightView>& parts, int heads = 0, bool outer = false);
    void addMatrix(const std::string& name, const std::vector<WeightView>& parts, int heads, WeightType type,
                   int stacked);
    void addExperts(const LayerWeights& w, const std::string& prefix);
    void addVector(const std::string& name, const std::vector<float>& values, int heads = 0, double factor = 1);
    int sourceRow(int row, int heads, int rows) const;

    const Model& m_model;
    const Form& m_form;
    GgufFileWriter m_out;
};

void Converter::describe() {
    const ModelConfig& c = m_model.config;
    m_out.text("general.architecture", m_form.traits->name);
    if (!c.name.empty()) m_out.text("general.name", c.name);
    m_out.number("general.quantization_version", 2);
    const std::array<std::pair<const char*, int>, 8> counts = {{{"block_count", c.layers},
                                                                {"context_length", c.trained_context},
                                                                {"embedding_length", c.hidden},
                                                                {"feed_forward_length", c.ffn},
                                                                {"attention.head_count", c.heads},
                                                                {"attention.head_count_kv", c.kv_heads},
                                                                {"attention.key_length", c.head_dim},
                                                                {"attention.value_length", c.head_dim}}};
    for (const auto& [name, count] : counts) m_out.number(key(name), std::uint32_t(count));
    m_out.number(key("vocab_size"), std::uint32_t(c.vocab));
    if (c.experts > 0) {
        m_out.number(key("expert_count"), std::uint32_t(c.experts));
        m_out.number(key("expert_used_count"), std::uint32_t(c.experts_used));
    }
    m_out.real(key("attention.layer_norm_rms_epsilon"), c.rms_eps);
    if (!c.windows.empty()) m_out.number(key("attention.sliding_window"), std::uint32_t(c.windows.front()));
    if (c.score_cap > 0) m_out.real(key("attn_logit_softcapping"), c.score_cap);
    if (c.logit_cap > 0) m_out.real(key("final_logit_softcapping"), c.logit_cap);
    if (c.other_rope.dims > 0) m_out.real(key("rope.freq_base_swa"), float(c.other_rope.theta));
    describeRope();
    writeGgufTokenizer(m_model.tokenizer, m_out);
    if (!m_model.chat_template.empty()) m_out.text("tokenizer.chat_template", m_model.chat_template);
    if (!m_model.quote_absent.empty()) m_out.text("lectern.quotes.absent", m_model.quote_absent);
}

void Converter::describeRope() {
    const RopeConfig& rope = m_model.config.rope;
    const RopeScaling& s = rope.scaling;
    m_out.number(key("rope.dimension_count"), std::uint32_t(rope.dims));
    m_out.real(key("rope.freq_base"), float(rope.theta));
    if (s.growth > 0) {
        m_out.real(key("attention.temperature_scale"), float(s.growth));
        m_out.number(key("attention.temperature_length"), std::uint32_t(s.growth_step));
    }
    if (s.type != RopeScalingType::Linear && s.type != RopeScalingType::Yarn) return;
    m_out.text(key("rope.scaling.type"), scalingName(s.type));
    m_out.real(key("rope.scaling.factor"), float(s.factor));
    if (s.type == RopeScalingType::Linear) return;
    m_out.number(key("rope.scaling.original_context_length"), std::uint32_t(s.original_context));
    m_out.real(key("rope.scaling.yarn_beta_fast"), float(s.beta_fast));
    m_out.real(key("rope.scaling.yarn_beta_slow"), float(s.beta_slow));
    m_out.real(key("rope.scaling.attn_factor"), float(s.attention_factor / yarnAttentionFactor(s.factor)));
}

/// Where row `row` of a matrix of `heads` heads stands in the model.
int Converter::sourceRow(int row, int heads, int rows) const {
    if (heads == 0 || !m_form.interleave) return row;
    const int d = rows / heads, place = row % d, rotated = m_model.config.rope.dims;
    return place < rotated ? row - place + place / 2 + place % 2 * (rotated / 2) : row;
}

/// The rows of all parts, one after another. `heads`: of a matrix whose rows are turned; `outer`: embedding or output.
void Converter::addMatrix(const std::string& name, const std::vector<WeightView>& parts, int heads, bool outer) {
    const bool finer = outer && (m_form.type == WeightType::Q4_0 || m_form.type == WeightType::Q4_K);
    addMatrix(name, parts, heads, finer ? WeightType::Q8_0 : m_form.type, 0);
}

/// `stacked`: 0, or the number of parts where they stand in a third dimension.
void Converter::addMatrix(const std::string& name, const std::vector<WeightView>& parts, int heads, WeightType type,
                          int stacked) {
    int rows = 0;
    for (const WeightView& part : parts) rows += part.rows;
    const int cols = parts.front().cols;
    const auto values = [this, parts, heads, rows, cols](int begin, int end, float* out) {
        for (int row = begin; row < end; ++row, out += cols) {
            int from = sourceRow(row, heads, rows);
            std::size_t part = 0;
            while (from >= parts[part].rows) from -= parts[part++].rows;
            kernels::bestKernels().weightRows(parts[part], from, from + 1, out);
        }
    };
    m_out.tensor(name, rows, cols, writtenType(type, cols), values, stacked);
}

void Converter::addVector(const std::string& name, const std::vector<float>& values, int heads, double factor) {
    if (values.empty()) return;
    const int size = int(values.size());
    m_out.tensor(name, 0, size, WeightType::F32, [this, &values, heads, size, factor](int, int, float* out) {
        for (int i = 0; i < size; ++i) out[i] = float(values[std::size_t(sourceRow(i, heads, size))] * factor);
    });
}

/// The router stays exact: which expert computes a token hangs on it, and it is small.
void Converter::addExperts(const LayerWeights& w, const std::string& prefix) {
    std::vector<WeightView> gates, ups, downs;
    for (const Expert& expert : w.experts)
        gates.push_back(expert.gate), ups.push_back(expert.up), downs.push_back(expert.down);
    const int count = int(w.experts.size());
    addMatrix(prefix + "ffn_gate_inp.weight", {w.router}, 0, WeightType::F32, 0);
    addMatrix(prefix + "ffn_gate_exps.weight", gates, 0, m_form.type, count);
    addMatrix(prefix + "ffn_up_exps.weight", ups, 0, m_form.type, count);
    addMatrix(prefix + "ffn_down_exps.weight", downs, 0, m_form.type, count);
}

void Converter::addLayer(const LayerWeights& w, const std::string& prefix) {
    const ModelConfig& c = m_model.config;
    addVector(prefix + "attn_norm.weight", w.attn_norm);
    if (m_form.traits->fused) {
        addMatrix(prefix + "attn_qkv.weight", {w.q, w.k, w.v});
        addMatrix(prefix + "ffn_up.weight", {w.gate, w.up});
    } else {
        addMatrix(prefix + "attn_q.weight", {w.q}, c.heads);
        addMatrix(prefix + "attn_k.weight", {w.k}, c.kv_heads);
        addMatrix(prefix + "attn_v.weight", {w.v});
        if (w.experts.empty()) {
            addMatrix(prefix + "ffn_gate.weight", {w.gate});
            addMatrix(prefix + "ffn_up.weight", {w.up});
        }
    }
    addVector(prefix + "attn_q.bias", w.q_bias, c.heads);
    addVector(prefix + "attn_k.bias", w.k_bias, c.kv_heads);
    addVector(prefix + "attn_v.bias", w.v_bias);
    addVector(prefix + "attn_output.bias", w.o_bias);
    addVector(prefix + "ffn_gate.bias", w.gate_bias);
    addVector(prefix + "ffn_up.bias", w.up_bias);
    addVector(prefix + "ffn_down.bias", w.down_bias);
    addVector(prefix + "attn_q_norm.weight", w.q_norm, 0, c.query_scale / ggufQueryScale(c));
    addVector(prefix + "post_attention_norm.weight", w.post_attn_norm);
    addVector(prefix + "post_ffw_norm.weight", w.post_ffn_norm);
    addVector(prefix + "attn_k_norm.weight", w.k_norm);
    addMatrix(prefix + "attn_output.weight", {w.o});
    addVector(prefix + "ffn_norm.weight", w.ffn_norm);
    if (w.experts.empty())
        addMatrix(prefix + "ffn_down.weight", {w.down});
    else
        addExperts(w, prefix);
}

void Converter::addTensors() {
    addMatrix("token_embd.weight", {m_model.embedding}, 0, true);
    addVector("output_norm.weight", m_model.final_norm);
    if (!m_model.tied) addMatrix("output.weight", {m_model.output}, 0, true);
    for (std::size_t layer = 0; layer < m_model.layers.size(); ++layer)
        addLayer(m_model.layers[layer], "blk." + std::to_string(layer) + ".");
    const RopeConfig& rope = m_model.config.rope;
    if (rope.scaling.type != RopeScalingType::Llama3 && rope.divisors.empty()) return;
    RopeConfig plain = rope;  // what is left is what GGUF divides by
    plain.divisors.clear();
    if (rope.scaling.type == RopeScalingType::Llama3) plain.scaling = {};
    const auto before = ropeFrequencies(plain), after = ropeFrequencies(rope);
    std::vector<float> divisors;
    for (std::size_t i = 0; i < after.size(); ++i) divisors.push_back(float(before[i] / after[i]));
    m_out.tensor("rope_freqs.weight", 0, int(divisors.size()), WeightType::F32,
                 [divisors](int, int, float* out) { std::copy(divisors.begin(), divisors.end(), out); });
}

}  // namespace

Result<std::uint64_t> convertModel(const Model& model, WeightType type, const std::filesystem::path& out,
                                   const std::function<void(double done)>& progress, std::stop_token stop,
                                   ThreadPool* pool) {
    std::error_code absent;
    if (std::filesystem::equivalent(model.path, out, absent) || std::filesystem::is_directory(out, absent))
        return cannot(model, "\"" + out.string() + "\" is the model itself or a folder; name another file");
    const auto form = formOf(model, type);
    if (!form) return form.error();
    return Converter(model, *form).write(out, progress, stop, pool);
}

}  // namespace lectern
