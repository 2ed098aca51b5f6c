// SPDX-License-Identifier: GPL-3.0-or-later
// A model whose GGUF file was split: NAME-00001-of-00003.gguf has the metadata, all parts have tensors.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/model/gguf.h"
#include "engine/model/stored_tensor.h"

namespace lectern {

/// What the name of a part says: "NAME", 1-based number, number of parts.
struct GgufPartName {
    std::string stem;
    int part = 0, parts = 0;

    std::string fileName(int number) const;
};

/// Nothing where the name is not that of a part.
std::optional<GgufPartName> ggufPartName(const std::filesystem::path& path);

/// The file at `path`, and the other parts where it is the first of several (split.count); only the first has a model's
/// metadata.
/// Errors: BadInput as GgufFile::open() gives it, or naming the parts that are missing or belong to another model, or,
/// where `path` is a later part, the file to open instead.
Result<std::vector<GgufFile>> openGgufParts(const std::filesystem::path& path);

/// The tensors of all parts, out of `parts`. Errors: BadInput where two parts have the same or some are missing.
Result<TensorTable> takeTensors(std::vector<GgufFile>& parts);

}  // namespace lectern
