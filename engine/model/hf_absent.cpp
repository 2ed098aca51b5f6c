// SPDX-License-Identifier: GPL-3.0-or-later
// Stands in for the Hugging Face reader where the core alone is built without nlohmann-json.
#include "engine/model/model_readers.h"

namespace lectern {

Result<std::shared_ptr<const Model>> readHfModel(const std::filesystem::path& folder) {
    return Error{ErrorCode::BadInput, folder.string() + " is a Hugging Face folder, which this Lectern cannot open: " +
                                          "install nlohmann-json3-dev and build it again."};
}

}  // namespace lectern
