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

/// Whether calibrated codebooks keep the mean and spread of what they stand for. Source: KVQuant (arXiv:2401.18079),
/// section 3.5.
enum class QNorm : unsigned char {
    Auto,  ///< at 2 bits, where it measures better
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

    bool normalised(int bits) const { return qnorm == QNorm::On || (qnorm == QNorm::Auto && bits == 2); }
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
/// Errors: Usage where a number is outside its range.
Status checkKvSettings(const KvSettings& settings);
/// Errors: Usage where a layer is named that a model of `layers` layers does not have.
Status checkLayers(const KvSettings& settings, int layers);

}  // namespace lectern
