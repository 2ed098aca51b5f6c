// SPDX-License-Identifier: GPL-3.0-or-later
// What Lectern accepts from a model file, in one place.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/result.h"
#include "engine/model/model.h"

namespace lectern::limits {

inline constexpr int kLayers = 1024;
inline constexpr int kHidden = 65536;
inline constexpr int kHeads = 4096;
inline constexpr int kHeadDim = 256;    ///< and a multiple of kHeadDimStep
inline constexpr int kHeadDimStep = 8;  ///< kernels take eight channels at a time
inline constexpr int kFfn = 1 << 20;
inline constexpr int kExperts = 512;
inline constexpr int kVocab = 1 << 21;
inline constexpr int kContext = 1 << 30;  ///< tokens

inline constexpr std::size_t kTokenBytes = 1 << 16;         ///< one piece of a vocabulary
inline constexpr std::size_t kChatTemplateBytes = 1 << 20;  ///< Jinja source

inline constexpr std::uint64_t kGgufKeys = 1 << 16;
inline constexpr std::uint64_t kGgufTensors = 1 << 17;
inline constexpr std::uint64_t kGgufNameBytes = 65535;
inline constexpr std::uint64_t kGgufAlignment = 1 << 20;
inline constexpr int kTensorDims = 4;

inline constexpr std::uint64_t kSafetensorsHeaderBytes = 16 << 20;
inline constexpr std::uint64_t kConfigBytes = 16 << 20;  ///< config.json, the index of shards
inline constexpr int kJsonDepth = 32;
inline constexpr std::size_t kShards = 1024;

}  // namespace lectern::limits

namespace lectern {

/// Error BadInput with a sentence that names the number where one lies outside the limits or contradicts another.
Status checkConfig(const ModelConfig& config);

}  // namespace lectern
