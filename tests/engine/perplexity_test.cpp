// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "engine/engine.h"
#include "tests/support/test_data.h"
#include "tests/support/tiny_model.h"

namespace lectern {
namespace {

void writeWords(const std::filesystem::path& file, unsigned seed) {
    std::mt19937 random(seed);
    const std::vector<std::string> words = {"lamp", "keeper", "tower", "the", "of", "north", "sea", "light"};
    std::ofstream out(file);
    for (int word = 0; word < 2500; ++word) out << words[random() % words.size()] << (word % 9 == 8 ? ". " : " ");
}

TEST(Perplexity, ResearchFormsAreMeasuredBesideTheCacheItself) {
    const test::TempDir dir;
    EngineOptions options;
    options.threads = 2;
    options.built_in = test::writeTinyGguf(dir.path());
    const auto engine = Engine::create(options);
    ASSERT_TRUE(engine);
    PerplexityRequest request;
    request.text = dir / "t.txt";
    request.fit_text = dir / "fit.txt";
    for (const auto& file : {request.text, request.fit_text}) writeWords(file, file == request.text ? 1 : 7);
    request.context = 128;
    request.chunks = 2;
    for (const char* name : {"fp16", "nuq4", "q4", "int4+post-rope", "int2+post-rope+token-keys"}) {
        request.settings.push_back(*parseBenchSettings(name));
        request.settings.back().window = 0;
    }
    const auto rows = (*engine)->perplexity({}, request, {}, {});
    ASSERT_TRUE(rows) << rows.error().message;
    ASSERT_EQ(rows->size(), 5U);
    for (const auto& row : *rows) EXPECT_DOUBLE_EQ(row.fp16_perplexity, rows->front().perplexity);
    EXPECT_EQ((*rows)[0].kl_mean, 0);
    EXPECT_EQ((*rows)[0].bits_per_value, 16);
    EXPECT_EQ((*rows)[2].kv, "q4");
    EXPECT_EQ((*rows)[2].bits_per_value, 4.5);
    for (std::size_t i = 1; i < rows->size(); ++i) EXPECT_GT((*rows)[i].kl_mean, 0) << (*rows)[i].kv;
    EXPECT_GT((*rows)[4].kl_mean, 5 * (*rows)[3].kl_mean);
    request.calibrations = {"none"};
    EXPECT_FALSE((*engine)->perplexity({}, request, {}, {})) << "one calibration for five settings";
}

}  // namespace
}  // namespace lectern
