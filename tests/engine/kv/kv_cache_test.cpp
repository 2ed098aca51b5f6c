// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/kv/kv_cache.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <random>

namespace lectern {
namespace {

constexpr int kLayers = 2;
constexpr KvShape kShape{2, 24};

KvSettings settingsOf(const char* name, int sinks = 5, int window = 128) {
    auto settings = *parseKvSettings(name);
    settings.sinks = sinks;
    settings.window = window;
    return settings;
}

/// Keys with fixed outlier channels and a large constant offset in one, as real models have them.
std::vector<float> vectors(int tokens, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::vector<float> x(std::size_t(tokens) * std::size_t(kShape.channels()));
    for (std::size_t i = 0; i < x.size(); ++i) {
        const std::size_t c = i % std::size_t(kShape.channels());
        x[i] = normal(random) * (c == 3 ? 20.0F : 1.0F) + (c == 7 ? 50.0F : 0.0F);
    }
    return x;
}

constexpr int kStream = 3200;  ///< tokens of the longest test

class Filler {
public:
    Filler(KvCache& cache, ThreadPool& pool) : m_cache(cache), m_pool(pool) {
        for (unsigned layer = 0; layer < kLayers; ++layer) {
            m_k.push_back(vectors(kStream, 10 + layer));
            m_v.push_back(vectors(kStream, 20 + layer));
        }
    }

