// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/kv/kv_settings.h"

namespace lectern {

/// Bytes that a token of a full page takes in a cache of this shape, keys and values of all layers together: codes,
/// corrections and scales. Tables, sinks and the recent window are not in it. Any thread.
double cacheBytesPerToken(const KvSettings& settings, int layers, int kv_heads, int head_dim);

}  // namespace lectern
