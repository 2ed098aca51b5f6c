// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/model/llama_weights.h"

#include <cmath>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include "kernels/half.h"

namespace lectern {
namespace {

std::string computable() {
    std::string names;
    for (const WeightType type : kernels::kWeightTypes)
        names += (names.empty() ? "" : ", ") + std::string(kernels::weightBlock(type).name);
    return names;
}

/// Hands out tensors by name and remembers which; the first defect stays.
class Binder {
public:
    Binder(const TensorTable& tensors, const std::filesystem::path& file) : m_tensors(tensors), m_file(file) {}

    bool has(const std::string& name) const { return m_tensors.count(name) != 0; }
    WeightView matrix(const std::string& name, int rows, int cols);
    std::vector<WeightView> stack(const std::string& name, int count, int rows, int cols);
    void refuse(const std::string& name, const std::string& sentence) {
        if (has(name)) fail(name + " " + sentence);
    }
    std::vector<float> vector(const std::string& name, int size);
    std::vector<float> optionalVector(const std::string& name, int size) {
        return has(name) ? vector(name, size) : std::vector<float>();
    }
    void leave(const std::string& name) { m_used.insert(name); }  ///< known, and rightly not used
    void refuseOthers(std::string_view ignored);

    const Status& status() const { return m_status; }

private:
    const StoredTensor* find(const std::string& name, const std::vector<std::uint64_t>& shape);
    void fail(const std::string& sentence) {
        if (m_status) m_status = Error{ErrorCode::BadInput, m_file.string() + ": " + sentence};
    }

