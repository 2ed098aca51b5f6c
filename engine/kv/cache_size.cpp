// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/kv/cache_size.h"

#include "engine/kv/codec.h"

namespace lectern {

double cacheBytesPerToken(const KvSettings& settings, int layers, int kv_heads, int head_dim) {
    return double(pageBytes(settings, layers, {kv_heads, head_dim})) / kernels::kPageTokens;
}

}  // namespace lectern
