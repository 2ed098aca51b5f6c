// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

#include "engine/base/mapped_file.h"
#include "engine/base/result.h"
#include "engine/model/stored_tensor.h"

namespace lectern {

/// One *.safetensors file, mapped and checked: u64 length of the header · header (JSON: name → dtype, shape,
/// [begin, end) in the data) · data. open() has seen to it that the tensors fill the data without overlap or hole and
/// that each is as long as its type and shape say. Move-only; tensors point into the mapping and move along with it.
/// Source: the safetensors format description.
class SafetensorsFile {
public:
    /// Errors: BadInput with a sentence that names the file, the tensor and the defect.
    static Result<SafetensorsFile> open(const std::filesystem::path& path);

    const TensorTable& tensors() const { return m_tensors; }
    const std::filesystem::path& path() const { return m_file.path(); }

    MappedFile takeFile() { return std::move(m_file); }
    TensorTable takeTensors() { return std::move(m_tensors); }

private:
    MappedFile m_file;
    TensorTable m_tensors;
};

}  // namespace lectern
