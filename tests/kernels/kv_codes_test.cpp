// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/kv_codes.h"

#include "kernels/half.h"
#include "tests/kernels/fixtures.h"

namespace lectern::test {
namespace {

class KvCodes : public PerIsa {};
INSTANTIATE_TEST_SUITE_P(Isa, KvCodes, ::testing::ValuesIn(allTables()), tableName);

bool sameBytes(const Aligned<std::byte>& a, const Aligned<std::byte>& b) {
    return std::memcmp(a.data(), b.data(), a.size()) == 0;
}

TEST_P(KvCodes, BlockEqualsTheReferenceBitForBit) {
    forEachLayer([&](const Layer& layer) {
        for (const Data kind : kAllData) {
            for (const int tokens : {64, 37}) {
                const auto x = makeData(kind, tokens, layer.layout.shape.channels(), 7);
                auto want = layer.junkBlock(), got = layer.junkBlock(0x5a);
                layer.pack(packRef, x.data(), 0, tokens, want.data());
                layer.pack(m_table.pack, x.data(), 0, tokens, got.data());
                ASSERT_TRUE(sameBytes(got, want)) << layer.name() << ", data " << int(kind) << ", tokens " << tokens;
            }
        }
    });
}

TEST_P(KvCodes, PackingIsIndependentOfChunking) {
    forEachLayer([&](const Layer& layer) {
        const int channels = layer.layout.shape.channels();
        const auto x = makeData(Data::OutlierHeavy, 64, channels, 3);
        auto whole = layer.junkBlock();
        layer.pack(m_table.pack, x.data(), 0, 64, whole.data());
        std::mt19937 random(5);
        for (const int longest : {1, 2, 17, 40}) {
            auto parts = layer.junkBlock();
            for (int first = 0; first < 64;) {
                const int n = std::min(64 - first, 1 + int(random() % unsigned(longest)));
                layer.pack(m_table.pack, x.data() + first * channels, first, n, parts.data());
                first += n;
            }
            ASSERT_TRUE(sameBytes(parts, whole)) << layer.name() << ", pieces up to " << longest;
        }
    });
}

TEST_P(KvCodes, RewindingForgetsWhatWasThere) {
    forEachLayer([&](const Layer& layer) {
        const int channels = layer.layout.shape.channels();
        const auto x = makeData(Data::OutlierHeavy, 64, channels, 11);
        const auto other = makeData(Data::Ties, 64, channels, 12);
        for (const int kept : {1, 15, 16, 33, 63}) {
            auto want = layer.junkBlock(), got = layer.junkBlock();
            layer.pack(packRef, x.data(), 0, kept + 1, want.data());
            layer.pack(m_table.pack, x.data(), 0, kept, got.data());
            layer.pack(m_table.pack, other.data(), kept, 64 - kept, got.data());
            layer.pack(m_table.pack, x.data() + kept * channels, kept, 1, got.data());
            ASSERT_TRUE(sameBytes(got, want)) << layer.name() << ", kept " << kept;
        }
    });
}

TEST_P(KvCodes, ReadsBackWhatTheReferenceReads) {
    forEachLayer([&](const Layer& layer) {
        const int channels = layer.layout.shape.channels();
        const auto x = makeData(Data::OutlierHeavy, 64, channels, 13);
        auto block = layer.junkBlock();
        layer.pack(packRef, x.data(), 0, 64, block.data());
        const auto size = std::size_t(30 * channels);
        std::vector<float> want(size), got(size);
        unpackRef(layer.layout, layer.params, block.data(), 20, 30, want.data());
        m_table.unpack(layer.layout, layer.params, block.data(), 20, 30, got.data());
        ASSERT_EQ(std::memcmp(want.data(), got.data(), size * 4), 0) << layer.name();
    });
}

TEST_P(KvCodes, NeverWritesPastItsBlockOrScratch) {
    forEachLayer([&](const Layer& layer) {
        const int channels = layer.layout.shape.channels();
        const auto x = makeData(Data::OutlierHeavy, 64, channels, 17);
        Aligned<std::byte> block(layer.layout.bytes() + 64, std::byte(0x77));
        std::vector<float> scratch(packScratchFloats(channels) + 16, 42.0F);
        m_table.pack(layer.layout, layer.params, x.data(), 0, 64, scratch.data(), block.data());
        for (std::size_t i = layer.layout.bytes(); i < block.size(); ++i) ASSERT_EQ(block[i], std::byte(0x77));
        for (std::size_t i = packScratchFloats(channels); i < scratch.size(); ++i) ASSERT_EQ(scratch[i], 42.0F);
    });
}

TEST_P(KvCodes, OutliersComeBackNearlyExact) {
    const Layer layer(KvKind::Value, 2, 64, 2, 4);
    auto x = makeData(Data::Normal, 64, 128, 19);
    for (int t = 0; t < 64; ++t) x[std::size_t(t * 128 + t)] = 900, x[std::size_t(t * 128 + 127 - t / 2)] = -700;
    auto block = layer.junkBlock();
    layer.pack(m_table.pack, x.data(), 0, 64, block.data());
    std::vector<float> back(x.size());
    m_table.unpack(layer.layout, layer.params, block.data(), 0, 64, back.data());
    for (std::size_t t = 0; t < 64; ++t) {
        EXPECT_NEAR(back[t * 128 + t], 900, 0.5);
        EXPECT_NEAR(back[t * 128 + 127 - t / 2], -700, 0.5);
    }
}

TEST_P(KvCodes, SlotsOfKeysGoWhereCodesAreFurthestOff) {
    const Layer with(KvKind::Key, 2, 32, 2, 3), without(KvKind::Key, 2, 32, 2, 0);
    const auto x = makeData(Data::Normal, 64, 64, 23);
    std::vector<float> plain(x.size()), corrected(x.size());
    for (const auto* layer : {&with, &without}) {
        auto block = layer->junkBlock();
        layer->pack(m_table.pack, x.data(), 0, 64, block.data());
        m_table.unpack(layer->layout, layer->params, block.data(), 0, 64, (layer == &with ? corrected : plain).data());
    }
    for (std::size_t t = 0; t < 64; ++t) {
        std::vector<float> errors;
        float left = 0;
        for (std::size_t i = t * 64; i < (t + 1) * 64; ++i) {
            errors.push_back(std::fabs(x[i] - plain[i]));
            left = std::max(left, std::fabs(x[i] - corrected[i]));
        }
        std::sort(errors.begin(), errors.end());
        EXPECT_LE(left, errors[60] * 1.001F) << "token " << t << ": one of the three worst was not corrected";
    }
}

TEST_P(KvCodes, ConstantChannelReadsBackExactly) {
    const Layer layer(KvKind::Key, 1, 8, 3, 2);
    std::vector<float> x(64 * 8);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = layer.offset[i % 8];
    auto block = layer.junkBlock();
    layer.pack(m_table.pack, x.data(), 0, 64, block.data());
    std::vector<float> back(x.size());
    m_table.unpack(layer.layout, layer.params, block.data(), 0, 64, back.data());
    for (std::size_t t = 0; t < 64; ++t) EXPECT_EQ(back[t * 8 + 3], layer.offset[3]);
}

TEST_P(KvCodes, AllEqualValuesNeedNoCorrections) {
    const Layer layer(KvKind::Value, 1, 32, 2, 4);
    const std::vector<float> x(64 * 32, 1.5F);
    auto block = layer.junkBlock();
    layer.pack(m_table.pack, x.data(), 0, 64, block.data());
    std::vector<float> back(x.size());
    m_table.unpack(layer.layout, layer.params, block.data(), 0, 64, back.data());
    EXPECT_EQ(back, x);
}

}  // namespace
}  // namespace lectern::test
