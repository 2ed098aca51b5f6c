// SPDX-License-Identifier: GPL-3.0-or-later
// Checks, plan and launch of decode attention.
#include "kernels/cuda/attend_decode.h"

#include <algorithm>

#include "kernels/cuda/attend_decode_choice.cuh"

namespace lectern::kernels {
namespace {

constexpr std::size_t kRoomyShared = 128 * 1024;  ///< compute capabilities 8.0, 8.7, 9.x, 10.x and 11.x have more

DecodeKernel kernelFor(const DecodeArgs& args, int copies) {
    switch (args.key.bits) {
        case 2:
            return decodeKernel2(args, copies);
        case 3:
            return decodeKernel3(args, copies);
        case 4:
            return decodeKernel4(args, copies);
        case kRawBits:
            return decodeKernel16(args, copies);
        default:
            return nullptr;
    }
}

}  // namespace

const char* decodeRefusal(const DecodeArgs& args) {
    const auto& shape = args.key.shape;
    const auto served = [](int bits) { return bits == 2 || bits == 3 || bits == 4 || bits == kRawBits; };
    if (!served(args.key.bits) || !served(args.value.bits)) return "decode attention serves 2, 3, 4 and 16 bits";
    if (shape.head_dim < 64 || shape.head_dim > kMaxHeadDim || shape.head_dim % 16 != 0)
        return "decode attention serves head dimensions that are multiples of 16 from 64 to 256";
    if (shape.kv_heads != args.value.shape.kv_heads || shape.head_dim != args.value.shape.head_dim)
        return "keys and values differ in shape";
    if (shape.kv_heads < 1 || shape.kv_heads > 65535 || args.group < 1) return "no heads";
    if (args.offsets.pairs < 0 || args.offsets.pairs > shape.head_dim / 2) return "more rotated pairs than channels";
    if (args.pages < 0 || args.tokens < 0 || args.tokens > std::int64_t(args.pages) * kPageTokens)
        return "more tokens than pages hold";
    return nullptr;
}

DecodePlan planDecode(const DecodeArgs& args, int processors, std::size_t shared_limit) {
    DecodePlan plan;
    plan.table_copies = shared_limit >= kRoomyShared ? kManyCopies : kFewCopies;
    const int head_dim = args.key.shape.head_dim, columns = std::min(args.group, kQueryColumns);
    const SharedLayout layout(args, columns, plan.table_copies);
    plan.warps = decodeThreads(args.key.bits, args.value.bits, tilesFor(head_dim)) / 32;
    while (plan.warps > 0 && std::size_t(layout.bytes(plan.warps, head_dim, columns)) > shared_limit) --plan.warps;
    if (plan.warps == 0) plan.refusal = "decode attention of this head dimension needs more shared memory";
    plan.shared_bytes = std::size_t(layout.bytes(plan.warps, head_dim, columns));
    const int blocks = args.key.shape.kv_heads * ((args.group + kQueryColumns - 1) / kQueryColumns);
    const int pages = std::max(1, (args.tokens - std::max(args.begin, 0)) / kPageTokens);
    plan.splits = std::clamp(processors / blocks, 1, std::min(kMaxDecodeSplits, pages));
    return plan;
}

std::int32_t attendDecode(const DecodeArgs& args, const DecodePlan& plan, CUstream_st* stream) {
    if (decodeRefusal(args) != nullptr || plan.refusal != nullptr) return kDecodeRefused;
    const dim3 grid(unsigned(plan.splits), unsigned(args.key.shape.kv_heads),
                    unsigned((args.group + kQueryColumns - 1) / kQueryColumns));
    return launch(kernelFor(args, plan.table_copies), grid, unsigned(plan.warps * 32), plan.shared_bytes, stream,
                  DecodeCall{args, plan.splits});
}

}  // namespace lectern::kernels
