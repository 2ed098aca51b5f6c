// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "engine/model/model.h"

namespace lectern::test {

/// The model at `path` must be refused as bad input, by one sentence that names the file and holds `phrase`.
inline void expectRefused(const std::filesystem::path& path, std::string_view phrase) {
    const auto model = Model::open(path);
    ASSERT_FALSE(model) << "opened, expected: " << phrase;
    const std::string& message = model.error().message;
    EXPECT_EQ(model.error().code, ErrorCode::BadInput);
    EXPECT_NE(message.find(path.string()), std::string::npos) << message;
    EXPECT_NE(message.find(phrase), std::string::npos) << message << "\nexpected: " << phrase;
    EXPECT_EQ(message.back(), '.') << message;
}

}  // namespace lectern::test
