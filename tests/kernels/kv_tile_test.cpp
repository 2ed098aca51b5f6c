// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/kv_tile.h"

#include "tests/kernels/fixtures.h"
#include "tests/kernels/tolerances.h"

namespace lectern::test {
namespace {

class KvTile : public PerIsa {};
INSTANTIATE_TEST_SUITE_P(Isa, KvTile, ::testing::ValuesIn(allTables()), tableName);

/// Rotations by 0 … 63 positions with storage.
struct Rope {
    std::vector<float> cos, sin;
    RopeOffsets offsets;

    Rope(int pairs, bool interleaved) {
        for (int i = 0; i < pairs; ++i)
            for (int n = 0; n < kPageTokens; ++n) {
                const double angle = n * std::pow(10000.0, -double(i) / pairs);
                cos.push_back(float(std::cos(angle)));
                sin.push_back(float(std::sin(angle)));
            }
        offsets = {cos.data(), sin.data(), pairs, interleaved};
    }
};

Aligned<std::byte> packed(const Layer& layer, Data kind, int tokens) {
    auto block = layer.junkBlock();
    const auto x = makeData(kind, tokens, layer.layout.shape.channels(), 23);
    layer.pack(packRef, x.data(), 0, tokens, block.data());
    return block;
}

TEST_P(KvTile, KeysEqualTheReference) {
    forEachLayer([&](const Layer& layer) {
        if (layer.layout.kind != KvKind::Key) return;
        const int head_dim = layer.layout.shape.head_dim;
        for (const Data kind : {Data::OutlierHeavy, Data::Constant, Data::Ties}) {
            const auto block = packed(layer, kind, 50);
            for (const int pairs : {0, head_dim / 4, head_dim / 2}) {
                for (const bool interleaved : {false, true}) {
                    const Rope rope(pairs, interleaved);
                    Aligned<float> want(std::size_t(head_dim * 64)), got(std::size_t(head_dim * 64), NAN);
                    const int head = layer.layout.shape.kv_heads - 1;
                    keyTileRef(layer.layout, layer.params, block.data(), head, rope.offsets, want.data());
                    m_table.keyTile(layer.layout, layer.params, block.data(), head, rope.offsets, got.data());
                    ASSERT_LT(normalisedError(got.span(), want.span()), kTileTolerance)
                        << layer.name() << ", pairs " << pairs << (interleaved ? " interleaved" : "");
                }
            }
        }
    });
}

TEST_P(KvTile, ValuesEqualTheReference) {
    forEachLayer([&](const Layer& layer) {
        if (layer.layout.kind != KvKind::Value) return;
        const int head_dim = layer.layout.shape.head_dim;
        for (const Data kind : kAllData) {
            const auto block = packed(layer, kind, 50);
            for (int head = 0; head < layer.layout.shape.kv_heads; ++head) {
                Aligned<float> want(std::size_t(head_dim * 64)), got(std::size_t(head_dim * 64), NAN);
                valueTileRef(layer.layout, layer.params, block.data(), head, want.data());
                m_table.valueTile(layer.layout, layer.params, block.data(), head, got.data());
                ASSERT_LT(normalisedError(got.span(), want.span()), kTileTolerance) << layer.name();
            }
        }
    });
}

TEST_P(KvTile, TokensNeverWrittenAreFinite) {
    forEachLayer([&](const Layer& layer) {
        if (layer.layout.kind != KvKind::Value) return;
        const auto block = packed(layer, Data::Normal, 1);
        Aligned<float> tile(std::size_t(layer.layout.shape.head_dim * 64), NAN);
        m_table.valueTile(layer.layout, layer.params, block.data(), 0, tile.data());
        for (const float v : tile.span()) ASSERT_TRUE(std::isfinite(v)) << layer.name();
    });
}

TEST_P(KvTile, DamagedSparseTableStaysWithinTheTile) {
    const Layer layer(KvKind::Value, 2, 32, 3, 4);
    auto block = packed(layer, Data::OutlierHeavy, 64);
    std::fill(block.data() + layer.layout.headsAt(), block.data() + layer.layout.bytes(), std::byte(0xff));
    Aligned<float> tile(32 * 64 + 64, 5.0F);
    for (const std::uint16_t first : {std::uint16_t(0), std::uint16_t(100), std::uint16_t(0xffff)}) {
        std::memcpy(block.data() + layer.layout.headsAt(), &first, 2);
        m_table.valueTile(layer.layout, layer.params, block.data(), 0, tile.data());
        m_table.valueTile(layer.layout, layer.params, block.data(), 1, tile.data());
        for (std::size_t i = 32 * 64; i < tile.size(); ++i) ASSERT_EQ(tile[i], 5.0F);
    }
}

}  // namespace
}  // namespace lectern::test
