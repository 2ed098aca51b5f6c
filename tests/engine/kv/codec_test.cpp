// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/kv/codec.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "engine/kv/kv_cache.h"

namespace lectern {
namespace {

TEST(Codec, SmallestShareStillHasSlotsAndNoneHasNone) {
    KvSettings settings = *parseKvSettings("nuq3");
    for (const double share : {1e-9, 0.0001, 0.01}) {
        settings.outliers = share;
        EXPECT_EQ(sparseSlots(settings, 3, 48), 2) << share;
    }
    settings.outliers = 0;
    EXPECT_EQ(sparseSlots(settings, 3, 48), 0);
    settings.outliers = 0.05;
    EXPECT_EQ(sparseSlots(settings, 3, 8), 2);
    EXPECT_EQ(sparseSlots(settings, kernels::kRawBits, 48), 0);
}

TEST(Codec, WidthsThatFillNoVectorComeBackLikeAnyOther) {
    ThreadPool pool(1);
    KvSettings settings = *parseKvSettings("nuq4-0%");
    settings.sinks = settings.window = 0;
    for (const KvShape shape : {KvShape{1, 8}, KvShape{5, 8}, KvShape{3, 24}, KvShape{1, 40}}) {
        const auto channels = std::size_t(shape.channels());
        KvCache cache(1, shape, settings, kernels::bestKernels());
        std::mt19937 random(3);
        std::normal_distribution<float> normal;
        std::vector<float> x(1100 * channels);
        for (float& value : x) value = normal(random);
        ASSERT_TRUE(cache.append(0, x.data(), x.data(), 1100, pool));
        cache.advance(1100);
        cache.finish(pool);
        double noise = 0, signal = 0;
        for (int page = 0; page < cache.pageCount(cache.tokens()); ++page) {
            const auto view = cache.view(0, page, cache.tokens());
            ASSERT_FALSE(view.key->layout().raw());
            std::vector<float> back(std::size_t(view.tokens) * channels);
            kernels::bestKernels().unpack(view.key->layout(), cache.quantizer()->keys[0].params(), view.key->data(), 0,
                                          view.tokens, back.data());
            for (std::size_t i = 0; i < back.size(); ++i) {
                const double truth = double(x[view.begin * channels + i]);
                noise += (truth - double(back[i])) * (truth - double(back[i]));
                signal += truth * truth;
            }
        }
        EXPECT_LT(noise / signal, 0.02) << shape.kv_heads << " heads of " << shape.head_dim;
    }
}

TEST(Codec, DataFreeBooksAreSortedSymmetricAndNormalised) {
    for (const int bits : {2, 3, 4}) {
        for (const double outliers : {0.0, 0.01}) {
            const auto book = dataFreeBook(Codebook::NormalFloat, bits, outliers);
            ASSERT_EQ(book.size(), std::size_t(1) << bits);
            EXPECT_TRUE(std::is_sorted(book.begin(), book.end()));
            EXPECT_LE(book.back(), 1.0F);
            for (std::size_t i = 0; i < book.size(); ++i) EXPECT_NEAR(book[i], -book[book.size() - 1 - i], 1e-5);
        }
    }
}

TEST(Codec, ChannelThatNeverVariesComesBackExactly) {
    std::vector<float> k(256 * 8, 3.25F);
    for (std::size_t i = 0; i < k.size(); i += 8) k[i] = float(i % 7);
    const auto codec = fitKeyCodec(*parseKvSettings("nuq3"), 0, k, 256, 8);
    EXPECT_EQ(codec.range[1], 0.0F);
    EXPECT_EQ(codec.offset[1], 3.25F);
    EXPECT_GT(codec.range[0], 0.0F);
}

}  // namespace
}  // namespace lectern
