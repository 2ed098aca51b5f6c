// SPDX-License-Identifier: GPL-3.0-or-later
// What Model promises whatever the file, and the public models where their data is at hand.
#include "engine/model/model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <set>
#include <thread>

#include "engine/model/model_limits.h"
#include "tests/engine/model/expect_refused.h"
#include "tests/engine/model/micro_gguf.h"
#include "tests/support/test_data.h"
#include "tests/support/tiny_model.h"

namespace lectern {
namespace {

using test::expectRefused;
using test::TempDir;
using test::testData;
using test::writeTinyGguf;
using test::writeTinyHfFolder;

std::string fingerprintOf(const std::filesystem::path& path) {
    const auto model = Model::open(path);
    EXPECT_TRUE(model) << (model ? "" : model.error().message);
    return model ? (*model)->fingerprint() : "";
}

TEST(Model, SaysWhatItCannotOpen) {
    const TempDir folder;
    expectRefused(folder / "absent.gguf", "does not exist");
    expectRefused(folder.path(), "has no config.json");
    expectRefused("/dev/null", "is neither a file nor a folder");
    std::ofstream(folder / "notes.txt") << "some notes";
    expectRefused(folder / "notes.txt", "is no model Lectern knows");
    std::ofstream(folder / "empty.gguf");
    expectRefused(folder / "empty.gguf", "is no model Lectern knows");
    expectRefused(writeTinyHfFolder(folder.path()) / "model.safetensors", "holds only weights: open the folder");
}

TEST(Model, AMissingModelIsToldFromOneThatCannotBeUsed) {
    const TempDir folder;
    EXPECT_EQ(Model::open(folder / "absent.gguf").error().parts.obstacle, Obstacle::NoModel);
    std::ofstream(folder / "torn.gguf") << "GGUF";
    const auto torn = Model::open(folder / "torn.gguf");
    ASSERT_FALSE(torn);
    EXPECT_EQ(torn.error().parts.obstacle, Obstacle::BadModel);
    EXPECT_EQ(torn.error().parts.names, std::vector{(folder / "torn.gguf").string()});
}

TEST(Model, LooksLikeOneByItsContent) {
    const TempDir folder;
    EXPECT_TRUE(looksLikeModel(writeTinyHfFolder(folder.path())));
    std::filesystem::rename(writeTinyGguf(folder.path()), folder / "model.bin");
    EXPECT_TRUE(looksLikeModel(folder / "model.bin"));
    EXPECT_FALSE(looksLikeModel(folder.path()));
    EXPECT_FALSE(looksLikeModel(folder / "absent"));
    std::ofstream(folder / "fake.gguf") << "GGU";
    EXPECT_FALSE(looksLikeModel(folder / "fake.gguf"));
}

TEST(Model, KeepsItsFingerprintUnderAnotherName) {
    const TempDir folder;
    const auto path = writeTinyGguf(folder.path());
    const std::string before = fingerprintOf(path);
    EXPECT_EQ(before.size(), 32U);
    std::filesystem::rename(path, folder / "other.gguf");
    EXPECT_EQ(fingerprintOf(folder / "other.gguf"), before);
}

TEST(Model, ChangesItsFingerprintWithAnyContent) {
    const TempDir folder;
    std::set<std::string> seen{fingerprintOf(writeTinyGguf(folder.path()))};
    for (const test::TinyModelOptions& options :
         {test::TinyModelOptions{.seed = 2}, test::TinyModelOptions{.rms_eps = 1e-6F},
          test::TinyModelOptions{.rope_theta = 9999}, test::TinyModelOptions{.rope_factor = 2},
          test::TinyModelOptions{.heads = 8, .kv_heads = 4, .head_dim = 8},
          test::TinyModelOptions{.weights = WeightType::F16}, test::TinyModelOptions{.tied = true}})
        EXPECT_TRUE(seen.insert(fingerprintOf(writeTinyGguf(folder.path(), options))).second);
    const auto path = folder / "tiny.gguf";
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-1, std::ios::end);
    file.put('\1');
    file.close();
    EXPECT_TRUE(seen.insert(fingerprintOf(path)).second) << "one byte of the last tensor";
}

TEST(Model, GivesEveryThreadTheSameFingerprint) {
    const TempDir folder;
    const auto model = Model::open(writeTinyGguf(folder.path()));
    ASSERT_TRUE(model);
    std::vector<std::string> seen(4);
    std::vector<std::thread> threads;
    for (std::string& print : seen) threads.emplace_back([&] { print = (*model)->fingerprint(); });
    for (std::thread& thread : threads) thread.join();
    for (const std::string& print : seen) EXPECT_EQ(print, seen[0]);
    EXPECT_EQ(seen[0].size(), 32U);
}

TEST(Model, HasNoFingerprintWhereItsFileWasCutShort) {
    const TempDir folder;
    const auto path = writeTinyGguf(folder.path());
    const auto model = Model::open(path);
    ASSERT_TRUE(model);
    std::filesystem::resize_file(path, 5000);
    EXPECT_EQ((*model)->fingerprint(), "");
}

TEST(Model, CountsTheBytesOfItsWeights) {
    const TempDir folder;
    const auto model = Model::open(test::MicroGguf().write(folder / "a.gguf"));
    ASSERT_TRUE(model);
    const int numbers = 8 * 32 + 3 * 32 + 2 * 32 * 32 + 2 * 16 * 32 + 3 * 64 * 32;
    EXPECT_EQ((*model)->weights_bytes, std::uint64_t(numbers) * 4);
}

TEST(ModelLimits, RefuseWhatLiesOutside) {
    ModelConfig sane;
    sane.layers = 2, sane.hidden = 64, sane.heads = 4, sane.kv_heads = 2, sane.head_dim = 16, sane.ffn = 128;
    sane.vocab = 300, sane.rope.dims = 16;
    ASSERT_TRUE(checkConfig(sane));
    const std::pair<int ModelConfig::*, int> wrong[] = {{&ModelConfig::layers, 0},
                                                        {&ModelConfig::layers, 1025},
                                                        {&ModelConfig::hidden, 65537},
                                                        {&ModelConfig::heads, 4097},
                                                        {&ModelConfig::heads, 3},
                                                        {&ModelConfig::kv_heads, 0},
                                                        {&ModelConfig::kv_heads, -1},
                                                        {&ModelConfig::head_dim, 264},
                                                        {&ModelConfig::head_dim, 20},
                                                        {&ModelConfig::ffn, 0},
                                                        {&ModelConfig::vocab, (1 << 21) + 1},
                                                        {&ModelConfig::vocab, -5},
                                                        {&ModelConfig::trained_context, -1}};
    for (const auto& [member, value] : wrong) {
        ModelConfig config = sane;
        config.*member = value;
        EXPECT_FALSE(checkConfig(config)) << value;
    }
    for (const int dims : {0, 7, 18, -2}) {
        ModelConfig config = sane;
        config.rope.dims = dims;
        EXPECT_FALSE(checkConfig(config)) << dims;
    }
    for (const double factor : {0.0, -1.0, double(INFINITY), double(NAN)}) {
        ModelConfig config = sane;
        config.rope.scaling.factor = factor;
        EXPECT_FALSE(checkConfig(config)) << factor;
    }
}

TEST(ModelLimits, RefuseWindowsOfOtherLayersOrSenselessOnes) {
    ModelConfig config;
    config.layers = 2, config.hidden = 64, config.heads = 4, config.kv_heads = 2, config.head_dim = 16;
    config.ffn = 128, config.vocab = 300, config.rope.dims = 16;
    config.windows = {0, 4096};
    EXPECT_TRUE(checkConfig(config));
    for (const std::vector<int>& windows : {std::vector<int>{1}, {1, 2, 3}, {1, -1}}) {
        config.windows = windows;
        EXPECT_FALSE(checkConfig(config));
    }
}

TEST(PublicModels, OpenStories260K) {
    const auto path = testData("models/stories260K/stories260K.gguf");
    if (!path) GTEST_SKIP() << "the public test data is absent";
    const auto model = Model::open(*path);
    ASSERT_TRUE(model) << model.error().message;
    const ModelConfig& c = (*model)->config;
    EXPECT_EQ(std::tuple(c.layers, c.hidden, c.heads, c.kv_heads), std::tuple(5, 64, 8, 4));
    EXPECT_EQ(std::tuple(c.head_dim, c.ffn, c.vocab, c.trained_context), std::tuple(8, 172, 512, 2048));
    EXPECT_FALSE((*model)->tied);
    EXPECT_EQ((*model)->tokenizer.tokens.size(), 512U);
    EXPECT_EQ((*model)->tokenizer.bos, 1);
    EXPECT_EQ((*model)->tokenizer.eos, 2);
}

TEST(PublicModels, OpenTinyStories656K) {
    const auto path = testData("models/TinyStories-656K");
    if (!path) GTEST_SKIP() << "the public test data is absent";
    const auto model = Model::open(*path);
    ASSERT_TRUE(model) << model.error().message;
    const ModelConfig& c = (*model)->config;
    EXPECT_EQ(std::tuple(c.layers, c.hidden, c.heads, c.kv_heads), std::tuple(2, 128, 8, 4));
    EXPECT_EQ(std::tuple(c.head_dim, c.ffn, c.vocab, c.trained_context), std::tuple(16, 384, 2048, 512));
    EXPECT_TRUE((*model)->tied);
    EXPECT_EQ((*model)->embedding.data, (*model)->output.data);
    EXPECT_EQ((*model)->weights_bytes, 2624000U);
    EXPECT_EQ((*model)->tokenizer.eos, 2);
}

TEST(PublicModels, RefuseOthersByName) {
    const auto vision = testData("models/negative-and-random/mmproj-tinygemma3.gguf");
    const auto phi = testData("models/negative-and-random/phi-tiny-random.safetensors");
    if (!vision || !phi) GTEST_SKIP() << "the public test data is absent";
    expectRefused(*vision, "this reads images for another model (general.architecture is 'clip')");
    expectRefused(*phi, "holds only weights: open the folder");
    const TempDir folder;
    const auto place = writeTinyHfFolder(folder.path());
    std::filesystem::copy_file(*phi, place / "model.safetensors", std::filesystem::copy_options::overwrite_existing);
    expectRefused(place, "model.embed_tokens.weight is [1024, 32], expected [512, 64].");
}

TEST(PublicModels, AnswerToACutAtEveryPage) {
    const auto original = testData("models/stories260K/stories260K.gguf");
    if (!original) GTEST_SKIP() << "the public test data is absent";
    const TempDir folder;
    const auto path = folder / "cut.gguf";
    std::filesystem::copy_file(*original, path);
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    for (auto size = std::filesystem::file_size(path) / 4096 * 4096; size > 0; size -= 4096) {
        std::filesystem::resize_file(path, size);
        expectRefused(path, "cut short");
    }
}

/// What a clone without Git LFS has instead of large files.
TEST(Model, FileThatGitLfsKeepsElsewhereIsNamed) {
    const TempDir folder;
    const std::string pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n";
    std::ofstream(folder / "a.gguf") << pointer;
    expectRefused(folder / "a.gguf", "a.gguf only says where Git LFS keeps the file: get it with 'git lfs pull'.");
    for (const char* file : {"model.safetensors", "tokenizer.json"}) {
        const auto place = writeTinyHfFolder(folder.path());
        std::ofstream(place / file) << pointer;
        expectRefused(place, std::string(file) + " only says where Git LFS keeps the file");
    }
    std::ofstream(writeTinyHfFolder(folder.path()) / "unused.bin") << pointer;
    EXPECT_TRUE(Model::open(folder / "tiny-hf")) << "what is not needed may be missing";
}

}  // namespace
}  // namespace lectern
