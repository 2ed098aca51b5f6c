// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace lectern {

/// How codebooks come about where no calibration is at hand.
enum class Codebook : unsigned char {
    NormalFloat,  ///< quantiles of a normal distribution, "nuqN" names
    Uniform       ///< equidistant levels, "intN" names: the baseline
};

/// Whether nuq codebooks keep the mean and spread of what they stand for. Source: KVQuant (arXiv:2401.18079),
/// section 3.5.
enum class QNorm : unsigned char {
    Auto,  ///< where it measures better: calibrated codebooks of 2 bits, and all that were not calibrated
    Off,
    On
};

/// Bits of the layers first … last in the place of the setting's own. Source: KVQuant keeps the bits of keys and values
/// apart; sensitive layers can have more.
struct LayerBits {
    int first = 0, last = 0;  ///< both included, counted from 0
    int key_bits = 4, value_bits = 4;
    bool operator==(const LayerBits&) const = default;
};

/// Forms of quantization that benchmarks compare with (KVQuant, arXiv:2401.18079, Table 1 and section 3); sessions do
/// not have them. They are measured on an fp16 cache whose keys and values went through the form and back.
struct ResearchForm {
    bool post_rope_keys = false;  ///< keys are quantized after their rotation
    bool token_keys = false;      ///< keys have an offset and a range per token, as values have
    bool channel_values = false;  ///< values have fixed ones per channel, as keys have
    bool blocks = false;          ///< 4-bit blocks of 32 with one fp16 scale, the largest magnitude: "q4"

    bool any() const { return post_rope_keys || token_keys || channel_values || blocks; }
    bool operator==(const ResearchForm&) const = default;
};

/// What a session's cache is kept as. Immutable for the life of a session. Value type.
/// Names: "fp16", "nuq4", "nuq3", "nuq2" (keys and values, 1% outliers), "nuq4/2" (keys/values), "nuq3-0%", "nuq3-0.5%"
/// (share of outliers), "int4", "int3", "int2" (uniform levels, outliers off unless given: "int4-1%"); then for single
/// layers "nuq3@0=4", "nuq3@0-1=4/2@31=16".
struct KvSettings {
    int key_bits = 4, value_bits = 4;  ///< 2, 3, 4, or 16 = fp16 (off)
    double outliers = 0.01;            ///< share per vector kept sparse, 0 … 0.05
    int sinks = 5;                     ///< first tokens of the context kept in fp16, 0 … 64
    int window = 128;                  ///< newest tokens kept in fp16, 0 (as in the paper) … 1024
    Codebook codebook = Codebook::NormalFloat;
    QNorm qnorm = QNorm::Auto;

    /// Q-Norm of a calibrated codebook of so many bits.
    bool normalised(int bits) const { return qnorm == QNorm::On || (qnorm == QNorm::Auto && bits == 2); }
    ResearchForm research;          ///< benchmarks only
    std::vector<LayerBits> layers;  ///< what differs layer by layer; the last one that names a layer holds

    int keyBits(int layer) const { return bitsOf(layer).key_bits; }
    int valueBits(int layer) const { return bitsOf(layer).value_bits; }
    bool raw() const;  ///< nothing is quantized, in no layer
    LayerBits bitsOf(int layer) const;
    std::string name() const;
    bool operator==(const KvSettings&) const = default;
};

/// A share as people read it: "1%", "0.5%".
std::string outlierText(double share);
/// Errors: Usage, naming the text and listing what is possible. Sinks and window keep their defaults.
Result<KvSettings> parseKvSettings(std::string_view name);
/// parseKvSettings(), and what only benchmarks know: "q4" (rotated keys, neither outliers nor sinks, as most engines
/// have it) and endings as in "int3+post-rope", "nuq4+token-keys", "nuq3+channel-values". Errors: as parseKvSettings().
Result<KvSettings> parseBenchSettings(std::string_view name);
inline constexpr int kMaxSinks = 64;  ///< tokens: what one page keeps
/// Errors: Usage where a number is outside its range.
Status checkKvSettings(const KvSettings& settings);
/// Errors: Usage where a layer is named that a model of `layers` layers does not have.
Status checkLayers(const KvSettings& settings, int layers);

}  // namespace lectern
