// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/finite.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace lectern {
namespace {

TEST(AllFinite, NoticesOneBadNumberAtAnyPlace) {
    using Limits = std::numeric_limits<float>;
    std::vector<float> x(67, -1.5F);
    x[3] = Limits::max(), x[4] = Limits::denorm_min(), x[5] = -0.0F;
    EXPECT_TRUE(allFinite(x));
    EXPECT_TRUE(allFinite({}));
    for (const float bad : {Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN()}) {
        for (std::size_t at = 0; at < x.size(); ++at) {
            auto broken = x;
            broken[at] = bad;
            EXPECT_FALSE(allFinite(broken)) << bad << " at " << at;
        }
    }
}

}  // namespace
}  // namespace lectern
