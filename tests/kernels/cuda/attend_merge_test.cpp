// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/attend_merge.h"

#include "kernels/attend.h"
#include "kernels/half.h"
#include "tests/kernels/fixtures.h"
#include "tests/kernels/tolerances.h"
#include "tests/support/cuda_emulation/cuda_emulation.h"

namespace lectern::test {
namespace {

constexpr int kHeads = 3, kHeadDim = 64;

struct States {
    std::vector<float> m, l, o;
    explicit States(int parts)
        : m(makeData(Data::Normal, 1, parts * kHeads, 1)),
          l(makeData(Data::Normal, 1, parts * kHeads, 2)),
          o(makeData(Data::Normal, parts * kHeads, kHeadDim, 3)) {
        for (float& x : m) x *= 30;
        for (float& x : l) x = 1 + std::fabs(x);
    }
    void empty(int part, int head) {
        const auto at = std::size_t(part * kHeads + head);
        m[at] = -INFINITY, l[at] = 0;
        std::fill_n(o.begin() + std::ptrdiff_t(at) * kHeadDim, kHeadDim, 0.0F);
    }
};

TEST(CudaMerge, EqualsTheReferenceWithEmptyPartsToo) {
    for (const int parts : {1, 2, 5}) {
        States s(parts);
        s.empty(0, 1);
        for (int part = 0; part < parts; ++part) s.empty(part, 2);
        States want = s;
        for (int part = 1; part < parts; ++part)
            mergeRef({want.m.data(), want.l.data(), want.o.data()},
                     {want.m.data() + part * kHeads, want.l.data() + part * kHeads,
                      want.o.data() + part * kHeads * kHeadDim},
                     kHeads, kHeadDim);
        std::vector<float> out(kHeads * kHeadDim, NAN), total(kHeads, NAN);
        std::vector<std::uint16_t> half(out.size());
        ASSERT_EQ(
            mergeStates(
                {s.m.data(), s.l.data(), s.o.data(), parts, kHeads, kHeadDim, {out.data(), half.data()}, total.data()},
                nullptr),
            0);
        for (std::size_t i = 0; i < out.size(); ++i) {
            const std::size_t head = i / kHeadDim;
            const float value = want.l[head] > 0 ? want.o[i] / want.l[head] : 0.0F;
            ASSERT_NEAR(out[i], value, 1e-5) << parts << " parts, " << i;
            ASSERT_EQ(half[i], floatToHalfClamped(out[i]));
        }
        EXPECT_EQ(total[2], -INFINITY);
        EXPECT_NEAR(total[0], want.m[0] + std::log(want.l[0]), 1e-4);
    }
}

TEST(CudaMerge, RowsOfSeveralTokensGoToTheirTokensAndHeads) {
    const int tokens = 3, group = 2, kv_heads = 2, heads = group * kv_heads, rows = tokens * heads, parts = 2, d = 64;
    auto m = makeData(Data::Normal, 1, parts * rows, 1), l = makeData(Data::Normal, 1, parts * rows, 2);
    const auto o = makeData(Data::Normal, parts * rows, d, 3);
    for (float& x : l) x = 1 + std::fabs(x);
    m[4] = -INFINITY, l[4] = 0;
    std::vector<float> out(std::size_t(rows * d), NAN), total(std::size_t(rows), NAN);
    ASSERT_EQ(
        mergeStates({m.data(), l.data(), o.data(), parts, heads, d, {out.data(), nullptr}, total.data(), tokens, group},
                    nullptr),
        0);
    for (int kv = 0; kv < kv_heads; ++kv)
        for (int token = 0; token < tokens; ++token)
            for (int r = 0; r < group; ++r) {
                const int row = (kv * tokens + token) * group + r;
                double sum = 0, value = 0;
                for (int part = 0; part < parts; ++part) {
                    const auto at = std::size_t(part * rows + row);
                    sum += std::exp(double(m[at])) * double(l[at]);
                    value += std::exp(double(m[at])) * double(o[at * d + 7]);
                }
                EXPECT_NEAR(total[std::size_t(row)], std::log(sum), 1e-5);
                EXPECT_NEAR(out[std::size_t((token * heads + kv * group + r) * d + 7)], value / sum, 1e-5) << row;
            }
}

TEST(CudaMerge, MorePartsThanThreadsEqualTheReference) {
    for (const int head_dim : {64, 80, 256})
        for (const Data data : {Data::Normal, Data::OutlierHeavy, Data::Constant}) {
            const int parts = 300, heads = 2;
            auto m = makeData(data, 1, parts * heads, 1), l = makeData(Data::Normal, 1, parts * heads, 2);
            auto o = makeData(data, parts * heads, head_dim, 3);
            for (float& x : l) x = 1 + std::fabs(x);
            for (std::size_t i = 0; i < m.size(); i += 7) {  // nothing there
                m[i] = -INFINITY, l[i] = 0;
                std::fill_n(o.begin() + std::ptrdiff_t(i) * head_dim, head_dim, NAN);
            }
            std::vector<float> out(std::size_t(heads * head_dim), NAN), total(std::size_t(heads), NAN);
            ASSERT_EQ(
                mergeStates({m.data(), l.data(), o.data(), parts, heads, head_dim, {out.data(), nullptr}, total.data()},
                            nullptr),
                0);
            for (int head = 0; head < heads; ++head) {
                double top = -INFINITY, sum = 0;
                std::vector<double> value(std::size_t(head_dim), 0.0);
                for (int part = 0; part < parts; ++part)
                    top = std::max(top, double(m[std::size_t(part * heads + head)]));
                for (int part = 0; part < parts; ++part) {
                    const auto at = std::size_t(part * heads + head);
                    if (m[at] == -INFINITY) continue;
                    const double share = std::exp(double(m[at]) - top);
                    sum += share * double(l[at]);
                    for (int c = 0; c < head_dim; ++c)
                        value[std::size_t(c)] += share * double(o[at * std::size_t(head_dim) + std::size_t(c)]);
                }
                EXPECT_NEAR(total[std::size_t(head)], top + std::log(sum), 1e-5 * std::max(1.0, std::fabs(top)));
                std::vector<float> got(out.begin() + head * head_dim, out.begin() + (head + 1) * head_dim), want;
                for (const double x : value) want.push_back(float(x / sum));
                EXPECT_LT(normalisedError(got, want), 5 * kMergeTolerance) << head_dim << ", data " << int(data);
            }
        }
}

TEST(CudaMerge, MassIsTheShareOfEveryGroupAddedUp) {
    const int kv_heads = 2, group = 2, pages[] = {40, 3};
    const std::vector<float> total = {3.0F, 2.0F, 1.0F, 4.0F};
    std::vector<float> lse[2], mass[2];
    MassArgs args;
    args.total = total.data(), args.kv_heads = kv_heads, args.group = group;
    for (int i = 0; i < 2; ++i) {
        lse[i] = makeData(Data::Normal, kv_heads * pages[i] * group, 4, unsigned(5 + i));
        mass[i].assign(std::size_t(pages[i] * 4 + 1), 0.5F);
        args.parts[args.count++] = {lse[i].data(), mass[i].data(), pages[i]};
    }
    ASSERT_EQ(addMass(args, nullptr), 0);
    for (int part = 0; part < 2; ++part) {
        for (int i = 0; i < pages[part] * 4; ++i) {
            double want = 0.5;
            for (int h = 0; h < kv_heads * group; ++h) {
                const int at = ((h / group * pages[part] + i / 4) * group + h % group) * 4 + i % 4;
                want += std::exp(double(lse[part][std::size_t(at)]) - double(total[std::size_t(h)]));
            }
            ASSERT_NEAR(mass[part][std::size_t(i)], want, 1e-5);
        }
        EXPECT_EQ(mass[part].back(), 0.5F) << "nothing is written behind the last page";
    }
}

}  // namespace
}  // namespace lectern::test
