// SPDX-License-Identifier: GPL-3.0-or-later
// A made-up layer with packed pages in host memory, and what decode attention gives there by definition.
#pragma once

#include <string>
#include <vector>

#include "kernels/cuda/attend_decode.h"

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
    float cap = 0;    ///< of the scores; 0: none
    float query = 1;  ///< what queries are multiplied by
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
    kernels::DecodeArgs args() const;

    DecodeShape shape;
    KvBlockLayout key, value;
    Codec key_codec, value_codec;
    std::vector<std::vector<std::byte>> key_blocks, value_blocks;
    std::vector<const std::byte*> key_pages, value_pages;
    std::vector<float> q, page_angles, offset_cos, offset_sin;
};

struct DecodeOutputs {
    std::vector<float> m, l, o, lse;  ///< as AttendState and DecodeArgs::group_lse
};

DecodeOutputs referenceOutputs(const HostLayer& host);
/// What mergeStates() leaves, as a state.
DecodeOutputs mergedOutputs(std::vector<float> out, const std::vector<float>& total, std::vector<float> lse);

/// Worst error over its tolerance, NaN where a result is.
double worstError(const HostLayer& host, const DecodeOutputs& got, const DecodeOutputs& want);

}  // namespace lectern::test
