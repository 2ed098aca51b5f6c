// SPDX-License-Identifier: GPL-3.0-or-later
// Real small models against continuations and logits that an independent program computed in double precision.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "engine/infer/transformer.h"
#include "engine/text/tokenizer.h"
#include "tests/support/test_data.h"

namespace lectern {
namespace {

struct Golden {
    const char* name;
    const char* path;
    std::vector<TokenId> prompt, greedy;
    std::vector<float> logits;  ///< first ones after BOS alone
};

std::vector<double> numbers(const std::string& text) {
    std::vector<double> out;
    std::string body = text.substr(text.find('[') + 1);
    body = body.substr(0, body.find(']'));
    std::replace(body.begin(), body.end(), ',', ' ');
    std::istringstream in(body);
    for (double x = 0; in >> x;) out.push_back(x);
    return out;
}

/// Reads one model's entry of golden.txt.
Golden readGolden(const std::filesystem::path& file, const std::string& name) {
    std::ifstream in(file);
    Golden golden{};
    bool here = false;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with(name + " ")) {
            here = true;
            for (const double x : numbers(line.substr(line.find("ids ")))) golden.prompt.push_back(TokenId(x));
        } else if (here && (line.starts_with("  ids ") || line.starts_with(" ids "))) {
            for (const double x : numbers(line)) golden.greedy.push_back(TokenId(x));
        } else if (here && line.find("logits[0..7]") != std::string::npos) {
            for (const double x : numbers(line.substr(line.find("BOS")))) golden.logits.push_back(float(x));
            break;
        }
    }
    return golden;
}

class GoldenModels : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(GoldenModels, GiveTheIdsAndFirstLogits) {
    const auto file = test::testData("models/golden.txt");
    const auto path = test::testData(GetParam().second);
    if (!file || !path) GTEST_SKIP() << "public test data is not there";
    const Golden golden = readGolden(*file, GetParam().first);
    ASSERT_EQ(golden.logits.size(), 8U);
    auto model = Model::open(*path);
    ASSERT_TRUE(model) << model.error().message;
    for (const auto isa : kernels::kIsas) {
        const auto* table = kernels::kernelsFor(isa);
        if (table == nullptr) continue;
        ThreadPool pool(2);
        Transformer transformer(*model, pool, *table);
        KvSettings settings;
        settings.key_bits = settings.value_bits = 16;
        std::vector<float> logits(std::size_t((*model)->config.vocab));

        KvCache first = transformer.makeCache(settings);
        const std::vector<TokenId> bos = {golden.prompt.front()};
        ASSERT_TRUE(transformer.forward(first, bos, Logits::Last, logits.data()));
        for (std::size_t i = 0; i < 8; ++i)
            EXPECT_NEAR(logits[i], golden.logits[i], 1e-3) << table->name << " logit " << i;

        KvCache cache = transformer.makeCache(settings);
        ASSERT_TRUE(transformer.prefill(cache, golden.prompt, logits.data(), {}));
        std::vector<TokenId> ids;
        while (ids.size() < golden.greedy.size()) {
            ids.push_back(TokenId(std::max_element(logits.begin(), logits.end()) - logits.begin()));
            ASSERT_TRUE(transformer.forward(cache, {&ids.back(), 1}, Logits::Last, logits.data()));
        }
        EXPECT_EQ(ids, golden.greedy) << table->name;
    }
}

TEST_P(GoldenModels, TokenizeTheirPrompt) {
    const auto file = test::testData("models/golden.txt");
    const auto path = test::testData(GetParam().second);
    if (!file || !path) GTEST_SKIP() << "public test data is not there";
    const Golden golden = readGolden(*file, GetParam().first);
    auto model = Model::open(*path);
    ASSERT_TRUE(model);
    auto tokenizer = Tokenizer::make((*model)->tokenizer);
    ASSERT_TRUE(tokenizer) << tokenizer.error().message;
    const bool long_prompt = golden.prompt.size() > 5;
    auto ids = (*tokenizer)->encode(long_prompt ? "Once upon a time, there was a little girl" : "Once upon a time");
    ids.insert(ids.begin(), (*tokenizer)->spec().bos);
    EXPECT_EQ(ids, golden.prompt);
}

INSTANTIATE_TEST_SUITE_P(Public, GoldenModels,
                         testing::Values(std::pair{"stories260K", "models/stories260K/stories260K.gguf"},
                                         std::pair{"TinyStories-656K", "models/TinyStories-656K"}),
                         [](const auto& info) {
                             std::string name = info.param.first;
                             std::erase_if(name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); });
                             return name;
                         });

}  // namespace
}  // namespace lectern
