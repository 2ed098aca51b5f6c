// SPDX-License-Identifier: GPL-3.0-or-later
// Decode attention on the device: one token's queries against the compressed pages of one layer.
#pragma once

#include "kernels/attend.h"
#include "kernels/kv_tile.h"

struct CUstream_st;

namespace lectern::kernels {

inline constexpr int kQueryColumns = 8;  ///< query heads one thread block serves (columns of a matrix fragment)
inline constexpr int kMaxDecodeSplits = 512;
inline constexpr std::int32_t kDecodeRefused = -1;  ///< cudaErrorInvalidValue, negated

/// One layer, one token. All pointers are device memory (host memory for attendDecodeRef), borrowed. heads =
/// kv_heads · group; query head n belongs to KV head n / group.
struct DecodeArgs {
    KvBlockLayout key, value;                     ///< same shape; head_dim a multiple of 16, 64 … 256
    CodecParams key_params, value_params;         ///< offset, range and book as in kernels/kv_codes.h; midpoints unused
    const std::byte* const* key_pages = nullptr;  ///< [pages] blocks of `key` layout, each 16-byte aligned
    const std::byte* const* value_pages = nullptr;  ///< [pages] blocks of `value` layout, each 16-byte aligned
    int pages = 0;
    int tokens = 0;                      ///< tokens that exist: all of every page but the last
    int begin = 0;                       ///< first visible token, counted from the first page (sliding window)
    const int* later = nullptr;          ///< if given, tokens and begin are read there when the kernels run (captured
                                         ///< graphs); planDecode() goes by those above
    const float* q = nullptr;            ///< [heads][head_dim] scaled queries, rotated to their position
    int group = 1;                       ///< query heads per KV head
    float score_cap = 0;                 ///< scores s become cap·tanh(s/cap) before all else; 0: they stay
    const float* page_angles = nullptr;  ///< [pages][pairs][2] cos, sin of each page's first position; 8-byte aligned
    RopeOffsets offsets;                 ///< rotations by 0 … 63
    AttendState out;             ///< [DecodePlan::splits][heads]: states that mergeStates() makes one of, natural base
    float* group_lse = nullptr;  ///< [kv_heads][pages][group][4] log-sum-exp per 16 tokens (-inf where none), or null
};

/// How a call is cut: `splits` thread blocks share one KV head's pages, `warps` warps in each.
struct DecodePlan {
    const char* refusal = nullptr;  ///< why the device cannot run these arguments, in words; static storage
    int splits = 1, warps = 1;
    int table_copies = 1;          ///< of the code tables in shared memory, fewer where there is little of it
    std::size_t shared_bytes = 0;  ///< shared memory of one thread block
};

/// Why these arguments are not served, in words, or null where they are. Static storage.
const char* decodeRefusal(const DecodeArgs& args);

/// Plan for a device with `processors` multiprocessors that grant `shared_limit` bytes to one thread block; a refusal
/// where not even one warp has room.
DecodePlan planDecode(const DecodeArgs& args, int processors, std::size_t shared_limit);

/// Enqueues the attention on `stream`, in one launch; any thread, the current device. Keys and values become fp16
/// before the products (rotated and dequantized exactly as far as fp16 goes), sums are f32. A group whose share is
/// below 2^-126 of the largest one seen so far reports -inf. Returns 0 = enqueued, otherwise CUDA's error number
/// negated; arguments that decodeRefusal() names and a plan with a refusal are kDecodeRefused. Source: KVQuant
/// (arXiv:2401.18079), section 4; split decode as in FlashDecoding; merge by log-sum-exp.
std::int32_t attendDecode(const DecodeArgs& args, const DecodePlan& plan, CUstream_st* stream);

/// The definition, in double precision on the host, from blocks as unpackRef reads them; out has the state of all
/// splits in one, [heads].
void attendDecodeRef(const DecodeArgs& args);

}  // namespace lectern::kernels
