// SPDX-License-Identifier: GPL-3.0-or-later
// A tiny model on the CPU and on a device that the host emulates.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "engine/device/device_transformer.h"
#include "engine/infer/transformer.h"
#include "tests/engine/infer/model_shapes.h"
#include "tests/support/cuda_emulation/emulated_module.h"
#include "tests/support/test_data.h"

namespace lectern::test {

constexpr double kTolerance = 1e-2;  ///< of the logits' spread: products of the device have fp16 factors

inline KvSettings kept(const std::string& name, int window = 64) {
    KvSettings settings = *parseKvSettings(name);
    settings.window = window;
    return settings;
}

inline double relativeError(const std::vector<float>& got, const std::vector<float>& want) {
    double worst = 0, scale = 0;
    for (std::size_t i = 0; i < want.size(); ++i) {
        const double difference = std::abs(double(got[i]) - double(want[i]));
        if (!std::isfinite(difference)) return INFINITY;
        worst = std::max(worst, difference);
        scale = std::max(scale, std::abs(double(want[i])));
    }
    return worst / scale;
}

/// The best kernels of this machine that attend in f32: those with bfloat16 factors round more than a device does.
inline const kernels::KernelTable& f32Kernels() {
    const kernels::KernelTable& best = kernels::bestKernels();
    return best.isa == kernels::Isa::Avx512Bf16 ? *kernels::kernelsFor(kernels::Isa::Avx512) : best;
}

/// A tiny model on both.
class Both {
public:
    explicit Both(const TinyModelOptions& options, bool hugging_face = false, std::uint64_t budget = 0,
                  const LecternCudaModule& table = emulatedModule()) {
        auto opened =
            Model::open(hugging_face ? writeTinyHfFolder(m_dir.path(), options) : writeTinyGguf(m_dir.path(), options));
        EXPECT_TRUE(opened) << opened.error().message;
        open(*opened, budget, table);
    }
    explicit Both(std::shared_ptr<const Model> made) { open(std::move(made), 0, emulatedModule()); }

    void open(std::shared_ptr<const Model> opened, std::uint64_t budget, const LecternCudaModule& table) {
        model = std::move(opened);
        auto device = Device::open(table, 0);
        EXPECT_TRUE(device);
        auto made = DeviceTransformer::make(*device, model, pool, Transformer::kChunk, budget);
        EXPECT_TRUE(made) << made.error().message;
        auto pass = std::move(*made);
        on_device = pass.get();
        cpu = std::make_unique<Transformer>(model, pool, f32Kernels());
        device_side = std::make_unique<Transformer>(model, pool, kernels::bestKernels(), std::move(pass));
        ids = randomTokens(2000, model->config.vocab);
    }

    std::span<const std::int32_t> tokens(std::size_t from, std::size_t count) const {
        return std::span(ids).subspan(from, count);
    }
    /// Logits of the last of `tokens`, appended to `cache`.
    std::vector<float> run(Transformer& by, KvCache& cache, std::span<const std::int32_t> tokens,
                           AttentionMass* mass = nullptr) const {
        std::vector<float> logits(std::size_t(model->config.vocab), NAN);
        const auto done = by.forward(cache, tokens, Logits::Last, logits.data(), mass);
        EXPECT_TRUE(done) << done.error().message;
        return logits;
    }
    /// Both read the same and agree.
    void expectSame(KvCache& a, KvCache& b, std::span<const std::int32_t> tokens, const std::string& what) const {
        const auto want = run(*cpu, a, tokens), got = run(*device_side, b, tokens);
        EXPECT_LT(relativeError(got, want), kTolerance) << what;
    }

    /// The device appends `tokens`, the CPU does from the device's own pages: no code of an earlier pass differs.
    void expectSameFromItsPages(KvCache& cache, std::span<const std::int32_t> tokens, const std::string& what) const {
        KvCache fork = cache;
        const auto want = run(*cpu, fork, tokens);
        fork = cpu->makeCache(cache.settings());
        EXPECT_LT(relativeError(run(*device_side, cache, tokens), want), kTolerance) << what;
    }

