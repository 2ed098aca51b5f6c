// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/attend.h"

#include "tests/kernels/fixtures.h"
#include "tests/kernels/tolerances.h"

namespace lectern::test {
namespace {

constexpr float kNone = -INFINITY;

class Attend : public PerIsa {};
INSTANTIATE_TEST_SUITE_P(Isa, Attend, ::testing::ValuesIn(allTables()), tableName);

/// A state with storage, empty at first.
struct State {
    std::vector<float> m, l, o;
    State(int rows, int head_dim)
        : m(std::size_t(rows), kNone), l(std::size_t(rows)), o(std::size_t(rows) * std::size_t(head_dim)) {}
    AttendState view() { return {m.data(), l.data(), o.data()}; }
    /// o / l, what attention finally gives; 0 for empty rows.
    std::vector<float> result() const {
        std::vector<float> out = o;
        const std::size_t dim = o.size() / m.size();
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = l[i / dim] > 0 ? o[i] / l[i / dim] : 0;
        return out;
    }
};

/// Queries and one page of keys and values.
struct Page {
    int rows, head_dim;
    std::vector<float> q;
    Aligned<float> keys, values;
    Page(int rows, int head_dim, float sharpness, unsigned seed)
        : rows(rows),
          head_dim(head_dim),
          q(makeData(Data::Normal, rows, head_dim, seed)),
          keys(std::size_t(head_dim * 64)),
          values(std::size_t(head_dim * 64)) {
        for (float& x : q) x *= sharpness / std::sqrt(float(head_dim));
        const auto k = makeData(Data::Normal, head_dim, 64, seed + 1);
        const auto v = makeData(Data::OutlierHeavy, head_dim, 64, seed + 2);
        std::copy(k.begin(), k.end(), keys.data());
        std::copy(v.begin(), v.end(), values.data());
    }
    AttendArgs args(int tokens = 64) const {
        AttendArgs a;
        a.q = q.data(), a.rows = rows, a.head_dim = head_dim, a.tokens = tokens;
        a.key_tile = keys.data(), a.value_tile = values.data();
        return a;
    }
};

void expectSame(const State& got, const State& want, const std::string& what, double tolerance = kAttendTolerance) {
    ASSERT_LT(normalisedError(got.m, want.m), tolerance) << what;
    ASSERT_LT(normalisedError(got.l, want.l), tolerance) << what;
    ASSERT_LT(normalisedError(got.result(), want.result()), tolerance) << what;
}

TEST_P(Attend, EveryShapeEqualsTheReference) {
    for (int head_dim = 8; head_dim <= kMaxHeadDim; head_dim += 8) {
        for (const int rows : {1, 2, 3, 4, 5, 7, 8, 16, 48, 64, 101}) {
            State got(rows, head_dim), want(rows, head_dim);
            for (const unsigned seed : {1U, 2U}) {  // two pages: the second meets a state that is not empty
                const Page page(rows, head_dim, seed == 1 ? 2.0F : 6.0F, seed);
                m_table.attend(page.args(), got.view());
                attendRef(page.args(), want.view());
            }
            expectSame(got, want, std::to_string(rows) + " rows of " + std::to_string(head_dim));
            if (HasFatalFailure()) return;
        }
    }
}

/// Coded pages: limits, begins, missing tokens and every head dimension, within what bfloat16 products may lose.
TEST_P(Attend, CodedPagesStayWithinBfloat16) {
    std::mt19937 random(5);
    for (const int head_dim : {8, 24, 40, 64, 80, 96, 128, 136, 200, 256}) {
        for (const int rows : {1, 5, 48, 101}) {
            State got(rows, head_dim), want(rows, head_dim);
            for (const int tokens : {64, 37, 1}) {
                Page page(rows, head_dim, 4.0F, unsigned(rows + tokens));
                std::vector<int> limits, begins;
                for (int r = 0; r < rows; ++r) {
                    limits.push_back(1 + int(random() % 64));
                    begins.push_back(r % 3 == 0 ? int(random() % 20) : 0);
                }
                auto args = page.args(tokens);
                args.coded = true, args.limits = limits.data(), args.begins = begins.data();
                attendRef(args, want.view());
                for (int c = 0; c < head_dim; ++c)
                    for (int t = tokens; t < 64; ++t)
                        page.keys[std::size_t(c * 64 + t)] = NAN, page.values[std::size_t(c * 64 + t)] = NAN;
                m_table.attend(args, got.view());
            }
            const bool rounds = m_table.isa == Isa::Avx512Bf16 && rows > 4;
            expectSame(got, want, std::to_string(rows) + " rows of " + std::to_string(head_dim),
                       rounds ? kBf16AttendTolerance : kAttendTolerance);
            if (HasFatalFailure()) return;
        }
    }
}

TEST_P(Attend, CappedScoresEqualTheReference) {
    std::mt19937 random(5);
    for (const float cap : {50.0F, 2.0F}) {
        for (const int rows : {1, 4, 5, 48, 101}) {
            for (const int tokens : {64, 37, 1}) {
                Page page(rows, 72, 20, unsigned(rows + tokens));
                std::vector<int> limits;
                for (int r = 0; r < rows; ++r) limits.push_back(int(random() % 70));
                auto args = page.args(tokens);
                args.score_cap = cap, args.limits = limits.data();
                const auto size = std::size_t(rows) * kMassGroups;
                std::vector<float> mass(size), wanted(size);
                State got(rows, 72), want(rows, 72), plain(rows, 72);
                args.group_lse = wanted.data();
                attendRef(args, want.view());
                for (int c = 0; c < 72; ++c)
                    for (int t = tokens; t < 64; ++t) page.keys[std::size_t(c * 64 + t)] = NAN;
                args.group_lse = mass.data();
                m_table.attend(args, got.view());
                expectSame(got, want, std::to_string(rows) + " rows, cap " + std::to_string(cap));
                ASSERT_LT(normalisedError(mass, wanted), kLogSumExpTolerance);
                args.score_cap = 0, args.group_lse = nullptr;
                m_table.attend(args, plain.view());
                if (tokens > 1 && rows > 4) {
                    EXPECT_GT(normalisedError(plain.result(), want.result()), 1e-3);
                }
                if (HasFatalFailure()) return;
            }
        }
    }
}

/// Pages of codes, whose products may be those of bfloat16.
TEST_P(Attend, CappedScoresOfCodedPagesStayWithinBfloat16) {
    for (const int rows : {1, 48, 101}) {
        const Page page(rows, 128, 8, 3);
        auto args = page.args();
        args.coded = true, args.score_cap = 5;
        State got(rows, 128), want(rows, 128);
        m_table.attend(args, got.view());
        attendRef(args, want.view());
        const bool rounds = m_table.isa == Isa::Avx512Bf16 && rows > 4;
        expectSame(got, want, std::to_string(rows) + " rows", rounds ? kBf16AttendTolerance : kAttendTolerance);
    }
}

TEST_P(Attend, LimitsAndBeginsMaskEachRow) {
    std::mt19937 random(3);
    for (const int rows : {1, 4, 6, 8, 33, 64}) {
        for (const int tokens : {64, 63, 40, 16, 5, 1}) {
            const Page page(rows, 72, 4, unsigned(rows + tokens));
            std::vector<int> limits, begins;
            for (int r = 0; r < rows; ++r) {
                limits.push_back(int(random() % 80) - 5);
                begins.push_back(r % 2 == 0 ? int(random() % 80) - 5 : 0);
            }
            auto args = page.args(tokens);
            args.limits = limits.data(), args.begins = begins.data();
            State got(rows, 72), want(rows, 72);
            m_table.attend(args, got.view());
            attendRef(args, want.view());
            expectSame(got, want, std::to_string(rows) + " rows, " + std::to_string(tokens) + " tokens");
            if (HasFatalFailure()) return;
        }
    }
}

TEST_P(Attend, TokensThatDoNotExistCannotPoisonTheResult) {
    for (const int rows : {1, 3, 8, 64}) {
        for (const int tokens : {1, 15, 16, 37, 63}) {
            Page page(rows, 40, 2, 9);
            State want(rows, 40), got(rows, 40);
            attendRef(page.args(tokens), want.view());
            for (int c = 0; c < 40; ++c)
                for (int t = tokens; t < 64; ++t)
                    page.keys[std::size_t(c * 64 + t)] = NAN, page.values[std::size_t(c * 64 + t)] = INFINITY;
            m_table.attend(page.args(tokens), got.view());
            expectSame(got, want, std::to_string(rows) + " rows, " + std::to_string(tokens) + " tokens");
            if (HasFatalFailure()) return;
        }
    }
}

TEST_P(Attend, RowsThatSeeNothingStayAsTheyAre) {
    for (const int rows : {2, 8, 64}) {
        const Page page(rows, 64, 2, 4);
        std::vector<int> limits(std::size_t(rows), 0);
        auto args = page.args();
        args.limits = limits.data();
        State empty(rows, 64), got(rows, 64);
        m_table.attend(args, got.view());
        EXPECT_EQ(got.m, empty.m);
        EXPECT_EQ(got.l, empty.l);
        EXPECT_EQ(got.o, empty.o);
        m_table.attend(page.args(), got.view());
        const State before = got;
        m_table.attend(args, got.view());
        EXPECT_EQ(got.m, before.m);
        EXPECT_EQ(got.l, before.l);
        EXPECT_EQ(got.o, before.o);
    }
}

TEST_P(Attend, GroupMassEqualsTheReference) {
    std::mt19937 random(8);
    for (const int rows : {1, 3, 4, 8, 20, 64}) {
        for (const float sharpness : {1.0F, 400.0F}) {  // the second: groups far below the row's maximum
            const Page page(rows, 64, sharpness, 6);
            std::vector<int> limits;
            for (int r = 0; r < rows; ++r) limits.push_back(int(random() % 70));
            auto args = page.args(50);
            args.limits = limits.data();
            const auto size = std::size_t(rows) * kMassGroups;
            std::vector<float> want(size), got(size, NAN);
            State a(rows, 64), b(rows, 64);
            args.group_lse = want.data();
            attendRef(args, a.view());
            args.group_lse = got.data();
            m_table.attend(args, b.view());
            ASSERT_LT(normalisedError(got, want), kLogSumExpTolerance) << rows << " rows";
        }
    }
}

TEST_P(Attend, MergingPartsEqualsAttendingToAll) {
    const int rows = 5, head_dim = 24;
    const Page first(rows, head_dim, 3, 1), second(rows, head_dim, 9, 5);
    State all(rows, head_dim), left(rows, head_dim), right(rows, head_dim);
    attendRef(first.args(), all.view());
    attendRef(second.args(), all.view());
    attendRef(first.args(), left.view());
    attendRef(second.args(), right.view());
    State copy = left;
    m_table.merge(left.view(), right.view(), rows, head_dim);
    expectSame(left, all, "merge");
    mergeRef(copy.view(), right.view(), rows, head_dim);
    EXPECT_LT(normalisedError(left.o, copy.o), kMergeTolerance);
}

TEST_P(Attend, EmptyStateIsTheIdentityOfMerge) {
    State empty(2, 16), other(2, 16);
    m_table.merge(empty.view(), other.view(), 2, 16);
    EXPECT_EQ(empty.m[0], kNone);
    EXPECT_EQ(empty.l[0], 0.0F);
    for (const float o : empty.o) EXPECT_EQ(o, 0.0F);
    const Page page(2, 16, 1, 1);
    attendRef(page.args(), other.view());
    const State full = other;
    m_table.merge(other.view(), empty.view(), 2, 16);
    EXPECT_EQ(other.o, full.o);
    m_table.merge(empty.view(), full.m[0] == kNone ? empty.view() : other.view(), 2, 16);
    EXPECT_EQ(empty.o, full.o);
    EXPECT_EQ(empty.l, full.l);
    EXPECT_EQ(empty.m, full.m);
}

TEST_P(Attend, RotationEqualsTheReferenceAndItsInverseUndoesIt) {
    for (int head_dim = 8; head_dim <= kMaxHeadDim; head_dim += 8) {
        for (const int pairs : {0, head_dim / 4, head_dim / 2}) {
            for (const bool interleaved : {false, true}) {
                const int rows = 3, stride = head_dim + 5;
                const auto x = makeData(Data::Normal, rows, stride, 2);
                std::vector<float> cos, sin;
                for (int i = 0; i < pairs; ++i) cos.push_back(std::cos(float(i))), sin.push_back(std::sin(float(i)));
                std::vector<float> want(std::size_t(rows * head_dim)), got(want), plain(want);
                for (int r = 0; r < rows; ++r)
                    std::copy_n(x.data() + r * stride, head_dim, plain.data() + r * head_dim);
                rotateRef(x.data(), rows, stride, head_dim, cos.data(), sin.data(), pairs, interleaved, false,
                          want.data());
                m_table.rotate(x.data(), rows, stride, head_dim, cos.data(), sin.data(), pairs, interleaved, false,
                               got.data());
                ASSERT_LT(normalisedError(got, want), kRotateTolerance) << head_dim << " pairs " << pairs;
                m_table.rotate(got.data(), rows, head_dim, head_dim, cos.data(), sin.data(), pairs, interleaved, true,
                               got.data());
                ASSERT_LT(normalisedError(got, plain), kRotateTolerance) << head_dim << " in place";
            }
        }
    }
}

}  // namespace
}  // namespace lectern::test
