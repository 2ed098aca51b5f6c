// SPDX-License-Identifier: GPL-3.0-or-later
// The definition of a tile: read the page back, rotate token n by n positions, in double precision.
#include <vector>

#include "kernels/kv_tile.h"

namespace lectern::kernels {
namespace {

/// The whole page as unpackRef reads it, [64][channels].
std::vector<float> readPage(const KvBlockLayout& layout, const CodecParams& params, const std::byte* block) {
    std::vector<float> page(std::size_t(layout.shape.channels()) * kPageTokens);
    unpackRef(layout, params, block, 0, kPageTokens, page.data());
    return page;
}

}  // namespace

void keyTileRef(const KvBlockLayout& layout, const CodecParams& params, const std::byte* block, int head,
                const RopeOffsets& rope, float* tile) {
    const std::vector<float> page = readPage(layout, params, block);
    const int head_dim = layout.shape.head_dim;
    for (int t = 0; t < kPageTokens; ++t) {
        const float* k = &page[std::size_t(t * layout.shape.channels() + head * head_dim)];
        for (int c = 2 * rope.pairs; c < head_dim; ++c) tile[c * kPageTokens + t] = k[c];
        for (int i = 0; i < rope.pairs; ++i) {
            const int a = rope.interleaved ? 2 * i : i;
            const int b = rope.interleaved ? 2 * i + 1 : i + rope.pairs;
            const double cos = rope.cos[i * kPageTokens + t], sin = rope.sin[i * kPageTokens + t];
            tile[a * kPageTokens + t] = float(k[a] * cos - k[b] * sin);
            tile[b * kPageTokens + t] = float(k[a] * sin + k[b] * cos);
        }
    }
}

void valueTileRef(const KvBlockLayout& layout, const CodecParams& params, const std::byte* block, int head,
                  float* tile) {
    const std::vector<float> page = readPage(layout, params, block);
    const int head_dim = layout.shape.head_dim;
    for (int t = 0; t < kPageTokens; ++t)
        for (int c = 0; c < head_dim; ++c)
            tile[c * kPageTokens + t] = page[std::size_t(t * layout.shape.channels() + head * head_dim + c)];
}

}  // namespace lectern::kernels
