// SPDX-License-Identifier: GPL-3.0-or-later
// Appends tokens to pages of the cache on the device: quantizes, selects outliers and packs, without the host.
#pragma once

#include "kernels/cuda/stream.h"
#include "kernels/kv_codes.h"

namespace lectern::kernels {

/// One append to one layer and kind. All pointers are device memory, borrowed until the stream has passed.
struct PackArgs {
    KvBlockLayout layout;
    CodecParams params;        ///< as CodecParams says
    const float* x = nullptr;  ///< [tokens][stride] f32, finite; 16-byte aligned
    int stride = 0;            ///< floats from token to token, a multiple of 4, at least channels
    int tokens = 0;            ///< at least 1
    int first = 0;             ///< place of the first token, counted from the beginning of pages[0]
    std::byte* const* pages =
        nullptr;                   ///< [pages] blocks of layout.bytes(), 16-byte aligned; page p holds 64p … 64p+63
    std::byte* scratch = nullptr;  ///< packScratchBytes(layout, tokens), 16-byte aligned
};

std::size_t packScratchBytes(const KvBlockLayout& layout, int tokens);

/// The first tokens of pages of raw blocks as f32, as unpackRef reads them; the last page's may be fewer than 64.
///   blocks  [pages] in device memory: KvShape's channels · 64 fp16 each, channel-major   (in)
///   x       [tokens][channels] f32                                                       (out)
LaunchStatus unpackRaw(const KvShape& shape, const std::byte* const* blocks, int tokens, float* x, Stream stream);

/// Why pack() will not take these arguments, in words (static storage), or null where it will.
const char* packRefusal(const PackArgs& args);

/// Leaves in every page that gets a token the bytes that packRef leaves there: places before `first` stay, places after
/// the last token are zero. Pages that get no token are not touched. Does not wait; any thread that may use `stream`.
/// Source: KVQuant (arXiv:2401.18079), sections 3.1 and 3.4.
LaunchStatus pack(const PackArgs& args, Stream stream);

}  // namespace lectern::kernels
