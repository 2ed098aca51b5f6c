// SPDX-License-Identifier: GPL-3.0-or-later
// What a model consists of on disk, and how it gets into a folder of models.
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace lectern {

/// The files of the model at `model`: a GGUF file (of a split one the parts that are there), or those files of a
/// Hugging Face folder that belong to a model; and the calibration beside it. In the order of their names; none is
/// opened. Any thread.
std::vector<std::filesystem::path> modelFiles(const std::filesystem::path& model);

/// Sizes and times of the model's files, without its calibration: another one where the model was replaced. Any thread.
std::string modelStamp(const std::filesystem::path& model);

/// Copies the model's files into `folder`, which is made where it is missing, and returns where the model is then. They
/// lie under a hidden name there until all are whole; where that fails or is stopped, nothing of them stays, and what a
/// copy left that was cut off goes with the next one: one at a time copies into a folder.
/// `progress`: the share that is copied. Errors: Usage (one of that name is there), NoRoom (said before the work
/// starts), Failed (a file cannot be read or written), Interrupted.
Result<std::filesystem::path> copyModel(const std::filesystem::path& model, const std::filesystem::path& folder,
                                        const std::function<void(double share)>& progress, std::stop_token stop);

}  // namespace lectern
