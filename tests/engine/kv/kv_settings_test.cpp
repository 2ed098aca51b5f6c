// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/kv/kv_settings.h"

#include <gtest/gtest.h>

#include <cmath>

namespace lectern {
namespace {

TEST(KvSettings, NumbersOutsideTheirRangeAreRefused) {
    KvSettings good;
    ASSERT_TRUE(checkKvSettings(good));
    const auto refused = [&](auto change) {
        KvSettings bad = good;
        change(bad);
        const auto status = checkKvSettings(bad);
        return !status && status.error().code == ErrorCode::Usage;
    };
    EXPECT_TRUE(refused([](KvSettings& s) { s.key_bits = 5; }));
    EXPECT_TRUE(refused([](KvSettings& s) { s.value_bits = 1; }));
    EXPECT_TRUE(refused([](KvSettings& s) { s.outliers = 0.051; }));
    EXPECT_TRUE(refused([](KvSettings& s) { s.outliers = std::nan(""); }));
    EXPECT_TRUE(refused([](KvSettings& s) { s.sinks = 65; }));
    EXPECT_TRUE(refused([](KvSettings& s) { s.window = 1025; }));
    EXPECT_TRUE(refused([](KvSettings& s) { s.layers = {{2, 1, 4, 4}}; }));
    EXPECT_TRUE(refused([](KvSettings& s) { s.layers = {{0, 0, 4, 8}}; }));
    EXPECT_TRUE(refused([](KvSettings& s) { s.layers = {{0, 1024, 4, 4}}; }));
    EXPECT_TRUE(checkLayers(*parseKvSettings("nuq3@0-1=4"), 2));
    EXPECT_FALSE(checkLayers(*parseKvSettings("nuq3@0-2=4"), 2));
}

TEST(KvSettings, NamesRoundTrip) {
    for (const char* name : {"fp16", "nuq4", "nuq3", "nuq2", "nuq4/2", "nuq16/3", "nuq3-0%", "nuq3-0.5%", "int4",
                             "int3", "int4-1%", "nuq3@0=4", "nuq3-0.5%@0-1=4/2@31=16", "fp16@3=2", "fp16-0%@3=2"}) {
        const auto settings = parseKvSettings(name);
        ASSERT_TRUE(settings) << name;
        EXPECT_EQ(settings->name(), name);
    }
    for (const char* name :
         {"", "nuq5", "nuq1", "fp32", "nuq4/", "nuq3-9%", "nuq3-1", "nuq3-x%", "int44", "nuq3@", "nuq3@0", "nuq3@0=5",
          "nuq3@-1=4", "nuq3@0-=4", "nuq3@0=4@", "nuq3@0=4/", "fp16x", "nuq3@0=4-1%"})
        EXPECT_FALSE(parseKvSettings(name)) << name;
}

TEST(KvSettings, ResearchFormsAreKnownToBenchmarksAlone) {
    for (const char* name :
         {"q4", "int3+post-rope", "int3+post-rope+token-keys", "nuq4-0%+token-keys+channel-values"}) {
        const auto settings = parseBenchSettings(name);
        ASSERT_TRUE(settings) << name;
        EXPECT_EQ(settings->name(), name);
        EXPECT_TRUE(settings->research.any());
        EXPECT_FALSE(parseKvSettings(name)) << name;
    }
    EXPECT_FALSE(parseBenchSettings("nuq3")->research.any());
    for (const char* name :
         {"fp16+post-rope", "nuq3+", "nuq3@0=4+post-rope", "q4+post-rope", "nuq3+post-rope+post-rope"})
        EXPECT_FALSE(parseBenchSettings(name)) << name;
}

}  // namespace
}  // namespace lectern
