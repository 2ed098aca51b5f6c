// SPDX-License-Identifier: GPL-3.0-or-later
// Small models of every architecture against Hugging Face's transformers in double precision (tests/parity/models.py).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

#include "engine/infer/transformer.h"
#include "tests/engine/infer/model_shapes.h"
#include "tests/parity/parity_models.h"
#include "tests/support/test_data.h"

namespace lectern {
namespace {

struct Reference {
    std::vector<float> logits;
    std::vector<std::int32_t> greedy;
};

template <class T>
std::vector<T> numbers(const std::string& text) {
    std::vector<T> out;
    std::istringstream in(text);
    for (std::string number; std::getline(in, number, ',');) out.push_back(T(std::stod(number)));
    return out;
}

Reference referenceOf(const std::string& name) {
    std::ifstream file(LECTERN_SOURCE_DIR "/tests/parity/models.txt");
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::string here, logits, greedy;
        words >> here >> logits >> greedy;
        if (here == name) return {numbers<float>(logits), numbers<std::int32_t>(greedy)};
    }
    return {};
}

KvSettings uncompressed() {
    return *parseKvSettings("fp16");
}

class Parity : public testing::TestWithParam<std::pair<test::ParityModel, bool>> {};

/// fp16 rounds keys and values of the cache; what is left of the tolerance is f32.
TEST_P(Parity, LogitsAndGreedyTokensAreThoseOfTransformers) {
    const auto& [which, hugging_face] = GetParam();
    const Reference reference = referenceOf(which.name);
    ASSERT_EQ(reference.logits.size(), std::size_t(which.options.vocab)) << "no reference";
    ASSERT_EQ(reference.greedy.size(), std::size_t(test::kParityGreedy));
    const test::TempDir folder;
    const auto model = Model::open(hugging_face ? test::writeTinyHfFolder(folder.path(), which.options)
                                                : test::writeTinyGguf(folder.path(), which.options));
    ASSERT_TRUE(model) << model.error().message;
    ThreadPool pool(2);
    Transformer transformer(*model, pool, kernels::bestKernels());
    KvCache cache = transformer.makeCache(uncompressed());
    std::vector<float> logits(reference.logits.size());
    const auto prompt = test::randomTokens(std::size_t(which.prompt), which.options.vocab);
    ASSERT_TRUE(transformer.prefill(cache, prompt, logits.data(), {}));
    float largest = 0, error = 0;
    for (std::size_t i = 0; i < logits.size(); ++i) {
        largest = std::max(largest, std::fabs(reference.logits[i]));
        error = std::max(error, std::fabs(logits[i] - reference.logits[i]));
    }
    EXPECT_LT(error, 2e-3 * double(largest)) << "largest logit " << largest;
    for (std::size_t step = 0; step < reference.greedy.size(); ++step) {
        const auto best = std::int32_t(std::max_element(logits.begin(), logits.end()) - logits.begin());
        ASSERT_EQ(best, reference.greedy[step]) << "step " << step;
        ASSERT_TRUE(transformer.forward(cache, {&best, 1}, Logits::Last, logits.data()));
    }
}

std::vector<std::pair<test::ParityModel, bool>> everyForm() {
    std::vector<std::pair<test::ParityModel, bool>> all;
    for (const auto& model : test::parityModels()) {
        all.emplace_back(model, true);
        if (model.gguf && model.options.architecture != "mistral") all.emplace_back(model, false);
    }
    return all;
}

INSTANTIATE_TEST_SUITE_P(Models, Parity, testing::ValuesIn(everyForm()), [](const auto& info) {
    std::string name = info.param.first.name + (info.param.second ? "Folder" : "Gguf");
    std::erase(name, '-');
    return name;
});

}  // namespace
}  // namespace lectern
