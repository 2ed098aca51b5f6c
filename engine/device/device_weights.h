// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include "engine/device/device.h"
#include "engine/model/model.h"

namespace lectern {

/// One layer's weights in device memory; vectors are null where the model has none.
struct DeviceLayerWeights {
    const float *attn_norm = nullptr, *ffn_norm = nullptr;            ///< [hidden]
    const float *post_attn_norm = nullptr, *post_ffn_norm = nullptr;  ///< [hidden], of what a sublayer gives
    const float *q_bias = nullptr, *k_bias = nullptr, *v_bias = nullptr, *o_bias = nullptr;
    const float *gate_bias = nullptr, *up_bias = nullptr, *down_bias = nullptr;
    const float *q_norm = nullptr, *k_norm = nullptr;  ///< [d]
    kernels::DeviceWeights q, k, v, o;
    kernels::DeviceWeights gate, up, down;  ///< of a layer with experts those of the first one, see expertOf()
    kernels::DeviceWeights router;          ///< rows 0: there are no experts
};

/// A model's weights in device memory, of every type as many bytes as in the file. Immutable once uploaded.
class DeviceModel {
public:
    /// Bytes of device memory that upload() takes.
    static std::uint64_t bytes(const Model& model);
    /// Why the device does not compute with this model, or nothing. Names the shape.
    static Status served(const Model& model);
    /// Copies everything through pinned memory; returns when it is there. Errors: NoRoom; Failed.
    static Result<std::unique_ptr<DeviceModel>> upload(const std::shared_ptr<Device>& device, const Model& model);

    /// Up to how many tokens the products that read weights as they lie are the faster ones.
    int mostFewRows() const { return m_few_rows; }

    kernels::DeviceWeights embedding, output;
    const float* final_norm = nullptr;
    std::vector<DeviceLayerWeights> layers;

private:
    struct Staging;
    DeviceModel() = default;
    kernels::DeviceWeights matrix(Staging& staging, const WeightView& view);
    kernels::DeviceWeights experts(Staging& staging, const LayerWeights& w, WeightView Expert::*which);
    const float* vector(Staging& staging, const std::vector<float>& x);
    std::byte* take(std::size_t bytes);

    DeviceBuffer m_memory;
    std::size_t m_taken = 0;
    int m_few_rows = 8;  ///< two times those of a product; of weights without blocks one time, each for itself
};

}  // namespace lectern
