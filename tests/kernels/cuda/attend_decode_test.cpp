// SPDX-License-Identifier: GPL-3.0-or-later
// Decode attention, its kernels run on the host, against its definition.
#include "kernels/cuda/attend_decode.h"

#include <gtest/gtest.h>

#include <cmath>

#include "kernels/cuda/attend_merge.h"
#include "tests/kernels/cuda/decode_case.h"
#include "tests/support/cuda_emulation/cuda_emulation.h"

namespace lectern::test {
namespace {

using emulation::Order;
using kernels::DecodeArgs;
using kernels::DecodePlan;
using kernels::kRawBits;

// Shared memory that one thread block may have: compute capability 7.5, 8.6 and 8.9, 8.0, 9.0.
constexpr std::size_t kTuring = 64 * 1024, kAda = 99 * 1024, kAmpere = 163 * 1024, kLargest = 227 * 1024;

/// The states of all splits, merged.
DecodeOutputs run(const HostLayer& host, int processors, std::size_t shared_limit, int most_warps) {
    const auto heads = std::size_t(host.shape.kv_heads * host.shape.group), d = std::size_t(host.shape.head_dim);
    DecodeArgs args = host.args();
    EXPECT_EQ(kernels::decodeRefusal(args), nullptr);
    DecodePlan plan = kernels::planDecode(args, processors, shared_limit);
    plan.warps = std::min(plan.warps, most_warps);
    const std::size_t rows = heads * std::size_t(plan.splits);
    std::vector<float> m(rows, NAN), l(rows, NAN), o(rows * d, NAN), out(heads * d, NAN), total(heads, NAN), lse;
    if (host.shape.mass) lse.assign(heads * std::size_t(host.shape.pages() * kernels::kMassGroups), NAN);
    args.out = {m.data(), l.data(), o.data()};
    args.group_lse = host.shape.mass ? lse.data() : nullptr;
    EXPECT_EQ(kernels::attendDecode(args, plan, nullptr), 0);
    EXPECT_EQ(kernels::mergeStates(
                  {m.data(), l.data(), o.data(), plan.splits, int(heads), int(d), {out.data(), nullptr}, total.data()},
                  nullptr),
              0);
    return mergedOutputs(std::move(out), total, std::move(lse));
}

/// Runs its tests in both orders of threads.
class CudaDecode : public testing::TestWithParam<Order> {
protected:
    void SetUp() override { emulation::thread_order = GetParam(); }
    void TearDown() override { emulation::thread_order = Order::Ascending; }