    ThreadPool pool{2};
    std::shared_ptr<const Model> model;
    std::unique_ptr<Transformer> cpu, device_side;
    DeviceTransformer* on_device = nullptr;
    std::vector<std::int32_t> ids;

private:
    TempDir m_dir;
};

/// Each layer's mass, where it was asked for, and that the layers make up the whole.
inline void expectSameLayers(const AttentionMass& got, const AttentionMass& want) {
    ASSERT_EQ(got.layers.size(), want.layers.size());
    std::vector<float> sum(got.groups.size(), 0.0F);
    for (std::size_t layer = 0; layer < want.layers.size(); ++layer) {
        ASSERT_EQ(got.layers[layer].size(), want.layers[layer].size()) << layer;
        for (std::size_t i = 0; i < want.layers[layer].size(); ++i) {
            EXPECT_NEAR(got.layers[layer][i], want.layers[layer][i], 0.02) << "layer " << layer << ", group " << i;
            sum[i] += got.layers[layer][i];
        }
    }
    for (std::size_t i = 0; i < sum.size() && !want.layers.empty(); ++i) EXPECT_NEAR(sum[i], got.groups[i], 1e-4) << i;
}

/// Every block of the cache equals its copy on the device, where it has one.
inline void expectCopiesEqual(const KvCache& cache) {
    int compared = 0;
    for (int page = 0; page < cache.pageCount(cache.tokens()); ++page) {
        std::size_t at = 0;
        for (int layer = 0; layer < cache.layers(); ++layer)
            for (const KvKind kind : {KvKind::Key, KvKind::Value}) {
                const KvBlock& block = *cache.block(layer, kind, page);
                const auto copy = std::static_pointer_cast<PageCopy>(block.copy());
                if (copy == nullptr) continue;
                const std::uint64_t begin = cache.pageBegin(page);
                ASSERT_EQ(std::memcmp(block.data(), copy->at() + at, block.bytes()), 0)
                    << "layer " << layer << " page " << page << " of " << begin;
                at += (block.bytes() + 63) / 64 * 64;
                ++compared;
            }
    }
    EXPECT_GT(compared, 0);
}

/// Every way that tokens take: chunks that come back as pages and as rows, few tokens, one.
inline void expectEveryWay(const Both& both, const std::string& kv = "fp16") {
    KvCache a = both.cpu->makeCache(kept(kv)), b = both.device_side->makeCache(kept(kv));
    both.expectSame(a, b, both.tokens(0, 90), "a chunk that comes back as pages");
    both.expectSame(a, b, both.tokens(90, 9), "a chunk that comes back as rows");
    both.expectSame(a, b, both.tokens(99, 2), "two tokens");
    both.expectSame(a, b, both.tokens(101, 7), "seven tokens");
    both.expectSame(a, b, both.tokens(108, 1), "one token");
    expectCopiesEqual(b);
}

/// The share of the bytes of codes that differ between two caches whose pages are coded alike.
inline double codesThatDiffer(const KvCache& a, const KvCache& b) {
    std::size_t bytes = 0, different = 0;
    for (int page = 0; page < a.pageCount(a.tokens()); ++page)
        for (int layer = 0; layer < a.layers(); ++layer)
            for (const KvKind kind : {KvKind::Key, KvKind::Value}) {
                const KvBlock &x = *a.block(layer, kind, page), &y = *b.block(layer, kind, page);
                EXPECT_EQ(x.layout().bits, y.layout().bits) << page;
                if (x.layout().raw() || x.layout().bits != y.layout().bits) continue;
                const std::size_t size = kernels::codeBytes(x.layout().bits, a.shape().channels());
                for (std::size_t i = 0; i < size; ++i) different += x.data()[i] != y.data()[i] ? 1 : 0;
                bytes += size;
            }
    EXPECT_GT(bytes, 0U);
    return double(different) / double(bytes);
}

inline TinyModelOptions tiny(int heads, int kv_heads, int head_dim) {
    auto options = shaped(heads, kv_heads, head_dim);
    options.vocab = 384;
    return options;
}

/// Gemma-3: six layers with a window of 24 and one without.
inline TinyModelOptions gemmaOf(int head_dim) {
    auto options = gemma(100);
    options.head_dim = head_dim;
    options.vocab = 384;
    return options;
}
/// Gemma-2: two layers with a window of 24 and one without, scores and logits capped.
inline TinyModelOptions gemma2Of(int head_dim) {
    auto options = gemma2();
    options.head_dim = head_dim;
    options.vocab = 384;
    return options;
}
inline TinyModelOptions ministral3Of(int head_dim) {
    auto options = ministral3(head_dim);
    options.vocab = 384;
    return options;
}
inline TinyModelOptions smollm3Of(int head_dim) {
    auto options = smollm3(head_dim);
    options.vocab = 384;
    return options;
}
inline TinyModelOptions with(kernels::WeightType type) {
    auto options = shaped(4, 1, 64, type);
    options.vocab = 384;
    return options;
}
inline TinyModelOptions with(const std::string& architecture, const std::string& rope = "linear", float factor = 1,
                             int rotated = 0, int window = 0) {
    auto options = traited(architecture, rope, factor, rotated, window, 64);
    options.vocab = 384;
    return options;
}

}  // namespace lectern::test
