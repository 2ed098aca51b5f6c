// SPDX-License-Identifier: GPL-3.0-or-later
// The made-up layer of the decode tests in device memory, for checks and benchmarks.
#pragma once

#include "kernels/cuda/attend_merge.h"
#include "tests/gpu/kernel_check.cuh"
#include "tests/kernels/cuda/decode_case.h"

namespace lectern::gpu {

using test::DecodeShape;
using test::HostLayer;

/// A HostLayer on the device. Page i is a copy of packed page i % packed, at an address of its own.
class DeviceLayer {
public:
    explicit DeviceLayer(const HostLayer& host);
    /// All but the outputs.
    kernels::DecodeArgs args() const { return m_args; }
    /// Floats that the states of a plan's splits take.
    std::size_t stateFloats(const kernels::DecodePlan& plan) const;
    /// The attention and the merge of its splits. `states` [stateFloats(plan)].
    void attend(const kernels::DecodePlan& plan, float* states, cudaStream_t stream) const;
    DeviceArray<float> out, total, group_lse;  ///< [heads][head_dim], [heads], DecodeArgs::group_lse

private:
    DeviceArray<std::byte> m_keys, m_values;
    DeviceArray<const std::byte*> m_key_pages, m_value_pages;
    DeviceArray<float> m_key_offset, m_key_range, m_key_book, m_value_book;
    DeviceArray<float> m_q, m_page_angles, m_offset_cos, m_offset_sin;
    kernels::DecodeArgs m_args;
};

}  // namespace lectern::gpu
