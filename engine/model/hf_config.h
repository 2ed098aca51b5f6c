// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "engine/base/result.h"
#include "engine/model/architecture.h"
#include "engine/model/model.h"

namespace lectern {

/// What the config.json of a Hugging Face folder says.
struct HfConfig {
    ModelConfig model;
    const ArchitectureTraits* traits = nullptr;
    bool with_images = false;       ///< the folder is of a model that reads images too
    bool tie = false;               ///< the embedding is the output matrix
    bool attention_bias = false;    ///< query, key and value have biases where the architecture leaves it open
    bool mlp_bias = false;          ///< the feed-forward network has them
    std::vector<std::int64_t> bos;  ///< unchecked token ids, as are those of `eos`
    std::vector<std::int64_t> eos;  ///< from config.json and generation_config.json
};

/// Errors: BadInput naming the file and the value that is missing or senseless, or the feature Lectern lacks.
Result<HfConfig> readHfConfig(const std::filesystem::path& folder);

}  // namespace lectern
