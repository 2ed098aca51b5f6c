// SPDX-License-Identifier: GPL-3.0-or-later
// One page of one head as f32, ready for attention.
#pragma once

#include "kernels/kv_codes.h"

namespace lectern::kernels {

/// Rotations by the offsets 0 … 63 of a token within its page: one small table serves every page at any position
/// (page-relative rotation). Pointers are borrowed.
struct RopeOffsets {
    const float* cos = nullptr;  ///< [pairs][64]
    const float* sin = nullptr;  ///< [pairs][64]
    int pairs = 0;               ///< rotated pairs: rope dimensions / 2; channels past 2·pairs are not rotated
    bool interleaved = false;    ///< pair i is (2i, 2i+1) (GGUF LLaMA); otherwise (i, i + pairs) (Hugging Face)
};

/// Dequantizes the keys of one page and head (corrections added), rotates token n by n positions.
///   tile  [head_dim][64] f32, channel-major, 64-byte aligned; all 64 tokens written                  (out)
using KeyTileFn = void(const KvBlockLayout& layout, const CodecParams& params, const std::byte* block, int head,
                       const RopeOffsets& rope, float* tile);

/// Dequantizes the values of one page and head (corrections added).
///   tile  [head_dim][64] f32, channel-major, 64-byte aligned; all 64 tokens written                  (out)
using ValueTileFn = void(const KvBlockLayout& layout, const CodecParams& params, const std::byte* block, int head,
                         float* tile);

KeyTileFn keyTileRef;
ValueTileFn valueTileRef;

}  // namespace lectern::kernels
