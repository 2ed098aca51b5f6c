// SPDX-License-Identifier: GPL-3.0-or-later
// Which of the decode attention kernels serves which arguments.
#pragma once

#include "kernels/cuda/attend_decode_kernel.cuh"

namespace lectern::kernels {

using DecodeKernel = void (*)(DecodeCall);

/// The head dimension of most models has a kernel of its own, the others share one up to 128 and one above, as do all
/// whose scores are capped.
template <int KeyBits, int ValueBits, int Copies, int Columns>
DecodeKernel decodeKernel(const DecodeArgs& args) {
    const int head_dim = args.key.shape.head_dim;
    if (args.score_cap > 0)
        return head_dim <= 128 ? attendDecodeKernel<DecodeKind<KeyBits, ValueBits, 8, 0, Copies, Columns, true>>
                               : attendDecodeKernel<DecodeKind<KeyBits, ValueBits, 16, 0, Copies, Columns, true>>;
    if (head_dim == 128) return attendDecodeKernel<DecodeKind<KeyBits, ValueBits, 8, 128, Copies, Columns>>;
    return head_dim < 128 ? attendDecodeKernel<DecodeKind<KeyBits, ValueBits, 8, 0, Copies, Columns>>
                          : attendDecodeKernel<DecodeKind<KeyBits, ValueBits, 16, 0, Copies, Columns>>;
}
template <int KeyBits, int ValueBits, int Copies>
DecodeKernel decodeKernel(const DecodeArgs& args) {
    return args.group == 1 ? decodeKernel<KeyBits, ValueBits, Copies, 1>(args)
                           : decodeKernel<KeyBits, ValueBits, Copies, kQueryColumns>(args);
}
template <int KeyBits, int ValueBits>
DecodeKernel decodeKernel(const DecodeArgs& args, int copies) {
    return copies == kManyCopies ? decodeKernel<KeyBits, ValueBits, kManyCopies>(args)
                                 : decodeKernel<KeyBits, ValueBits, kFewCopies>(args);
}
template <int KeyBits>
DecodeKernel decodeKernel(const DecodeArgs& args, int copies) {
    const int value_bits = args.value.bits;
    if (value_bits == 2) return decodeKernel<KeyBits, 2>(args, copies);
    if (value_bits == 3) return decodeKernel<KeyBits, 3>(args, copies);
    if (value_bits == 4) return decodeKernel<KeyBits, 4>(args, copies);
    return value_bits == kRawBits ? decodeKernel<KeyBits, kRawBits>(args, copies) : nullptr;
}

/// One source file each, so that they compile side by side.
DecodeKernel decodeKernel2(const DecodeArgs& args, int copies);
DecodeKernel decodeKernel3(const DecodeArgs& args, int copies);
DecodeKernel decodeKernel4(const DecodeArgs& args, int copies);
DecodeKernel decodeKernel16(const DecodeArgs& args, int copies);

}  // namespace lectern::kernels
