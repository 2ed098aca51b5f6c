// SPDX-License-Identifier: GPL-3.0-or-later
// A made-up layer with packed pages, on the host and on the device, for checks and benchmarks of decode attention.
#pragma once

#include <string>
#include <vector>

#include "kernels/cuda/attend_decode.h"
#include "tests/gpu/device_memory.h"

namespace lectern::test {

using kernels::KvBlockLayout;
using kernels::KvKind;

enum class Fill { Normal, OutlierHeavy, Constant };

struct DecodeShape {
    int key_bits = 3, value_bits = 3;
    int kv_heads = 2, head_dim = 128, group = 1;
    int key_slots = 0, value_slots = 0;
    int pairs = -1;  ///< -1: all of head_dim / 2
    bool interleaved = false;
    int tokens = 300, begin = 0;
    Fill fill = Fill::Normal;
    bool mass = false;
    unsigned seed = 1;

    std::string name() const;
    int pages() const { return (tokens + kernels::kPageTokens - 1) / kernels::kPageTokens; }
};

/// Offsets, ranges and book of one kind. Some channels never vary, some stand far from zero.
struct Codec {
    std::vector<float> offset, range, book, midpoints;
    Codec(KvKind kind, int bits, int channels, unsigned seed);
    kernels::CodecParams params() const;
};

/// Host memory of one layer: `pages` packed pages, each of both kinds.
class HostLayer {
public:
    /// Packs min(shape.pages(), most_pages) pages; the positions of all pages are made up, up to ten million.
    explicit HostLayer(const DecodeShape& shape, int most_pages = 1 << 20);

    /// Arguments that point into this object, outputs unset.
    cuda::DecodeArgs args() const;

    DecodeShape shape;
    KvBlockLayout key, value;
    Codec key_codec, value_codec;
    std::vector<std::vector<std::byte>> key_blocks, value_blocks;
    std::vector<const std::byte*> key_pages, value_pages;
    std::vector<float> q, page_angles, offset_cos, offset_sin;
};

/// The same on the device. Page i is a copy of packed page i % packed, at an address of its own.
class DeviceLayer {
public:
    explicit DeviceLayer(const HostLayer& host);
    /// Outputs are set; results are read by state(), l and m first.
    cuda::DecodeArgs args() const { return m_args; }
    DeviceArray<float> out_m, out_l, out_o, group_lse;

private:
    DeviceArray<std::byte> m_keys, m_values;
    DeviceArray<const std::byte*> m_key_pages, m_value_pages;
    DeviceArray<float> m_key_offset, m_key_range, m_key_book, m_value_book;
    DeviceArray<float> m_q, m_page_angles, m_offset_cos, m_offset_sin;
    cuda::DecodeArgs m_args;
};

}  // namespace lectern::test
