// SPDX-License-Identifier: GPL-3.0-or-later
// Quantization of keys and values into a block, and back.
#pragma once

#include "kernels/kv_layout.h"

namespace lectern::kernels {

/// Parameters of one layer and kind. Pointers are borrowed.
/// Normalised value u = (x - offset)/range; code = number of midpoints between neighbouring centroids below u
/// (the first centroid wins a tie); dequantized value = offset + range·book[code].
struct CodecParams {
    const float* offset = nullptr;     ///< [channels] z; keys only, null for values (their scale is per token)
    const float* range = nullptr;      ///< [channels] r >= 0; keys only; 0 marks a channel that never varies
    const float* book = nullptr;       ///< [1 << bits] ascending, normalised units (Q-Norm folded in); null when raw
    const float* midpoints = nullptr;  ///< [(1 << bits) - 1] decision boundaries, ascending
};

/// Scratch memory the packers need, in floats, for one token of `channels` channels. Caller owns it; no allocation
/// here.
constexpr std::size_t packScratchFloats(int channels) {
    return std::size_t(channels) * 4 + 64;
}

/// Quantizes tokens and writes them into `block` at places first … first+tokens-1; what the block held from `first` on
/// is forgotten, what lies before stays. Same bytes whether tokens come one by one or together (chunk invariance).
/// All bits of places from first+tokens on are 0 afterwards (codes, scales and entries), so that with first = 0 the
/// block may be uninitialised memory and its bytes depend on its tokens alone.
///   x      [tokens][channels] f32 row-major; non-finite elements must have been refused before      (in)
///   block  layout.bytes() bytes, 16-byte aligned                                                    (in/out)
///   scratch packScratchFloats(channels) floats
/// Normalised value with range 0: 0 where x = offset, otherwise FLT_MAX with the sign of x - offset.
/// Keys: the `slots` elements of a token whose code is furthest off are outliers, by |(x - offset) - range·book[code]|,
/// the lower channel on a tie, none that its code meets exactly. The paper takes |u| > 1, largest |u| first, and leaves
/// slots empty where a token has fewer. What lies far outside is furthest off too; the slots that are left over go to
/// the worst of the rest, for the same bytes (KL to fp16 6-12% lower, tests/bench).
/// All elements take the nearest centroid. Values: per
/// token the slots/2 largest and slots/2 smallest elements (over all heads; the lower channel on a tie; the smallest
/// are taken first and an element is never taken twice) are outliers; offset and range come from min and max of the
/// rest, (max+min)/2 and (max-min)/2, rounded to fp16 and clamped to ±65504, and the rounded ones are used. Every
/// selected element is stored, also with delta 0. A zero offset or range is
/// stored as +0; where nothing remains both are.
/// delta = fp16((x - offset) - range·book[code]), clamped to ±65504. All arithmetic f32 without contraction, so that
/// all twins give the same bytes. Raw blocks (bits 16): fp16 round to nearest even, clamped to ±65504. Source: KVQuant
/// (arXiv:2401.18079), sections 3.1 and 3.4.
using PackFn = void(const KvBlockLayout& layout, const CodecParams& params, const float* x, int first, int tokens,
                    float* scratch, std::byte* block);

/// Reads tokens first … first+tokens-1 of a block back (dense part plus corrections, keys unrotated).
///   out  [tokens][channels] f32 row-major                                                           (out)
using UnpackFn = void(const KvBlockLayout& layout, const CodecParams& params, const std::byte* block, int first,
                      int tokens, float* out);

PackFn packRef;
UnpackFn unpackRef;

}  // namespace lectern::kernels