    /// Appends tokens [cache.tokens(), cache.tokens() + count) of a fixed stream.
    void append(int count) {
        const std::size_t at = m_cache.tokens() * std::size_t(kShape.channels());
        for (int layer = 0; layer < kLayers; ++layer) {
            const auto l = std::size_t(layer);
            ASSERT_TRUE(m_cache.append(layer, m_k[l].data() + at, m_v[l].data() + at, count, m_pool));
        }
        m_cache.advance(count);
        m_cache.settle(m_pool);
    }

private:
    KvCache& m_cache;
    ThreadPool& m_pool;
    std::vector<std::vector<float>> m_k, m_v;
};

KvCache makeCache(const KvSettings& settings) {
    return {kLayers, kShape, settings, kernels::bestKernels()};
}

/// Every byte that readers can see.
std::string bytesOf(const KvCache& cache) {
    std::string all;
    for (int layer = 0; layer < kLayers; ++layer) {
        for (int page = 0; page < cache.pageCount(cache.tokens()); ++page) {
            for (const KvKind kind : {KvKind::Key, KvKind::Value}) {
                const KvBlock& block = *cache.block(layer, kind, page);
                all.append(reinterpret_cast<const char*>(block.data()), block.bytes());
            }
        }
    }
    return all;
}

/// Share of keys' energy lost in the pages that are quantized.
double keyError(const KvCache& cache) {
    double noise = 0, signal = 0;
    const auto width = std::size_t(kShape.channels());
    const auto x = vectors(int(cache.tokens()), 10);
    for (int page = 1; page < cache.pageCount(cache.tokens()); ++page) {
        const auto view = cache.view(0, page, cache.tokens());
        if (view.key->layout().raw()) continue;
        std::vector<float> back(std::size_t(view.tokens) * width);
        kernels::bestKernels().unpack(view.key->layout(), cache.quantizer()->keys[0].params(), view.key->data(), 0,
                                      view.tokens, back.data());
        for (std::size_t i = 0; i < back.size(); ++i) {
            if (i % width == 7) continue;  // its offset would hide the rest
            const double truth = double(x[view.begin * width + i]);
            noise += (truth - double(back[i])) * (truth - double(back[i]));
            signal += truth * truth;
        }
    }
    return noise / signal;
}

class KvCacheBits : public testing::TestWithParam<const char*> {};

TEST_P(KvCacheBits, CodesDoNotDependOnHowPrefillWasCut) {
    ThreadPool pool(2);
    auto quantizer = std::make_shared<Quantizer>();
    {
        KvCache first = makeCache(settingsOf(GetParam(), 5, 0));
        Filler(first, pool).append(KvCache::kFitTokens + 5);
        ASSERT_NE(first.quantizer(), nullptr);
        *quantizer = *first.quantizer();
    }
    std::string expected;
    for (const int chunk : {300, 1, 7, 64, 65, 299}) {
        KvCache cache = makeCache(settingsOf(GetParam(), 5, 0));
        cache.setQuantizer(quantizer);
        Filler filler(cache, pool);
        while (cache.tokens() < 300) filler.append(std::min(chunk, 300 - int(cache.tokens())));
        if (expected.empty()) expected = bytesOf(cache);
        EXPECT_EQ(bytesOf(cache), expected) << "chunks of " << chunk;
    }
}

TEST_P(KvCacheBits, RewindAndAppendGivesTheSameBytes) {
    ThreadPool pool(2);
    for (const int window : {0, 128}) {
        KvCache cache = makeCache(settingsOf(GetParam(), 5, window));
        Filler filler(cache, pool);
        for (int i = 0; i < 5; ++i) filler.append(400);
        const std::string expected = bytesOf(cache);
        cache.rewind(1800);
        EXPECT_EQ(cache.tokens(), 1800U);
        while (cache.tokens() < 1900) filler.append(1);
        cache.rewind(1700);
        while (cache.tokens() < 2000) filler.append(std::min(100, 2000 - int(cache.tokens())));
        EXPECT_EQ(bytesOf(cache), expected) << "window " << window;
        EXPECT_EQ(cache.tokens(), 2000U);
    }
}

INSTANTIATE_TEST_SUITE_P(Settings, KvCacheBits,
                         testing::Values("nuq4", "nuq3", "nuq2", "nuq4/2", "nuq2-0%", "int4", "nuq3-5%", "nuq16/3",
                                         "nuq2/16", "nuq3@0=4/2", "nuq2@1=16/3", "fp16@1=2"));

TEST(KvCache, ErrorFallsWithBitsAndWithOutliers) {
    ThreadPool pool(2);
    std::map<std::string, double> error;
    for (const char* name : {"nuq4", "nuq3", "nuq2", "nuq2-0%", "int2"}) {
        KvCache cache = makeCache(settingsOf(name));
        Filler filler(cache, pool);
        for (int i = 0; i < 4; ++i) filler.append(512);
        error[name] = keyError(cache);
    }
    EXPECT_LT(error["nuq4"], 0.02);
    EXPECT_LT(error["nuq4"] * 2, error["nuq3"]);
    EXPECT_LT(error["nuq3"] * 2, error["nuq2"]);
    EXPECT_LT(error["nuq2"], error["nuq2-0%"]);
    EXPECT_LT(error["nuq2-0%"], error["int2"] * 1.05);
}

TEST(KvCache, WindowAndSinksStayRaw) {
    ThreadPool pool(1);
    KvCache cache = makeCache(settingsOf("nuq3", 5, 128));
    Filler filler(cache, pool);
    for (int i = 0; i < 4; ++i) filler.append(512);
    EXPECT_TRUE(cache.block(0, KvKind::Key, 0)->layout().raw());
    EXPECT_EQ(cache.pageCapacity(0), 5);
    for (int page = 1; page < cache.pageCount(cache.tokens()); ++page) {
        const bool recent = cache.pageBegin(page) + 64 > cache.tokens() - 128;
        EXPECT_EQ(cache.block(1, KvKind::Value, page)->layout().raw(), recent) << "page " << page;
    }
}

TEST(KvCache, LedgerCountsWhatIsAllocated) {
    ThreadPool pool(1);
    KvCache cache = makeCache(settingsOf("nuq3"));
    Filler filler(cache, pool);
    for (int i = 0; i < 6; ++i) filler.append(512);
    std::uint64_t blocks = 0;
    for (int layer = 0; layer < kLayers; ++layer) {
        for (int page = 0; page < cache.pageCount(cache.tokens()); ++page) {
            for (const KvKind kind : {KvKind::Key, KvKind::Value}) blocks += cache.block(layer, kind, page)->bytes();
        }
    }
    const MemoryLedger ledger = cache.ledger();
    EXPECT_GE(ledger.kvBytes(), blocks);
    EXPECT_LT(ledger.kvBytes(), blocks + blocks / 4);  // 48 channels make directories and tables weigh much
    EXPECT_EQ(ledger.fp16_bytes, cache.tokens() * 48 * 2 * 2 * kLayers);
    cache.rewind(0);
    EXPECT_EQ(cache.ledger().raw + cache.ledger().key_codes + cache.ledger().value_codes + cache.ledger().corrections,
              0U);
}

TEST(KvCache, ForksShareBlocksUntilOneWrites) {
    ThreadPool pool(2);
    KvCache trunk = makeCache(settingsOf("nuq4"));
    Filler(trunk, pool).append(1500);
    const std::string before = bytesOf(trunk);
    const MemoryLedger alone = trunk.ledger();
    KvCache fork(trunk);
    EXPECT_EQ(fork.ledger().raw, alone.raw);
    EXPECT_EQ(fork.ledger().key_codes, alone.key_codes) << "a shared block counts once";
    EXPECT_EQ(fork.block(0, KvKind::Key, 3), trunk.block(0, KvKind::Key, 3));
    Filler(fork, pool).append(500);
    EXPECT_EQ(bytesOf(trunk), before);
    EXPECT_EQ(fork.block(0, KvKind::Key, 3), trunk.block(0, KvKind::Key, 3));
    const MemoryLedger both = trunk.ledger();
    EXPECT_GT(both.key_codes, alone.key_codes);
    EXPECT_LT(both.key_codes, 2 * alone.key_codes);
}

TEST(KvCache, RestoredCacheIsTheSameBitForBit) {
    ThreadPool pool(2);
    for (const int window : {0, 128}) {
        KvCache cache = makeCache(settingsOf("nuq4/2", 5, window));
        Filler filler(cache, pool);
        for (int i = 0; i < 3; ++i) filler.append(512);
        KvCache back = makeCache(cache.settings());
        const auto packed = packQuantizer(*cache.quantizer());
        auto quantizer = unpackQuantizer(packed, cache.settings(), kLayers, kShape.channels());
        ASSERT_TRUE(quantizer) << quantizer.error().message;
        back.setQuantizer(std::make_shared<const Quantizer>(*quantizer));
        for (int layer = 0; layer < kLayers; ++layer) {
            for (int page = 0; page < cache.pageCount(cache.tokens()); ++page) {
                for (const KvKind kind : {KvKind::Key, KvKind::Value}) {
                    const KvBlock& block = *cache.block(layer, kind, page);
                    ASSERT_TRUE(back.restore(layer, kind, page, block.layout().bits, {block.data(), block.bytes()}));
                }
            }
        }
        ASSERT_TRUE(back.finishRestore(cache.tokens()));
        EXPECT_EQ(bytesOf(back), bytesOf(cache));
        Filler(back, pool).append(300);
        filler.append(300);
        EXPECT_EQ(bytesOf(back), bytesOf(cache)) << "what is appended later must not differ either";
    }
}

TEST(KvCache, DamagedBlocksAndQuantizersAreRefused) {
    ThreadPool pool(1);
    KvCache cache = makeCache(settingsOf("nuq3"));
    Filler filler(cache, pool);
    for (int i = 0; i < 3; ++i) filler.append(512);
    KvCache back = makeCache(cache.settings());
    back.setQuantizer(cache.quantizer());
    const KvBlock& block = *cache.block(0, KvKind::Key, 2);
    std::vector<std::byte> bytes(block.data(), block.data() + block.bytes());
    EXPECT_FALSE(back.restore(0, KvKind::Key, 2, 3, std::span(bytes).first(bytes.size() - 1)));
    EXPECT_FALSE(back.restore(7, KvKind::Key, 2, 3, bytes));
    EXPECT_FALSE(back.restore(0, KvKind::Key, 2, 4, bytes));
    auto lying = bytes;
    std::memset(lying.data() + block.layout().headsAt() + 2, 0xFF, 4);  // more corrections than there are slots
    EXPECT_FALSE(back.restore(0, KvKind::Key, 2, 3, lying));
    EXPECT_FALSE(back.finishRestore(cache.tokens()));

    std::string packed = packQuantizer(*cache.quantizer());
    EXPECT_FALSE(unpackQuantizer(packed.substr(0, packed.size() - 1), cache.settings(), kLayers, kShape.channels()));
    EXPECT_FALSE(unpackQuantizer(packed, cache.settings(), kLayers + 1, kShape.channels()));
    const float nan = std::numeric_limits<float>::quiet_NaN();
    std::memcpy(packed.data() + 9, &nan, sizeof nan);
    EXPECT_FALSE(unpackQuantizer(packed, cache.settings(), kLayers, kShape.channels()));
}

TEST(KvCache, NumbersThatAreNotFiniteAreRefusedByName) {
    ThreadPool pool(1);
    KvCache cache = makeCache(settingsOf("nuq3"));
    auto k = vectors(4, 1);
    const auto v = vectors(4, 2);
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
        k[5] = bad;
        const auto status = cache.append(1, k.data(), v.data(), 4, pool);
        ASSERT_FALSE(status);
        EXPECT_NE(status.error().message.find("Layer 1"), std::string::npos);
    }
}

TEST(KvCache, StatisticsTellOutlierShareAndError) {
    ThreadPool pool(2);
    KvCache cache = makeCache(settingsOf("nuq4"));
    Filler filler(cache, pool);
    for (int i = 0; i < 4; ++i) filler.append(512);
    for (const auto& layer : cache.statistics()) {
        EXPECT_GT(layer.keys.snr_db, 15);
        EXPECT_GT(layer.values.snr_db, 10);
        EXPECT_NEAR(layer.values.outlier_share, 2.0 / 48, 1e-6);  // slots are filled by count: two of 48 channels
        EXPECT_GT(layer.keys.outlier_share, 0.002);
        EXPECT_LT(layer.keys.outlier_share, 0.03);
        EXPECT_LT(layer.keys.drift, 0.05);
    }
}

TEST(KvCache, EveryLayerHasItsOwnBits) {
    ThreadPool pool(2);
    const auto settings = settingsOf("nuq3@0=4/2@1=16/3", 0, 0);
    KvCache cache = makeCache(settings);
    Filler filler(cache, pool);
    for (int i = 0; i < 3; ++i) filler.append(512);
    const auto bits = [&](int layer, KvKind kind) { return cache.block(layer, kind, 2)->layout().bits; };
    EXPECT_EQ(bits(0, KvKind::Key), 4);
    EXPECT_EQ(bits(0, KvKind::Value), 2);
    EXPECT_EQ(bits(1, KvKind::Key), 16);
    EXPECT_EQ(bits(1, KvKind::Value), 3);
    std::size_t page = 0;
    for (int layer = 0; layer < kLayers; ++layer)
        for (const KvKind kind : {KvKind::Key, KvKind::Value}) page += cache.block(layer, kind, 2)->bytes();
    EXPECT_EQ(page, pageBytes(settings, kLayers, kShape));
    EXPECT_TRUE(cache.quantizer()->keys[1].offset.empty());
    EXPECT_EQ(cache.quantizer()->values[1].book.size(), 8U);
}

TEST(KvCache, EverySwitchIsReal) {
    ThreadPool pool(2);
    for (const int sinks : {0, 1, 64}) {
        for (const int window : {0, 1, 64, 1024}) {
            KvCache cache = makeCache(settingsOf("nuq2", sinks, window));
            Filler filler(cache, pool);
            for (int i = 0; i < 5; ++i) filler.append(512);
            for (int page = 0; page < cache.pageCount(cache.tokens()); ++page) {
                const bool sink = sinks > 0 && page == 0;
                const auto end = cache.pageBegin(page) + std::uint64_t(cache.pageCapacity(page));
                const bool recent = window > 0 && end > cache.tokens() - std::uint64_t(window);
                EXPECT_EQ(cache.block(0, KvKind::Key, page)->layout().raw(), sink || recent)
                    << sinks << " sinks, window " << window << ", page " << page;
            }
        }
    }
    std::map<std::string, std::uint64_t> corrections;
    for (const char* name : {"nuq3-0%", "nuq3", "nuq3-5%"}) {
        KvCache cache = makeCache(settingsOf(name));
        Filler filler(cache, pool);
        for (int i = 0; i < 4; ++i) filler.append(512);
        corrections[name] = cache.ledger().corrections;
    }
    EXPECT_EQ(corrections["nuq3-0%"], 0U);
    EXPECT_EQ(corrections["nuq3"] * 2, corrections["nuq3-5%"]);  // 2 and 4 slots of 48 channels
}

TEST(KvCache, FilterChangesWhatIsKept) {
    ThreadPool pool(1);
    KvCache cache = makeCache(settingsOf("fp16", 0, 0));
    std::vector<std::uint64_t> firsts;
    cache.setFilter([&](int, std::uint64_t first, float* k, float* v, int tokens) {
        firsts.push_back(first);
        std::fill_n(k, tokens * kShape.channels(), 2.0F);
        std::fill_n(v, tokens * kShape.channels(), -3.0F);
    });
    Filler filler(cache, pool);
    filler.append(10);
    filler.append(1);
    EXPECT_EQ(firsts, (std::vector<std::uint64_t>{0, 0, 10, 10}));
    std::vector<float> back(11 * std::size_t(kShape.channels()));
    const auto view = cache.view(1, 0, cache.tokens());
    kernels::bestKernels().unpack(view.value->layout(), {}, view.value->data(), 0, 11, back.data());
    EXPECT_EQ(back, std::vector<float>(back.size(), -3.0F));
}

}  // namespace
}  // namespace lectern
