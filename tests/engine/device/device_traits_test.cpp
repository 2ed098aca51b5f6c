// SPDX-License-Identifier: GPL-3.0-or-later
// Architectures whose attention differs, through every way that a device attends: pages of codes, recorded tokens,
// contexts that it divides with the host.
#include "engine/device/device_room.h"
#include "tests/engine/device/both_processors.h"

namespace lectern::test {
namespace {

struct Trait {
    const char* name;
    TinyModelOptions options;
    bool hugging_face;
};

class DeviceTraits : public testing::TestWithParam<Trait> {
protected:
    Both open(std::uint64_t budget = 0, const LecternCudaModule& table = emulatedModule()) const {
        return Both(GetParam().options, GetParam().hugging_face, budget, table);
    }
    static KvCache read(const Both& both, const char* kv, std::size_t tokens) {
        KvCache cache = both.cpu->makeCache(kept(kv));
        EXPECT_TRUE(both.cpu->prefill(cache, both.tokens(0, tokens), nullptr, {}));
        cache.finish(both.cpu->pool());
        return cache;
    }
};
INSTANTIATE_TEST_SUITE_P(Traits, DeviceTraits,
                         testing::Values(Trait{"Gemma2", gemma2Of(64), false},
                                         Trait{"Gemma2HeadDim128", gemma2Of(128), true},
                                         Trait{"SmolLm3", smollm3Of(64), false},
                                         Trait{"Ministral3", ministral3Of(64), true}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_P(DeviceTraits, PagesOfCodesGiveTheLogitsOfTheCpu) {
    const Both both = open();
    for (const char* kv : {"nuq4", "nuq3", "nuq2", "nuq4/2@0=16/3"}) {
        KvCache cache = read(both, kv, 250);
        for (const std::size_t count : {1, 3, 20, 70})
            both.expectSameFromItsPages(cache, both.tokens(cache.tokens(), count),
                                        std::string(kv) + ", " + std::to_string(count) + " tokens");
        expectCopiesEqual(cache);
    }
}

/// One by one, over the end of a page, in two contexts of different length: the bits of those that are not recorded.
TEST_P(DeviceTraits, RecordedTokensGiveTheBitsOfThoseThatAreNot) {
    LecternCudaModule refusing = emulatedModule();
    refusing.beginCapture = [](kernels::Stream) { return -1; };
    const Both recording = open(), plain = open(0, refusing);
    KvCache a = read(recording, "nuq3", 180), b = a, short_a = read(recording, "nuq3", 40), short_b = short_a;
    const int before = emulatedGraphLaunches();
    for (std::size_t step = 0; step < 20; ++step) {
        const auto token = recording.tokens(300 + step, 1);
        const bool other = step % 5 == 3;
        const auto got = recording.run(*recording.device_side, other ? short_a : a, token);
        const auto want = plain.run(*plain.device_side, other ? short_b : b, token);
        ASSERT_EQ(std::memcmp(got.data(), want.data(), want.size() * sizeof(float)), 0) << step;
    }
    EXPECT_GT(emulatedGraphLaunches(), before + 5);
}

TEST_P(DeviceTraits, ContextsDividedWithTheHostGiveTheLogitsAndTheMassOfTheCpu) {
    constexpr std::size_t kRead = 340;
    const Both whole = open();
    const ModelConfig& config = whole.model->config;
    for (const char* kv : {"fp16", "nuq3"}) {
        SCOPED_TRACE(kv);
        const auto page = splitContext(kept(kv), config.layers, {config.kv_heads, config.head_dim}, kRead, 0).page;
        const Both split = open(contextBytes(kept(kv), config, kRead) - 3 * page);
        KvCache a = read(split, kv, kRead), b = a;
        for (const std::size_t count : {1, 3, 10, 1}) {
            AttentionMass want_mass, got_mass;
            want_mass.by_layer = got_mass.by_layer = true;
            const auto tokens = split.tokens(a.tokens() + 400, count);
            const auto want = split.run(*split.cpu, a, tokens, count == 3 ? &want_mass : nullptr),
                       got = split.run(*split.device_side, b, tokens, count == 3 ? &got_mass : nullptr);
            EXPECT_LT(relativeError(got, want), kTolerance) << count;
            EXPECT_GT(split.on_device->hostPageBytes(), 0U) << count;
            expectSameLayers(got_mass, want_mass);
        }
        expectCopiesEqual(b);
    }
}

}  // namespace
}  // namespace lectern::test
