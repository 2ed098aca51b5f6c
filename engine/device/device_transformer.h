// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <initializer_list>
#include <memory>
#include <span>
#include <vector>

#include "engine/device/device_attention.h"
#include "engine/device/device_coder.h"
#include "engine/device/device_weights.h"
#include "engine/infer/forward_pass.h"

namespace lectern {

/// A model on a device: weights and work buffers stay there, pages of the caches come and go. Keys and values of each
/// forward pass come back to the cache before it returns. Of a context that does not fit, the oldest pages stay with
/// the host, which attends to them. One thread.
class DeviceTransformer final : public ForwardPass {
public:
    static constexpr int kRowsBack = 16;        ///< up to here keys and values come back as rows, packed by the host
    static constexpr int kLogitColumns = 8192;  ///< of the output matrix at once, where all tokens want logits

    /// `most_tokens` of one forward pass. `budget`: bytes for pages; 0 = what the device has left.
    /// Errors: Usage, naming what the device does not serve; NoRoom, with numbers, before anything is uploaded; Failed.
    static Result<std::unique_ptr<DeviceTransformer>> make(const std::shared_ptr<Device>& device,
                                                           const std::shared_ptr<const Model>& model, ThreadPool& pool,
                                                           int most_tokens, std::uint64_t budget = 0);

    Status forward(KvCache& cache, std::span<const std::int32_t> tokens, Logits which, float* logits,
                   AttentionMass* mass) override;
    std::uint64_t scratchBytes() const override;
    /// Where the time of all forward passes went, in seconds: pages to the device, the model, keys and values to the
    /// cache, quantizing.
    struct Seconds {
        double bring = 0, compute = 0, take_back = 0, settle = 0;
    };
    const Seconds& seconds() const { return m_seconds; }
    std::uint64_t weightBytes() const { return DeviceModel::bytes(*m_model); }
    std::uint64_t pageBytes() const { return m_pages->allocated(); }      ///< of device memory
    std::uint64_t pageBudget() const { return m_pages->budget(); }        ///< most that pages may take of it
    std::uint64_t hostPageBytes() const { return m_pages->hostBytes(); }  ///< of the last context, with the host alone
    const Device& device() const { return *m_device; }

private:
    /// Where the new tokens of a forward pass go.
    struct Work {
        KvCache& cache;
        const DeviceTable& table;
        int tokens = 0;
        int first_page = 0, end_page = 0;  ///< pages that they fall into
        bool few = false;                  ///< products read weights as they lie, not as fp16
        bool on_host = false;              ///< they are coded at once, by the host
        bool by_page = false;              ///< they come back as pages
        bool by_rows = false;              ///< they come back as rows, packed by the host
        bool at_once = false;              ///< they are packed where their heads are finished: few, in pages in a row
        bool recorded = false;             ///< one token, whose work is recorded and done again
    };
    /// Vectors of all tokens that matrices are multiplied with: one of both.
    struct Input {
        const float* f32 = nullptr;          ///< of few tokens
        const std::uint16_t* f16 = nullptr;  ///< of many
        const float* norm = nullptr;         ///< of few: weights of the norm that is still to come
    };
    struct Product {
        const kernels::DeviceWeights& w;
        float* y;
        const float* bias = nullptr;
    };

    DeviceTransformer(std::shared_ptr<Device> device, std::shared_ptr<const Model> model, ThreadPool& pool);
    Status allocate(int most_tokens);
    Status compute(Work& work, std::span<const std::int32_t> ids, Logits which, float* logits, AttentionMass* mass);
    Status again(Work& work, bool mass, Logits which);
    Status enqueue(Work& work, Logits which);
    void embed(const Work& work);
    Status layer(Work& work, int index);
    void keysAndValues(const Work& work, int index);
    Status append(Work& work, int index);
    Status finishHeads(const Work& work, int index);
    void pack(const Work& work, int index, KvKind kind);
    Status appendOnHost(Work& work, int index);
    Status feedForward(const Work& work, const DeviceLayerWeights& w);
    void oneNetwork(const Work& work, const DeviceLayerWeights& w);
    void activate(int rows, kernels::DeviceOutput out);
    kernels::Gate gate() const;
    Status mixture(const Work& work, const DeviceLayerWeights& w);
    void expertsOf(const Work& work, const DeviceLayerWeights& w, int token, float* sum, bool add);
    Status eachExpert(const Work& work, const DeviceLayerWeights& w, float* sum);
    Result<std::vector<int>> orderPlaces(const Work& work);
    void oneExpert(const DeviceLayerWeights& w, int expert, const kernels::ExpertPlace* places, int count, float* sum);
    void addResult(const Work& work, const kernels::DeviceWeights& w, Input x, const float* bias, const float* norm);
    void addNormed(const Work& work, const float* norm);
    Input normed(const Work& work, const float* weight);
    static Input input(kernels::DeviceOutput written) { return {written.f32, written.f16, nullptr}; }
    kernels::DeviceOutput rows(const Work& work, const DeviceBuffer& f32, const DeviceBuffer& f16) const;
    void products(const Work& work, std::initializer_list<Product> all, Input x, bool add = false);
    void fewRows(const Work& work, kernels::MatvecArgs args, Input x);
    void manyRows(const Product& product, const std::uint16_t* x, int rows, bool add);
    Status output(const Work& work, Logits which, float* logits);
    void lastLogits(const Work& work);
    Status allLogits(const Work& work, float* logits);
    Status takeBack(Work& work);
    Status finished();
    static std::size_t rowPlace(const Work& work, int layer, KvKind kind);
    float* rowsBack(const Work& work, int layer, KvKind kind) const;
    float* fresh(const Work& work, int layer, KvKind kind) const;

    std::shared_ptr<Device> m_device;
    std::shared_ptr<const Model> m_model;
    ThreadPool& m_pool;
    RopeTable m_rope, m_other_rope;  ///< the second of layers that turn otherwise
    std::unique_ptr<DeviceModel> m_weights;
    std::unique_ptr<DeviceAttention> m_attention;
    std::unique_ptr<DevicePages> m_pages;
    DeviceCodecs m_codecs;
    std::unique_ptr<DeviceCoder> m_coder;
    DeviceGraph m_graph;
    Seconds m_seconds;
    Steps m_steps;                  ///< of the forward pass that is running
    DeviceBuffer m_ids;             ///< [tokens], then the first one's place in its page
    DeviceBuffer m_flags;           ///< [layers]: 1 where keys or values are not finite
    DeviceBuffer m_x, m_norm_half;  ///< [tokens][hidden]
    DeviceBuffer m_y;               ///< the same: what a sublayer gave, where it is normed
    DeviceBuffer m_rows;            ///< [layers][2][tokens][kv_heads·d]: keys and values that come back as rows
    DeviceBuffer m_q, m_k, m_v, m_a, m_a_half;  ///< [tokens][heads·d], [tokens][kv_heads·d] ×2, [tokens][heads·d] ×2
    DeviceBuffer m_gate, m_up, m_act, m_act_half;  ///< [tokens][ffn]
    DeviceBuffer m_half;                           ///< a matrix as fp16
    DeviceBuffer m_logits;
    DeviceBuffer m_choices, m_places;     ///< ExpertChoice [tokens][used]; ExpertPlace [tokens·used], expert by expert
    DeviceBuffer m_expert_x, m_expert_y;  ///< [tokens][hidden] of one expert, fp16 and f32
    PinnedBuffer m_host_ids, m_host_flags, m_host_rows, m_host_logits, m_host_choices, m_host_places;
};

}  // namespace lectern
