// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace lectern {

/// What fell into one bin: sums over its elements x with weights w.
struct BinSums {
    double weight = 0, weighted_x = 0, weighted_xx = 0;  ///< Σw, Σw·x, Σw·x²
    double count = 0, x = 0, xx = 0;                     ///< n, Σx, Σx²
    void add(double value, double w) {
        weight += w, weighted_x += w * value, weighted_xx += w * value * value;
        count += 1, x += value, xx += value * value;
    }
};

/// The partition of ascending bins into at most `levels` runs with the least Σw·(x - centroid)², and its centroids,
/// ascending; exactly `levels` of them, the last one repeated where fewer runs are enough. Exact for the bins and
/// deterministic: dynamic programming, the place of each cut found by divide and conquer over its monotone optimum, in
/// O(levels · bins · log bins). Where all weights are 0, counts take their place; empty where no bin holds anything.
/// Source: KVQuant (arXiv:2401.18079) section 3.3 asks for weighted k-means; X. Wu, "Optimal Quantization by Matrix
/// Searching" (1991) has the exact method in one dimension.
std::vector<float> weightedKMeans(std::span<const BinSums> bins, int levels);

}  // namespace lectern