    /// One head, two pages and a piece, two splits unless the shape says otherwise.
    static DecodeShape small(int bits) {
        DecodeShape shape;
        shape.key_bits = shape.value_bits = bits;
        shape.kv_heads = 1, shape.head_dim = 64, shape.tokens = 130, shape.mass = true;
        shape.key_slots = shape.value_slots = bits == kRawBits ? 0 : 2;
        return shape;
    }
    static void expectReference(const DecodeShape& shape, int processors = 2, std::size_t shared_limit = kLargest) {
        const HostLayer host(shape);
        EXPECT_LE(worstError(host, run(host, processors, shared_limit, 2), referenceOutputs(host)), 1) << shape.name();
    }
};
INSTANTIATE_TEST_SUITE_P(Orders, CudaDecode, testing::Values(Order::Ascending, Order::Descending),
                         [](const auto& info) { return info.param == Order::Ascending ? "Ascending" : "Descending"; });

TEST_P(CudaDecode, EveryPairOfBitsEqualsTheReference) {
    for (const int key_bits : {2, 3, 4, kRawBits})
        for (const int value_bits : {2, 3, 4, kRawBits}) {
            DecodeShape shape = small(key_bits);
            shape.value_bits = value_bits, shape.group = 2;
            shape.value_slots = value_bits == kRawBits ? 0 : 3;
            expectReference(shape);
        }
}

TEST_P(CudaDecode, EveryHeadDimensionEqualsTheReference) {
    for (const int bits : {2, 3, 4, kRawBits})
        for (const int head_dim : {80, 96, 128, 256}) {
            DecodeShape shape = small(bits);
            for (const int group : {1, 2}) {
                shape.head_dim = head_dim, shape.interleaved = head_dim % 64 == 0, shape.tokens = 70;
                shape.group = group;
                expectReference(shape);
            }
        }
}

TEST_P(CudaDecode, EveryGroupingOfHeadsEqualsTheReference) {
    for (const int group : {1, 3, 7, 8, 12}) {
        DecodeShape shape = small(3);
        shape.group = group, shape.kv_heads = 2;
        expectReference(shape);
    }
}

TEST_P(CudaDecode, PartialRotationOfEitherPairingAndNone) {
    for (const bool interleaved : {false, true})
        for (const int pairs : {17, 0})
            for (const int bits : {4, kRawBits})
                for (const int group : {1, 2}) {
                    DecodeShape shape = small(bits);
                    shape.pairs = pairs, shape.interleaved = interleaved, shape.group = group;
                    expectReference(shape);
                }
}

TEST_P(CudaDecode, NoMoreIsSeenThanBeginAndTokensSay) {
    const struct {
        int begin, tokens;
    } extents[] = {{0, 1}, {0, 64}, {63, 65}, {100, 400}, {390, 400}, {200, 200}, {0, 0}};
    for (const auto& extent : extents)
        for (const int bits : {3, kRawBits}) {
            DecodeShape shape = small(bits);
            shape.begin = extent.begin, shape.tokens = extent.tokens;
            expectReference(shape, 3);
        }
}

TEST_P(CudaDecode, ManyAndLargeOutliersEqualTheReference) {
    for (const int bits : {2, 3, 4})
        for (const int slots : {0, 10, 64}) {
            DecodeShape shape = small(bits);
            for (const int group : {1, 3, 8}) {
                shape.fill = Fill::OutlierHeavy, shape.key_slots = shape.value_slots = slots, shape.group = group;
                expectReference(shape);
            }
        }
}

TEST_P(CudaDecode, ConstantChannelsGiveTheirOffset) {
    for (const int bits : {2, 3, 4}) {
        DecodeShape shape = small(bits);
        for (const int group : {1, 4}) {
            shape.fill = Fill::Constant, shape.group = group;
            expectReference(shape);
        }
    }
}

TEST_P(CudaDecode, CappedScoresEqualTheReference) {
    for (const int bits : {2, 3, 4, kRawBits})
        for (const int group : {1, 2, 8})
            for (const int head_dim : {64, 128, 256}) {
                DecodeShape shape = small(bits);
                shape.cap = head_dim == 64 ? 1 : 50;  // scores reach ±15 and more
                shape.group = group, shape.head_dim = head_dim, shape.tokens = 70;
                shape.value_bits = bits == 2 ? 4 : bits;
                expectReference(shape);
            }
}

TEST_P(CudaDecode, CappedScoresOfOutliersAndWindowsEqualTheReference) {
    for (const int group : {1, 3}) {
        DecodeShape shape = small(3);
        shape.cap = 2, shape.group = group;
        shape.fill = Fill::OutlierHeavy, shape.key_slots = shape.value_slots = 10;
        expectReference(shape);
        shape.begin = 63, shape.tokens = 140, shape.fill = Fill::Constant;
        expectReference(shape, 3);
        shape.begin = shape.tokens;  // nothing is seen: not even a score of -cap
        expectReference(shape);
        expectReference(shape, 1, kTuring);
    }
}

/// No score overflows, whatever the queries are: they reach the cap, or all are 0.
TEST_P(CudaDecode, ACapHoldsForAnyQuery) {
    for (const int group : {1, 4})
        for (const float query : {0.0F, 1e-30F, 1e30F}) {
            DecodeShape shape = small(4);
            shape.cap = 50, shape.group = group, shape.query = query, shape.tokens = 20;
            const HostLayer host(shape);
            const DecodeOutputs got = run(host, 1, kLargest, 1), want = referenceOutputs(host);
            for (std::size_t h = 0; h < want.m.size(); ++h) {
                const double total = want.m[h] + std::log(double(want.l[h]));
                EXPECT_NEAR(got.m[h], total, 1e-3) << shape.name() << ", head " << h;
                if (query < 1)
                    EXPECT_NEAR(got.m[h], std::log(20.0), 1e-4);
                else
                    EXPECT_TRUE(got.m[h] >= 50 && got.m[h] <= 50 + std::log(20.0F)) << got.m[h];
            }
        }
}

TEST_P(CudaDecode, DevicesWithLittleSharedMemoryGiveTheReferenceToo) {
    for (const std::size_t limit : {kTuring, kAda})
        for (const int bits : {2, 3, 4, kRawBits}) {
            DecodeShape shape = small(bits);
            shape.head_dim = 128, shape.group = 2, shape.tokens = 70;
            expectReference(shape, 1, limit);
        }
}

TEST(CudaDecodePlan, FitsTheSharedMemoryOfTheDevice) {
    for (const std::size_t limit : {kTuring, kAda, kAmpere, kLargest})
        for (const int key_bits : {2, 3, 4, kRawBits})
            for (const int value_bits : {2, 3, 4, kRawBits}) {
                DecodeShape shape;
                shape.key_bits = key_bits, shape.value_bits = value_bits, shape.group = 8, shape.tokens = 64;
                shape.key_slots = key_bits == kRawBits ? 0 : 4, shape.value_slots = value_bits == kRawBits ? 0 : 4;
                const HostLayer host(shape);
                const DecodePlan plan = kernels::planDecode(host.args(), 40, limit);
                EXPECT_EQ(plan.refusal, nullptr) << shape.name() << ", " << limit;
                EXPECT_GE(plan.warps, 1) << shape.name() << ", " << limit;
                EXPECT_LE(plan.shared_bytes, limit) << shape.name();
            }
}

TEST(CudaDecodePlan, RefusesByNameWhatHasNoRoom) {
    DecodeShape shape;
    shape.key_bits = shape.value_bits = 4, shape.head_dim = 256, shape.group = 8, shape.tokens = 64;
    const HostLayer host(shape);
    const DecodePlan plan = kernels::planDecode(host.args(), 40, kTuring);
    EXPECT_STREQ(plan.refusal, "decode attention of this head dimension needs more shared memory");
    EXPECT_EQ(kernels::attendDecode(host.args(), plan, nullptr), kernels::kDecodeRefused);
}

TEST(CudaDecodeOutliers, AreFarAboveTheTolerance) {
    DecodeShape shape;
    shape.kv_heads = 1, shape.head_dim = 64, shape.tokens = 64;
    shape.fill = Fill::OutlierHeavy, shape.key_slots = shape.value_slots = 10;
    const HostLayer host(shape);
    const DecodeOutputs want = referenceOutputs(host);
    EXPECT_LE(worstError(host, run(host, 1, kLargest, 1), want), 1);
    HostLayer without = host;
    without.key.slots = 0;
    EXPECT_GT(worstError(host, run(without, 1, kLargest, 1), want), 10);
    without.key.slots = host.key.slots, without.value.slots = 0;
    EXPECT_GT(worstError(host, run(without, 1, kLargest, 1), want), 10);
}

TEST(CudaDecodeCap, IsFarAboveTheTolerance) {
    DecodeShape shape;
    shape.kv_heads = 1, shape.head_dim = 64, shape.tokens = 64, shape.cap = 1;
    const DecodeOutputs want = referenceOutputs(HostLayer(shape));
    shape.cap = 0;
    const HostLayer without(shape);
    EXPECT_GT(worstError(without, run(without, 1, kLargest, 1), want), 10);
}

TEST(CudaDecodeOutliers, OfAChannelThatAHeadLacksAreLeftOut) {
    for (const int group : {1, 4}) {
        DecodeShape shape;
        shape.kv_heads = 1, shape.head_dim = 64, shape.tokens = 64, shape.group = group;
        shape.fill = Fill::OutlierHeavy, shape.key_slots = shape.value_slots = 2;
        HostLayer damaged(shape), without(shape);
        const auto set = [](HostLayer& host, std::uint16_t place, bool keep_place, std::uint16_t delta) {
            for (auto* blocks : {&host.key_blocks, &host.value_blocks}) {
                const auto& layout = blocks == &host.key_blocks ? host.key : host.value;
                auto* entry = reinterpret_cast<kernels::SparseEntry*>(blocks->front().data() + layout.entriesAt()) + 5;
                if (!keep_place) entry->place = place;
                entry->delta = delta;
            }
        };
        set(damaged, 0xffc3, false, 0x7bff);  // channel 1023, the largest delta
        set(without, 0, true, 0);
        const DecodeOutputs want = run(without, 1, kLargest, 1);
        EXPECT_LE(worstError(without, run(damaged, 1, kLargest, 1), want), 1) << shape.name();
    }
}

TEST(CudaDecodeRepeats, EveryRunAndOrderOfThreadsGivesTheSameBits) {
    DecodeShape shape;
    for (const int group : {1, 2, 7}) {
        shape.kv_heads = 1, shape.head_dim = 64, shape.tokens = 250, shape.mass = true, shape.group = group;
        shape.fill = Fill::OutlierHeavy, shape.key_slots = shape.value_slots = 10;
        const HostLayer host(shape);
        const DecodeOutputs one = run(host, 2, kLargest, 3);
        emulation::thread_order = Order::Descending;
        const DecodeOutputs other = run(host, 2, kLargest, 3);
        emulation::thread_order = Order::Ascending;
        EXPECT_EQ(one.m, other.m);
        EXPECT_EQ(one.l, other.l);
        EXPECT_EQ(one.o, other.o);
        EXPECT_EQ(one.lse, other.lse);
    }
}

TEST(CudaDecodeRefusal, NamesWhatItWillNotTake) {
    DecodeShape shape;
    shape.tokens = 64;
    const HostLayer host(shape);
    DecodeArgs args = host.args();
    EXPECT_EQ(kernels::decodeRefusal(args), nullptr);
    args.key.bits = 5;
    EXPECT_STREQ(kernels::decodeRefusal(args), "decode attention serves 2, 3, 4 and 16 bits");
    EXPECT_EQ(kernels::attendDecode(args, {}, nullptr), kernels::kDecodeRefused);
    args = host.args();
    args.key.shape.head_dim = args.value.shape.head_dim = 72;
    EXPECT_STREQ(kernels::decodeRefusal(args),
                 "decode attention serves head dimensions that are multiples of 16 from 64 to 256");
    args = host.args();
    args.tokens = args.pages * 64 + 1;
    EXPECT_STREQ(kernels::decodeRefusal(args), "more tokens than pages hold");
}

}  // namespace
}  // namespace lectern::test
