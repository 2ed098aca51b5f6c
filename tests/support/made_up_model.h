// SPDX-License-Identifier: GPL-3.0-or-later
// Models of any size with random weights, in memory alone: nothing is read from a file.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/model/model.h"

namespace lectern::test {

struct MadeUpShape {
    int layers = 2, hidden = 256, heads = 4, kv_heads = 2, head_dim = 64, ffn = 512, vocab = 1000;
    WeightType weights = WeightType::F16;
    std::optional<WeightType> finer;  ///< of values, down and output where they differ, as in files called Q4_K_M
    bool interleaved = true, bias = false, head_norms = false;
    int rotated = 0;                    ///< dimensions of a head that turn; 0 = all
    int window = 0;                     ///< sliding window of all layers, or none
    double yarn = 1;                    ///< factor of YaRN scaling; 1 = none
    double growth = 0;                  ///< of queries, with every 64 tokens
    int experts = 0, experts_used = 2;  ///< of each layer, and of them for each token; 0: one network
    int still_period = 0;               ///< layers, of which the last does not turn; 0: all turn
    /// Gemma-3's traits: `window` in all layers but the last, which alone turns slowly; GELU; norms behind the
    /// sublayers; embeddings and scores scaled.
    bool gemma = false;
    float cap = 0;  ///< Gemma-2's, of scores and of logits; with it all layers turn alike
    unsigned seed = 1;
};

/// A model and the memory that its views point into. Layers share their matrices' bytes; a device that copies them has
/// them apart.
struct MadeUpModel {
    explicit MadeUpModel(const MadeUpShape& shape);

    std::vector<std::vector<std::byte>> memory;
    std::shared_ptr<Model> model;

private:
    WeightView matrix(WeightType type, int rows, int cols, unsigned seed);
};

}  // namespace lectern::test