    const TensorTable& m_tensors;
    const std::filesystem::path& m_file;
    std::set<std::string, std::less<>> m_used;
    Status m_status;
};

const StoredTensor* Binder::find(const std::string& name, const std::vector<std::uint64_t>& shape) {
    if (!m_status) return nullptr;
    const auto found = m_tensors.find(name);
    if (found == m_tensors.end()) return fail("the tensor " + name + " is missing."), nullptr;
    m_used.insert(name);
    const StoredTensor& tensor = found->second;
    if (tensor.shape != shape)
        return fail(name + " is " + shapeText(tensor.shape) + ", expected " + shapeText(shape) + "."), nullptr;
    if (!tensor.type)
        return fail(name + " is stored as " + tensor.type_name + "; Lectern computes with " + computable() + "."),
               nullptr;
    return &tensor;
}

WeightView Binder::matrix(const std::string& name, int rows, int cols) {
    const StoredTensor* tensor = find(name, {std::uint64_t(rows), std::uint64_t(cols)});
    if (tensor == nullptr) return {};
    return {tensor->data.data(), *tensor->type, rows, cols};
}

/// Rows of a matrix that holds several, from `row` on.
WeightView rowsOf(const WeightView& all, int row, int rows) {
    if (all.data == nullptr) return {};
    return {all.data + std::size_t(row) * kernels::rowBytes(all.type, all.cols), all.type, rows, all.cols};
}

/// `count` matrices in one tensor, one after another.
std::vector<WeightView> Binder::stack(const std::string& name, int count, int rows, int cols) {
    const StoredTensor* tensor = find(name, {std::uint64_t(count), std::uint64_t(rows), std::uint64_t(cols)});
    std::vector<WeightView> all(static_cast<std::size_t>(count));
    if (tensor == nullptr) return all;
    const WeightView whole{tensor->data.data(), *tensor->type, count * rows, cols};
    for (int i = 0; i < count; ++i) all[std::size_t(i)] = rowsOf(whole, i * rows, rows);
    return all;
}

/// Element `i` of a tensor of F32, F16 or BF16.
float elementAt(const StoredTensor& tensor, std::size_t i) {
    if (*tensor.type == WeightType::F32) {
        float value = 0;
        std::memcpy(&value, tensor.data.data() + i * sizeof value, sizeof value);
        return value;
    }
    std::uint16_t bits = 0;
    std::memcpy(&bits, tensor.data.data() + i * sizeof bits, sizeof bits);
    return *tensor.type == WeightType::F16 ? kernels::halfToFloat(bits) : kernels::bf16ToFloat(bits);
}

std::vector<float> Binder::vector(const std::string& name, int size) {
    const StoredTensor* tensor = find(name, {std::uint64_t(size)});
    if (tensor == nullptr) return {};
    if (kernels::blocked(*tensor->type))
        return fail(name + " is a vector stored as " + tensor->type_name + ", expected F32, F16 or BF16."),
               std::vector<float>();
    std::vector<float> out(std::size_t(size), 0.0F);
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = elementAt(*tensor, i);
        if (!std::isfinite(out[i])) fail(name + " holds a number that is not finite; the file is damaged.");
    }
    return out;
}

void Binder::refuseOthers(std::string_view ignored) {
    for (const auto& [name, tensor] : m_tensors)
        if (m_used.count(name) == 0 && !(!ignored.empty() && name.ends_with(ignored)))
            fail("the tensor " + printable(name) + " belongs to a kind of model that Lectern does not open.");
}

/// The router and the experts of a layer.
void bindExperts(Binder& bind, const ModelConfig& c, const LlamaNames& names, const std::string& prefix,
                 LayerWeights& w) {
    const auto weight = [&](std::string_view name) { return prefix + std::string(name) + ".weight"; };
    w.router = bind.matrix(weight(names.router), c.experts, c.hidden);
    w.experts.resize(std::size_t(c.experts));
    if (names.experts.empty()) {
        bind.refuse(prefix + std::string(names.gate) + ".0.weight",
                    "is one expert by itself, as old files have them; Lectern opens files with all experts of a layer "
                    "in one tensor (" +
                        weight(names.expert_gate) + "): convert the model anew.");
        const auto gates = bind.stack(weight(names.expert_gate), c.experts, c.ffn, c.hidden);
        const auto ups = bind.stack(weight(names.expert_up), c.experts, c.ffn, c.hidden);
        const auto downs = bind.stack(weight(names.expert_down), c.experts, c.hidden, c.ffn);
        for (std::size_t i = 0; i < w.experts.size(); ++i) w.experts[i] = {gates[i], ups[i], downs[i]};
        return;
    }
    for (std::size_t i = 0; i < w.experts.size() && bind.status(); ++i) {
        const std::string one = std::string(names.experts) + std::to_string(i) + ".";
        w.experts[i] = {bind.matrix(weight(one + std::string(names.expert_gate)), c.ffn, c.hidden),
                        bind.matrix(weight(one + std::string(names.expert_up)), c.ffn, c.hidden),
                        bind.matrix(weight(one + std::string(names.expert_down)), c.hidden, c.ffn)};
    }
}

void bindMatrices(Binder& bind, const ModelConfig& c, bool fused, const LlamaNames& names, const std::string& prefix,
                  LayerWeights& w) {
    const auto weight = [&](std::string_view name) { return prefix + std::string(name) + ".weight"; };
    const int queries = c.heads * c.head_dim, keys = c.kv_heads * c.head_dim;
    if (fused) {
        const WeightView qkv = bind.matrix(weight(names.qkv), queries + 2 * keys, c.hidden);
        w.q = rowsOf(qkv, 0, queries);
        w.k = rowsOf(qkv, queries, keys);
        w.v = rowsOf(qkv, queries + keys, keys);
        const WeightView gate_up = bind.matrix(weight(names.gate_up), 2 * c.ffn, c.hidden);
        w.gate = rowsOf(gate_up, 0, c.ffn);
        w.up = rowsOf(gate_up, c.ffn, c.ffn);
    } else {
        w.q = bind.matrix(weight(names.q), queries, c.hidden);
        w.k = bind.matrix(weight(names.k), keys, c.hidden);
        w.v = bind.matrix(weight(names.v), keys, c.hidden);
    }
    w.o = bind.matrix(weight(names.o), c.hidden, queries);
    if (c.experts > 0) return bindExperts(bind, c, names, prefix, w);
    if (!fused) {
        w.gate = bind.matrix(weight(names.gate), c.ffn, c.hidden);
        w.up = bind.matrix(weight(names.up), c.ffn, c.hidden);
    }
    w.down = bind.matrix(weight(names.down), c.hidden, c.ffn);
}

LayerWeights bindLayer(Binder& bind, const ModelConfig& c, const ArchitectureTraits& traits, const LlamaNames& names,
                       int layer) {
    const std::string prefix = std::string(names.layer_prefix) + std::to_string(layer) + ".";
    const auto weight = [&](std::string_view name) { return prefix + std::string(name) + ".weight"; };
    const auto bias = [&](std::string_view name) { return prefix + std::string(name) + ".bias"; };
    const int queries = c.heads * c.head_dim, keys = c.kv_heads * c.head_dim;
    LayerWeights w;
    w.attn_norm = bind.vector(weight(names.attn_norm), c.hidden);
    w.ffn_norm = bind.vector(weight(traits.post_norms ? names.pre_ffn_norm : names.ffn_norm), c.hidden);
    if (traits.post_norms) {
        w.post_attn_norm = bind.vector(weight(names.post_attn_norm), c.hidden);
        w.post_ffn_norm = bind.vector(weight(names.post_ffn_norm), c.hidden);
    }
    bindMatrices(bind, c, traits.fused, names, prefix, w);
    if (traits.fused) return w;
    const auto biasOf = [&](std::string_view name, int size) {
        return traits.qkv_bias ? bind.vector(bias(name), size) : bind.optionalVector(bias(name), size);
    };
    w.q_bias = biasOf(names.q, queries);
    w.k_bias = biasOf(names.k, keys);
    w.v_bias = biasOf(names.v, keys);
    w.o_bias = bind.optionalVector(bias(names.o), c.hidden);
    if (c.experts == 0) {
        w.gate_bias = bind.optionalVector(bias(names.gate), c.ffn);
        w.up_bias = bind.optionalVector(bias(names.up), c.ffn);
        w.down_bias = bind.optionalVector(bias(names.down), c.hidden);
    }
    if (!traits.qk_norm) return w;
    w.q_norm = bind.vector(weight(names.q_norm), c.head_dim);
    w.k_norm = bind.vector(weight(names.k_norm), c.head_dim);
    return w;
}

void bindEnds(Binder& bind, Model& model, const LlamaNames& names, bool tie) {
    const std::string embedding(names.embedding), output(names.output);
    const ModelConfig& c = model.config;
    const bool only_output = tie && !bind.has(embedding) && bind.has(output);
    model.tied = tie;
    model.embedding = bind.matrix(only_output ? output : embedding, c.vocab, c.hidden);
    model.output = tie ? model.embedding : bind.matrix(output, c.vocab, c.hidden);
    if (tie) bind.leave(output);
    model.final_norm = bind.vector(std::string(names.final_norm), c.hidden);
}

void bindDivisors(Binder& bind, RopeConfig& rope, const LlamaNames& names) {
    const bool is_long = rope.scaling.type == RopeScalingType::LongRope;
    const std::string name(is_long ? names.long_divisors : names.rope_divisors);
    if (name.empty()) return;
    rope.divisors = is_long ? bind.vector(name, rope.dims / 2) : bind.optionalVector(name, rope.dims / 2);
    if (is_long) bind.leave(std::string(names.short_divisors));
}

}  // namespace

Status bindLlamaWeights(Model& model, const TensorTable& tensors, const ArchitectureTraits& traits,
                        const LlamaNames& names, bool tie, const std::filesystem::path& file) {
    Binder bind(tensors, file);
    bindEnds(bind, model, names, tie);
    for (int layer = 0; layer < model.config.layers && bind.status(); ++layer)
        model.layers.push_back(bindLayer(bind, model.config, traits, names, layer));
    bindDivisors(bind, model.config.rope, names);
    bind.refuseOthers(names.ignored);
    model.weights_bytes = totalBytes(tensors);
    if (!bind.status()) return bind.status();
    const auto sane = checkRope(model.config.rope, model.config.head_dim);
    if (sane) return {};
    return Error{sane.error().code, file.string() + ": " + sane.error().message};
}

double ggufQueryScale(const ModelConfig& c) {
    const int layers_of_largest = c.architecture == "gemma2" ? 46 : c.architecture == "gemma3" ? 62 : 0;
    if (c.layers != layers_of_largest) return 1;
    return std::sqrt(double(c.head_dim) * c.heads / c.hidden);
}

}  // namespace lectern
