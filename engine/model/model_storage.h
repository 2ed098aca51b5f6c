// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/mapped_file.h"
#include "engine/model/model.h"
#include "engine/model/stored_tensor.h"

namespace lectern {

/// The mapped files of a model and the tensors in them. Immutable but for the fingerprint, which is made once.
class Model::Storage {
public:
    Storage(std::vector<MappedFile> files, TensorTable tensors)
        : m_files(std::move(files)), m_tensors(std::move(tensors)) {}

    const TensorTable& tensors() const { return m_tensors; }
    const std::string& fingerprint(const ModelConfig& config) const;

private:
    std::vector<MappedFile> m_files;
    TensorTable m_tensors;
    mutable std::once_flag m_once;
    mutable std::string m_fingerprint;
};

}  // namespace lectern
