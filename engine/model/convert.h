// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>

#include "engine/base/result.h"
#include "engine/base/thread_pool.h"
#include "engine/model/model.h"

namespace lectern {

/// Writes a model as one GGUF file: the same configuration, tokenizer and chat template, its matrices as `type`. Where
/// that is Q4_0 or Q4_K, embedding and output are Q8_0; where rows hold no whole blocks, a matrix is what writtenType()
/// says. Vectors stay F32. A few MiB of weights are in memory at once.
/// What GGUF has no key for stands under "lectern.", where Lectern reads it back.
///   type: one of writableWeightType(); pool: encodes rows side by side; null: this thread alone.
/// Returns the file's bytes.
/// Errors: Usage where GGUF cannot say what the model does (dynamic and LongRoPE rotary scaling, windows of single
/// layers) or `out` is the model's own file; NoRoom, Failed, Interrupted as GgufFileWriter::write().
Result<std::uint64_t> convertModel(const Model& model, WeightType type, const std::filesystem::path& out,
                                   const std::function<void(double done)>& progress, std::stop_token stop,
                                   ThreadPool* pool = nullptr);

}  // namespace lectern
