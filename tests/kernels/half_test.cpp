// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/half.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

namespace lectern::kernels {
namespace {

TEST(Half, EveryHalfSurvivesTheWayThroughFloat) {
    for (unsigned bits = 0; bits < 0x10000; ++bits) {
        const auto half = std::uint16_t(bits);
        if ((half & 0x7c00) == 0x7c00 && (half & 0x3ff) != 0) {
            EXPECT_TRUE(std::isnan(halfToFloat(half)));
            EXPECT_TRUE(std::isnan(halfToFloat(floatToHalf(halfToFloat(half)))));
        } else {
            ASSERT_EQ(floatToHalf(halfToFloat(half)), half);
        }
    }
}

TEST(Half, ValueIsSignExponentMantissa) {
    for (unsigned bits = 0; bits < 0x7c00; ++bits) {
        const int exponent = int(bits >> 10), mantissa = int(bits & 0x3ff);
        const double want = exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25);
        ASSERT_EQ(double(halfToFloat(std::uint16_t(bits))), want);
        ASSERT_EQ(double(halfToFloat(std::uint16_t(bits | 0x8000U))), -want);
    }
}

TEST(Half, RoundsToTheNearestAndToEvenBetween) {
    for (std::uint16_t half = 0; half < 0x7bff; ++half) {
        const double low = halfToFloat(half), high = halfToFloat(std::uint16_t(half + 1));
        const auto middle = float((low + high) / 2);
        ASSERT_EQ(floatToHalf(middle), half % 2 == 0 ? half : half + 1);
        ASSERT_EQ(floatToHalf(std::nextafter(middle, 0.0F)), half);
        ASSERT_EQ(floatToHalf(std::nextafter(middle, 1e9F)), half + 1);
    }
}

TEST(Half, ClampsBeyondTheLargestFiniteValue) {
    const float inf = std::numeric_limits<float>::infinity();
    EXPECT_EQ(floatToHalf(inf), 0x7c00);
    EXPECT_EQ(floatToHalf(-1e10F), 0xfc00);
    EXPECT_EQ(floatToHalfClamped(inf), 0x7bff);
    EXPECT_EQ(floatToHalfClamped(-inf), 0xfbff);
    EXPECT_EQ(floatToHalfClamped(65519.0F), 0x7bff);
    EXPECT_EQ(floatToHalfClamped(-0.0F), 0x8000);
}

TEST(Half, Bfloat16IsTheUpperHalfOfAFloat) {
    EXPECT_EQ(bf16ToFloat(0x3f80), 1.0F);
    EXPECT_EQ(bf16ToFloat(0xc049), -3.140625F);
    EXPECT_EQ(std::bit_cast<std::uint32_t>(bf16ToFloat(0x0001)), 0x10000U);
}

}  // namespace
}  // namespace lectern::kernels
