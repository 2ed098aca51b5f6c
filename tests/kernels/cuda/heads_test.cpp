// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/heads.h"

#include "tests/kernels/fixtures.h"
#include "tests/kernels/tolerances.h"
#include "tests/support/cuda_emulation/cuda_emulation.h"

namespace lectern::test {
namespace {

using emulation::Order;

/// Runs its tests in both orders of threads.
class CudaHeads : public testing::TestWithParam<Order> {
protected:
    void SetUp() override { emulation::thread_order = GetParam(); }
    void TearDown() override { emulation::thread_order = Order::Ascending; }
};
INSTANTIATE_TEST_SUITE_P(Orders, CudaHeads, testing::Values(Order::Ascending, Order::Descending),
                         [](const auto& info) { return info.param == Order::Ascending ? "Ascending" : "Descending"; });

struct Shape {
    int tokens, heads, kv_heads, head_dim, pairs;
    bool interleaved = false;
};

/// Queries, keys and values of one layer, and what finishHeads() is to make of them.
struct Rows {
    Shape s;
    std::vector<float> q, k, v, cos, sin, q_norm, k_norm;

    explicit Rows(const Shape& shape, Data data = Data::Normal) : s(shape) {
        q = makeData(data, s.tokens, s.heads * s.head_dim, 1);
        k = makeData(data, s.tokens, s.kv_heads * s.head_dim, 2);
        v = makeData(data, s.tokens, s.kv_heads * s.head_dim, 3);
        for (int i = 0; i < s.tokens * s.pairs; ++i)
            cos.push_back(std::cos(float(i))), sin.push_back(std::sin(float(i)));
    }
    void norm() {
        q_norm = makeData(Data::Normal, 1, s.head_dim, 4);
        k_norm = makeData(Data::Normal, 1, s.head_dim, 5);
    }
    HeadsArgs args() {
        HeadsArgs a;
        a.tokens = s.tokens, a.heads = s.heads, a.kv_heads = s.kv_heads, a.head_dim = s.head_dim;
        a.q = q.data(), a.k = k.data(), a.v = v.data(), a.eps = 1e-5F;
        if (!q_norm.empty()) a.q_norm = q_norm.data(), a.k_norm = k_norm.data();
        a.cos = cos.data(), a.sin = sin.data(), a.pairs = s.pairs, a.interleaved = s.interleaved;
        return a;
    }
    static void normHeads(std::vector<float>& x, const std::vector<float>& weight) {
        const std::size_t d = weight.size();
        for (std::size_t at = 0; at < x.size() && d > 0; at += d)
            rmsNormRef(x.data() + at, weight.data(), 1e-5F, int(d), x.data() + at);
    }
    /// By the references, in place.
    void finish(float turned, float other) {
        normHeads(q, q_norm), normHeads(k, k_norm);
        for (int t = 0; t < s.tokens; ++t) {
            float* row = q.data() + t * s.heads * s.head_dim;
            rotateRef(row, s.heads, s.head_dim, s.head_dim, cos.data() + t * s.pairs, sin.data() + t * s.pairs, s.pairs,
                      s.interleaved, false, row);
        }
        for (std::size_t i = 0; i < q.size(); ++i) q[i] *= int(i) % s.head_dim < 2 * s.pairs ? turned : other;
    }
};

TEST_P(CudaHeads, QueriesAreRotatedAsByTheReference) {
    for (const int head_dim : {64, 80, 96, 128, 256})
        for (const int pairs : {head_dim / 2, head_dim / 4, 0})
            for (const bool interleaved : {false, true})
                for (const bool norms : {false, true}) {
                    Rows got({3, 3, 2, head_dim, pairs, interleaved});
                    if (norms) got.norm();
                    Rows want = got, before = got;
                    HeadsArgs args = got.args();
                    args.turned_scale = 0.5F, args.other_scale = 3;
                    ASSERT_EQ(finishHeads(args, nullptr), 0);
                    want.finish(0.5F, 3);
                    EXPECT_LT(normalisedError(got.q, want.q), norms ? kNormTolerance : kRotateTolerance) << head_dim;
                    EXPECT_LT(normalisedError(got.k, want.k), kNormTolerance) << head_dim;
                    EXPECT_EQ(got.v, before.v);
                    EXPECT_TRUE(norms || got.k == before.k);
                }
}

TEST_P(CudaHeads, QueriesOfEachTokenGrowByTheirOwn) {
    for (const int tokens : {3, 40}) {
        Rows got({tokens, 3, 2, 64, 20});
        Rows want = got;
        std::vector<float> growth(std::size_t(tokens), 1.0F);
        for (std::size_t t = 1; t < growth.size(); ++t) growth[t] = growth[t - 1] + 0.25F;
        HeadsArgs args = got.args();
        args.turned_scale = 0.5F, args.other_scale = 3, args.growth = growth.data();
        ASSERT_EQ(finishHeads(args, nullptr), 0);
        want.finish(0.5F, 3);
        for (std::size_t i = 0; i < want.q.size(); ++i) want.q[i] *= growth[i / (3 * 64)];
        EXPECT_LT(normalisedError(got.q, want.q), kRotateTolerance) << tokens;
        EXPECT_EQ(got.k, want.k);
    }
}

/// As many tokens as are finished several heads to a block.
TEST_P(CudaHeads, ManyTokensGiveTheBitsOfEachAlone) {
    Rows together({40, 3, 2, 64, 20}, Data::OutlierHeavy);
    together.norm();
    Rows alone = together;
    ASSERT_EQ(finishHeads(together.args(), nullptr), 0);
    for (int t = 0; t < 40; ++t) {
        HeadsArgs args = alone.args();
        args.tokens = 1;
        args.q += t * 3 * 64, args.k += t * 2 * 64, args.cos += t * 20, args.sin += t * 20;
        ASSERT_EQ(finishHeads(args, nullptr), 0);
    }
    EXPECT_EQ(together.q, alone.q);
    EXPECT_EQ(together.k, alone.k);
}

TEST_P(CudaHeads, WhatQueriesWereBeforeTheRotationIsKeptWhereItIsAskedFor) {
    for (const bool norms : {false, true}) {
        Rows rows({2, 3, 1, 64, 32});
        if (norms) rows.norm();
        auto want = rows.q;
        Rows::normHeads(want, rows.q_norm);
        std::vector<float> plain(want.size(), NAN);
        HeadsArgs args = rows.args();
        args.q_plain = plain.data();
        ASSERT_EQ(finishHeads(args, nullptr), 0);
        EXPECT_LT(normalisedError(plain, want), kNormTolerance);
        EXPECT_TRUE(norms || plain == want);
        EXPECT_GT(normalisedError(rows.q, want), 0.1);
    }
}

/// Keys and values in pages: the bytes of packRef of what the rows hold afterwards, and nothing else.
TEST_P(CudaHeads, PagesGetTheBytesOfTheReference) {
    for (const Data data : {Data::Normal, Data::OutlierHeavy, Data::Huge, Data::Zeros})
        for (const auto& [first, tokens] : {std::pair{0, 1}, {1, 1}, {62, 1}, {63, 1}, {64, 1}, {5, 3}, {60, 16}})
            for (const bool later : {false, true}) {
                Rows rows({tokens, 2, 3, 64, 32}, data);
                if (data == Data::OutlierHeavy) rows.norm();
                const KvBlockLayout layouts[] = {{{3, 64}, KvKind::Key, kRawBits, 0},
                                                 {{3, 64}, KvKind::Value, kRawBits, 0}};
                const std::size_t bytes = layouts[0].bytes();
                Aligned<std::byte> want(4 * bytes, std::byte(0xa5)), got(4 * bytes, std::byte(0xa5));
                std::byte* pages[] = {got.data(), got.data() + bytes, got.data() + 2 * bytes, got.data() + 3 * bytes};
                HeadsArgs args = rows.args();
                args.key_pages = pages, args.value_pages = pages + 2;
                args.first = later ? 12345 : first, args.first_later = later ? &first : nullptr;
                ASSERT_EQ(finishHeads(args, nullptr), 0);
                for (int kind = 0; kind < 2; ++kind)
                    for (int t = 0; t < tokens; ++t)
                        packRef(layouts[kind], {}, (kind == 0 ? rows.k : rows.v).data() + t * 3 * 64, (first + t) % 64,
                                1, nullptr, want.data() + std::size_t(2 * kind + (first + t) / 64) * bytes);
                ASSERT_EQ(std::memcmp(got.data(), want.data(), want.size()), 0)
                    << "from " << first << ", " << tokens << " tokens, data " << int(data);
            }
}

}  // namespace
}  // namespace lectern::test
