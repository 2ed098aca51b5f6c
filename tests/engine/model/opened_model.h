// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "engine/model/model.h"

namespace lectern::test {

/// The model at `path`, which must open; null where it does not.
inline std::shared_ptr<const Model> opened(const std::filesystem::path& path) {
    auto model = Model::open(path);
    EXPECT_TRUE(model) << (model ? "" : model.error().message);
    return model ? *model : nullptr;
}

/// Replaces the first occurrence of `what` in a file; it must be there.
inline void edit(const std::filesystem::path& file, const std::string& what, const std::string& by) {
    std::ifstream in(file, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    const auto at = text.find(what);
    ASSERT_NE(at, std::string::npos) << what;
    std::ofstream(file, std::ios::binary) << text.replace(at, what.size(), by);
}

}  // namespace lectern::test
