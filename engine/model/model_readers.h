// SPDX-License-Identifier: GPL-3.0-or-later
// One reader per form a model comes in. Both give what Model::open promises.
#pragma once

#include <filesystem>
#include <memory>

#include "engine/base/result.h"
#include "engine/model/model.h"

namespace lectern {

Result<std::shared_ptr<const Model>> readGgufModel(const std::filesystem::path& file);
Result<std::shared_ptr<const Model>> readHfModel(const std::filesystem::path& folder);

}  // namespace lectern
