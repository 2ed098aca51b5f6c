// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace lectern {
namespace {

Result<int> half(int number) {
    if (number % 2 != 0) return Error{ErrorCode::BadInput, std::to_string(number) + " is odd."};
    return number / 2;
}

Status even(int number) {
    const auto done = half(number);
    if (!done) return done.error();
    return {};
}

TEST(Result, HoldsTheValueOrTheError) {
    const auto good = half(6);
    ASSERT_TRUE(good);
    EXPECT_EQ(*good, 3);
    const auto bad = half(7);
    ASSERT_FALSE(bad.has_value());
    EXPECT_EQ(bad.error().code, ErrorCode::BadInput);
    EXPECT_EQ(bad.error().message, "7 is odd.");
}

TEST(Result, MovesAMoveOnlyValueOut) {
    Result<std::unique_ptr<int>> made = std::make_unique<int>(5);
    const std::unique_ptr<int> taken = *std::move(made);
    EXPECT_EQ(*taken, 5);
    EXPECT_EQ(made->get(), nullptr);
}

TEST(Result, ConvertsWhatTheValueConvertsFrom) {
    const Result<std::string> text = "words";
    ASSERT_TRUE(text);
    EXPECT_EQ(text->size(), 5U);
    const Result<std::shared_ptr<const int>> shared = std::make_shared<int>(4);
    EXPECT_EQ(**shared, 4);
}

TEST(Status, IsSuccessUnlessItHoldsAnError) {
    EXPECT_TRUE(Status());
    EXPECT_TRUE(even(2));
    const Status failed = even(3);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().message, "3 is odd.");
}

}  // namespace
}  // namespace lectern
