// SPDX-License-Identifier: GPL-3.0-or-later
// Q-Norm: what a codebook stands for keeps its mean and spread. Source: KVQuant (arXiv:2401.18079), section 3.5.
#pragma once

#include <optional>
#include <vector>

#include "engine/kv/codec.h"

namespace lectern {

/// How dequantized centroids are changed: centroid·scale + shift.
struct QNormScale {
    float scale = 1, shift = 0;
};

/// Compares normalised values with the centroids that stand for them. Borrows the codec, whose midpoints choose.
class QNormFit {
public:
    explicit QNormFit(const LayerCodec& codec) : m_codec(codec) {}

    /// `count` values near `x` with the given sum and sum of squares.
    void add(double count, double sum, double squares);
    void add(float u) { add(1, double(u), double(u) * double(u)); }
    QNormScale scale() const;  ///< none where nothing varies

private:
    struct Moments {
        double count = 0, sum = 0, squares = 0;
        double mean() const { return sum / count; }
        double deviation() const;
    };
    const LayerCodec& m_codec;
    Moments m_data, m_coded;
};

/// What the outliers of one value vector leave: its ends, and offset and range as the packer stores them (in fp16).
struct DenseRange {
    float low = 0, high = 0, offset = 0, range = 0;
};
/// v [channels]; `slots` of them are outliers, half at either end. Nothing where no more than those are there or the
/// rest does not vary. `scratch` is overwritten.
std::optional<DenseRange> denseRange(const float* v, int channels, int slots, std::vector<float>& scratch);

/// Lays Q-Norm over the book of keys or values that `x` [tokens][channels] were the first of; codes stay as they are.
void normaliseKeys(LayerCodec& codec, std::span<const float> x, int channels);
void normaliseValues(LayerCodec& codec, std::span<const float> x, int channels, int slots);

}  // namespace lectern
