// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/pack.h"

#include "tests/kernels/fixtures.h"
#include "tests/support/cuda_emulation/cuda_emulation.h"

namespace lectern::test {
namespace {

using emulation::Order;

/// Runs its tests in both orders of threads.
class CudaPack : public testing::TestWithParam<Order> {
protected:
    void SetUp() override { emulation::thread_order = GetParam(); }
    void TearDown() override { emulation::thread_order = Order::Ascending; }
};
INSTANTIATE_TEST_SUITE_P(Orders, CudaPack, testing::Values(Order::Ascending, Order::Descending),
                         [](const auto& info) { return info.param == Order::Ascending ? "Ascending" : "Descending"; });

/// Every fifth layer of forEachLayer, others in each order of threads. Emulated kernels are slow.
template <class What>
void forSomeLayers(int most_channels, Order order, What what) {
    int count = order == Order::Ascending ? 0 : 2;
    forEachLayer([&](const Layer& layer) {
        if (layer.layout.shape.channels() <= most_channels && ++count % 5 == 0) what(layer);
    });
}

/// Some pages of one layer, one behind another, filled with junk.
struct Pages {
    const Layer& layer;
    std::size_t pitch;
    Aligned<std::byte> memory;
    std::vector<std::byte*> blocks;

    Pages(const Layer& of, int pages, int junk)
        : layer(of), pitch((layer.layout.bytes() + 63) / 64 * 64), memory(pitch * std::size_t(pages), std::byte(junk)) {
        for (int p = 0; p < pages; ++p) blocks.push_back(memory.data() + pitch * std::size_t(p));
    }
    /// What the reference makes of tokens from place `first` on.
    void packReference(const float* x, int first, int tokens) {
        for (int done = 0; done < tokens;) {
            const int place = (first + done) % 64, n = std::min(64 - place, tokens - done);
            layer.pack(packRef, x + done * layer.layout.shape.channels(), place, n,
                       blocks[std::size_t((first + done) / 64)]);
            done += n;
        }
    }
    void packDevice(const float* x, int first, int tokens) {
        const int channels = layer.layout.shape.channels(), stride = channels + 4;
        Aligned<float> rows(std::size_t(stride * tokens), NAN);
        for (int t = 0; t < tokens; ++t) std::copy_n(x + t * channels, channels, rows.data() + t * stride);
        const std::size_t scratch_bytes = packScratchBytes(layer.layout, tokens);
        Aligned<std::byte> scratch(scratch_bytes, std::byte(0x3c));
        PackArgs args;
        args.layout = layer.layout, args.params = layer.params;
        args.x = rows.data(), args.stride = stride, args.tokens = tokens;
        args.first = first, args.pages = blocks.data(), args.scratch = scratch.data();
        ASSERT_EQ(packRefusal(args), nullptr);
        ASSERT_EQ(pack(args, nullptr), 0);
    }
    /// The first page whose bytes differ, or -1. Padding between blocks counts: it must not be touched.
    int difference(const Pages& other) const {
        for (std::size_t i = 0; i < memory.size(); ++i)
            if (memory.data()[i] != other.memory.data()[i]) return int(i / pitch);
        return -1;
    }
};

TEST_P(CudaPack, PagesEqualTheReferenceBitForBit) {
    int turn = 0;
    forSomeLayers(128, GetParam(), [&](const Layer& layer) {
        for (const Data kind : kAllData) {
            if (++turn % 2 == 0) continue;
            const auto x = makeData(kind, 67, layer.layout.shape.channels(), 7);
            Pages want(layer, 2, 0xa5), got(layer, 2, 0xa5);
            want.packReference(x.data(), 0, 67);
            got.packDevice(x.data(), 0, 67);
            ASSERT_EQ(got.difference(want), -1) << layer.name() << ", data " << int(kind);
        }
    });
}

TEST_P(CudaPack, EveryHeadDimensionOfRealModels) {
    const struct { int heads, dim; } shapes[] = {{4, 64}, {2, 80}, {3, 96}, {2, 128}, {1, 256}};
    for (const auto& shape : shapes)
        for (const KvKind kind : {KvKind::Key, KvKind::Value})
            for (const int bits : {2, 3, 4, kRawBits})
                for (const Data data : {Data::OutlierHeavy, Data::Ties}) {
                    const Layer layer(kind, shape.heads, shape.dim, bits, bits == kRawBits ? 0 : 6);
                    const auto x = makeData(data, 70, shape.heads * shape.dim, 3);
                    Pages want(layer, 2, 0x11), got(layer, 2, 0x11);
                    want.packReference(x.data(), 0, 70);
                    got.packDevice(x.data(), 0, 70);
                    ASSERT_EQ(got.difference(want), -1) << layer.name() << ", data " << int(data);
                }
}

TEST_P(CudaPack, AppendingInPiecesGivesTheSameBytes) {
    forSomeLayers(64, GetParam(), [&](const Layer& layer) {
        const int channels = layer.layout.shape.channels();
        const auto x = makeData(Data::OutlierHeavy, 150, channels, 5);
        Pages want(layer, 3, 0x77), got(layer, 3, 0x77);
        want.packReference(x.data(), 0, 150);
        int first = 0;
        for (const int n : {1, 1, 14, 33, 15, 70, 1, 15}) {
            got.packDevice(x.data() + first * channels, first, n);
            first += n;
        }
        ASSERT_EQ(first, 150);
        ASSERT_EQ(got.difference(want), -1) << layer.name();
    });
}

TEST_P(CudaPack, RewindingForgetsWhatWasThere) {
    forSomeLayers(64, GetParam(), [&](const Layer& layer) {
        const int channels = layer.layout.shape.channels();
        const auto x = makeData(Data::OutlierHeavy, 64, channels, 11), other = makeData(Data::Ties, 64, channels, 12);
        for (const int kept : {1, 40}) {
            Pages want(layer, 1, 0xa5), got(layer, 1, 0xa5);
            want.packReference(x.data(), 0, kept + 1);
            got.packDevice(x.data(), 0, kept);
            got.packDevice(other.data(), kept, 64 - kept);
            got.packDevice(x.data() + kept * channels, kept, 1);
            ASSERT_EQ(got.difference(want), -1) << layer.name() << ", kept " << kept;
        }
    });
}

TEST_P(CudaPack, ManyChannelsAndMoreCandidatesThanTheListHolds) {
    for (const KvKind kind : {KvKind::Key, KvKind::Value})
        for (const Data data : {Data::Normal, Data::OutlierHeavy, Data::Ties, Data::Zeros, Data::Constant, Data::Huge})
            for (const int slots : {12, 60, 700}) {
                const Layer layer(kind, 8, 128, 3, slots);
                const auto x = makeData(data, 3, 1024, 21);
                Pages want(layer, 1, 0xa5), got(layer, 1, 0xa5);
                want.packReference(x.data(), 0, 3);
                got.packDevice(x.data(), 0, 3);
                ASSERT_EQ(got.difference(want), -1) << layer.name() << ", data " << int(data);
            }
}

TEST(CudaPackRefusal, NamesWhatItWillNotTake) {
    PackArgs args;
    args.layout = {{8, 128}, KvKind::Key, 3, 12};
    args.stride = 1024, args.tokens = 1;
    EXPECT_EQ(packRefusal(args), nullptr);
    args.layout.bits = 5;
    EXPECT_STREQ(packRefusal(args), "bits are not 2, 3, 4 or 16");
    args.layout.bits = 4, args.layout.shape.head_dim = 100;
    EXPECT_STREQ(packRefusal(args), "the head dimension is not a multiple of 8 up to 256");
    args.layout.shape = {128, 256}, args.stride = 128 * 256;
    EXPECT_STREQ(packRefusal(args), "one token does not fit the shared memory of a block");
}

TEST(CudaUnpack, RawBlocksReadBackAsTheReferenceReadsThem) {
    for (const KvShape shape : {KvShape{1, 64}, KvShape{3, 80}}) {
        const KvBlockLayout layout = {shape, KvKind::Key, kRawBits, 0};
        const auto x = makeData(Data::OutlierHeavy, 2 * kPageTokens, shape.channels(), 21);
        const std::size_t page = std::size_t(kPageTokens * shape.channels());
        Aligned<std::byte> first(layout.bytes()), second(layout.bytes());
        const std::byte* const blocks[] = {first.data(), second.data()};
        std::vector<float> scratch(packScratchFloats(shape.channels())), all(2 * page);
        packRef(layout, {}, x.data(), 0, kPageTokens, scratch.data(), first.data());
        packRef(layout, {}, x.data() + page, 0, kPageTokens, scratch.data(), second.data());
        unpackRef(layout, {}, first.data(), 0, kPageTokens, all.data());
        unpackRef(layout, {}, second.data(), 0, kPageTokens, all.data() + page);
        for (const int tokens : {1, 50, 64, 65, 128}) {
            const auto count = std::size_t(tokens * shape.channels());
            std::vector<float> want(all.begin(), all.begin() + std::ptrdiff_t(count)), got(count + 1, NAN);
            ASSERT_EQ(unpackRaw(shape, blocks, tokens, got.data(), nullptr), 0);
            EXPECT_TRUE(std::isnan(got.back())) << "written behind the last token";
            got.pop_back();
            EXPECT_EQ(got, want) << tokens;
        }
    }
}

}  // namespace
}  // namespace lectern::test
