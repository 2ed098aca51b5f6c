// SPDX-License-Identifier: GPL-3.0-or-later
// The parameters a cache is quantized with: thresholds of key channels and codebooks, per layer.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/kv/kv_settings.h"
#include "kernels/kv_codes.h"

namespace lectern {

using kernels::KvBlockLayout;
using kernels::KvKind;
using kernels::KvShape;

/// Parameters of one kind (keys or values) of one layer. Value type.
struct LayerCodec {
    std::vector<float> offset, range;    ///< [channels]; keys only
    std::vector<float> book, midpoints;  ///< [1 << bits], [(1 << bits) - 1]; empty where raw
    kernels::CodecParams params() const;
    void setBook(std::vector<float> centroids);  ///< ascending; derives the midpoints
};

/// The quantizer of a whole cache: frozen once fitted, shared by all branches, stored with the session.
struct Quantizer {
    std::vector<LayerCodec> keys, values;  ///< [layers]
    bool calibrated = false;               ///< false: statistics of the first tokens read and a codebook without data
};

/// A codebook that needs no data, in normalised units [-1, 1].
/// NormalFloat: the least-squares levels of a normal variable cut at ±quantile(1 - outliers/2), which lies at ±1.
/// Source: KVQuant (arXiv:2401.18079) section 3.3 gives nuq; NormalFloat as in QLoRA (arXiv:2305.14314), with optimal
/// levels.
std::vector<float> dataFreeBook(Codebook codebook, int bits, double outliers);

/// Slots for sparse corrections per token: 2·ceil(s/2·C) (KVQuant section 3.4); 0 where s = 0 or bits = 16.
int sparseSlots(const KvSettings& settings, int bits, int channels);
KvBlockLayout blockLayout(const KvSettings& settings, int layer, KvKind kind, KvShape shape);
/// Bytes of one page of keys and values, all layers together, at the bits each of them has.
std::size_t pageBytes(const KvSettings& settings, int layers, KvShape shape);
KvBlockLayout rawLayout(KvKind kind, KvShape shape);

/// Per-channel thresholds: lo and hi are the s/2 and 1 - s/2 quantiles over `tokens` keys (min and max where s = 0).
///   k  [tokens][channels] f32 row-major, finite.  Source: KVQuant section 3.1.
LayerCodec fitKeyCodec(const KvSettings& settings, int layer, std::span<const float> k, int tokens, int channels);
LayerCodec valueCodec(const KvSettings& settings, int layer);

/// Text for the session's identity and bytes for its body. Little-endian f32, lengths first; layout version inside.
std::string packQuantizer(const Quantizer& quantizer);
/// Errors: Damaged where lengths, order or finiteness are wrong for `layers`, `channels` and the settings.
Result<Quantizer> unpackQuantizer(const std::string& bytes, const KvSettings& settings, int layers, int channels);

}  // namespace lectern
