// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/attend_prefill.h"

#include "kernels/half.h"
#include "tests/kernels/fixtures.h"
#include "tests/kernels/tolerances.h"
#include "tests/support/cuda_emulation/cuda_emulation.h"

namespace lectern::test {
namespace {

using emulation::Order;

struct Case {
    int kv_heads = 2, group = 2, head_dim = 64;
    int key_bits = 4, value_bits = 3, slots = 6;
    int sinks = 5, coded_pages = 2, recent = 40;  ///< tokens of a first raw page, pages, tokens of a last raw page
    int tokens = 30;                              ///< queries, the newest positions
    int window = 0;
    float cap = 0;  ///< of the scores; 0: none
    bool interleaved = false;
    int pairs = -1;  ///< -1: all
    int position = 0;
    int window_pages = 1000;  ///< expanded at once

    std::string name() const {
        return std::to_string(kv_heads) + " heads x" + std::to_string(group) + " of " + std::to_string(head_dim) +
               ", bits " + std::to_string(key_bits) + "/" + std::to_string(value_bits) + ", tokens " +
               std::to_string(tokens) + ", window " + std::to_string(window) + ", cap " + std::to_string(cap) +
               ", pages at once " + std::to_string(window_pages);
    }
};

/// A context with its reference results.
class Context {
public:
    explicit Context(const Case& c)
        : m_case(c),
          m_key(KvKind::Key, c.kv_heads, c.head_dim, c.key_bits, c.key_bits == kRawBits ? 0 : c.slots),
          m_value(KvKind::Value, c.kv_heads, c.head_dim, c.value_bits, c.value_bits == kRawBits ? 0 : c.slots),
          m_raw_key(KvKind::Key, c.kv_heads, c.head_dim, kRawBits, 0),
          m_raw_value(KvKind::Value, c.kv_heads, c.head_dim, kRawBits, 0) {
        makePages();
        makeAngles();
        m_first = m_positions - c.tokens;
        m_q = makeData(Data::Normal, c.tokens, heads() * c.head_dim, 77);
        for (float& x : m_q) x *= 0.4F;  // scores up to about ±20
    }
    int heads() const { return m_case.kv_heads * m_case.group; }
    int rows() const { return m_case.tokens * m_case.group; }
    std::size_t pageCount() const { return m_pages.size(); }

    /// Row r of a KV head as the query it is.
    const float* query(int head, int row) const {
        const int at = row / m_case.group * heads() + head * m_case.group + row % m_case.group;
        return m_q.data() + at * m_case.head_dim;
    }

    struct Results {
        std::vector<float> out, m, l, o, group_lse;
    };
    Results empty() const {
        const auto n = std::size_t(m_case.kv_heads * rows()), d = std::size_t(m_case.head_dim);
        return {std::vector<float>(n * d, NAN), std::vector<float>(n, -INFINITY), std::vector<float>(n),
                std::vector<float>(n * d), std::vector<float>(n * pageCount() * kMassGroups, -INFINITY)};
    }
    Results reference() const;
    Results device(bool mass);

private:
    void makePages();
    void makeAngles();
    void addPage(int tokens, bool raw);

    Case m_case;
    Layer m_key, m_value, m_raw_key, m_raw_value;
    std::vector<Aligned<std::byte>> m_blocks;
    std::vector<PrefillPage> m_pages;
    std::vector<float> m_cos, m_sin, m_page_cos, m_page_sin, m_q;
    int m_positions = 0, m_first = 0, m_pairs = 0;
};

void Context::addPage(int tokens, bool raw) {
    PrefillPage page;
    page.begin = m_positions, page.tokens = tokens;
    page.key_raw = raw || m_case.key_bits == kRawBits, page.value_raw = raw || m_case.value_bits == kRawBits;
    for (const KvKind kind : {KvKind::Key, KvKind::Value}) {
        const bool key = kind == KvKind::Key;
        const Layer& layer = raw ? (key ? m_raw_key : m_raw_value) : (key ? m_key : m_value);
        const auto x = makeData(Data::Normal, tokens, layer.layout.shape.channels(), unsigned(m_blocks.size()) + 5);
        m_blocks.push_back(layer.junkBlock());
        layer.pack(packRef, x.data(), 0, tokens, m_blocks.back().data());
        (key ? page.key : page.value) = m_blocks.back().data();
    }
    m_pages.push_back(page);
    m_positions += tokens;
}

void Context::makePages() {
    m_positions = m_case.position;
    if (m_case.sinks > 0) addPage(m_case.sinks, true);
    for (int p = 0; p < m_case.coded_pages; ++p) addPage(64, false);
    if (m_case.recent > 0) addPage(m_case.recent, true);
}

void Context::makeAngles() {
    m_pairs = m_case.pairs < 0 ? m_case.head_dim / 2 : m_case.pairs;
    const auto angle = [&](int pair, int position) { return position * std::pow(10000.0, -double(pair) / m_pairs); };
    for (int i = 0; i < m_pairs; ++i)
        for (int t = 0; t < kPageTokens; ++t) {
            m_cos.push_back(float(std::cos(angle(i, t))));
            m_sin.push_back(float(std::sin(angle(i, t))));
        }
    for (const PrefillPage& page : m_pages)
        for (int i = 0; i < m_pairs; ++i) {
            m_page_cos.push_back(float(std::cos(angle(i, page.begin))));
            m_page_sin.push_back(float(std::sin(angle(i, page.begin))));
        }
}

/// The definition: tiles of one page after another, each with queries rotated back to it.
Context::Results Context::reference() const {
    Results all = empty();
    const int d = m_case.head_dim;
    const RopeOffsets rope = {m_cos.data(), m_sin.data(), m_pairs, m_case.interleaved};
    Aligned<float> key_tile(std::size_t(d) * 64), value_tile(std::size_t(d) * 64);
    std::vector<float> q(std::size_t(rows() * d));
    for (std::size_t p = 0; p < m_pages.size(); ++p) {
        const PrefillPage& page = m_pages[p];
        const Layer &key = page.key_raw ? m_raw_key : m_key, &value = page.value_raw ? m_raw_value : m_value;
        for (int head = 0; head < m_case.kv_heads; ++head) {
            keyTileRef(key.layout, key.params, page.key, head, rope, key_tile.data());
            valueTileRef(value.layout, value.params, page.value, head, value_tile.data());
            std::vector<int> limits, begins;
            for (int r = 0; r < rows(); ++r) {
                const auto turn = p * std::size_t(m_pairs);
                rotateRef(query(head, r), 1, d, d, m_page_cos.data() + turn, m_page_sin.data() + turn, m_pairs,
                          m_case.interleaved, true, q.data() + r * d);
                const int position = m_first + r / m_case.group;
                limits.push_back(std::clamp(position + 1 - page.begin, 0, page.tokens));
                begins.push_back(m_case.window > 0 ? std::max(0, position + 1 - m_case.window - page.begin) : 0);
            }
            for (float& x : q) x /= std::sqrt(float(d));
            AttendArgs args;
            args.q = q.data(), args.rows = rows(), args.head_dim = d, args.tokens = page.tokens;
            args.key_tile = key_tile.data(), args.value_tile = value_tile.data();
            args.limits = limits.data(), args.begins = begins.data();
            args.score_cap = m_case.cap;
            args.group_lse = all.group_lse.data() + (std::size_t(head) * m_pages.size() + p) * std::size_t(rows()) * 4;
            attendRef(args,
                      {all.m.data() + head * rows(), all.l.data() + head * rows(), all.o.data() + head * rows() * d});
        }
    }
    for (int head = 0; head < m_case.kv_heads; ++head)
        for (int r = 0; r < rows(); ++r)
            for (int c = 0; c < d; ++c) {
                const int at = head * rows() + r;
                const float l = all.l[std::size_t(at)];
                all.out[std::size_t(query(head, r) - m_q.data() + c)] = l > 0 ? all.o[std::size_t(at * d + c)] / l : 0;
            }
    return all;
}

Context::Results Context::device(bool mass) {
    Results all = empty();
    PrefillArgs args;
    args.key_layout = m_key.layout, args.value_layout = m_value.layout;
    args.key_params = m_key.params, args.value_params = m_value.params;
    args.pages = m_pages.data(), args.page_count = int(m_pages.size());
    args.offsets = {m_cos.data(), m_sin.data(), m_pairs, m_case.interleaved};
    args.page_cos = m_page_cos.data(), args.page_sin = m_page_sin.data();
    Aligned<float> q(m_q.size());
    std::copy(m_q.begin(), m_q.end(), q.data());
    args.q = q.data(), args.heads = heads(), args.tokens = m_case.tokens, args.first = m_first;
    args.window = m_case.window, args.scale = 1 / std::sqrt(float(m_case.head_dim));
    args.score_cap = m_case.cap;
    args.out = all.out.data();
    args.m = all.m.data(), args.l = all.l.data(), args.o = all.o.data();
    args.group_lse = mass ? all.group_lse.data() : nullptr;
    std::vector<std::uint16_t> half_out(all.out.size());
    args.half_out = half_out.data();
    args.workspace_bytes =
        prefillWorkspaceBytes(m_key.layout.shape, std::min(m_case.window_pages, int(m_pages.size())));
    Aligned<std::byte> workspace(args.workspace_bytes + 128, std::byte(0xff));
    args.workspace = workspace.data() + (128 - reinterpret_cast<std::uintptr_t>(workspace.data()) % 128) % 128;
    EXPECT_EQ(prefillRefusal(args), nullptr);
    EXPECT_EQ(attendPrefill(args, nullptr), 0);
    for (std::size_t i = 0; i < half_out.size(); ++i) EXPECT_EQ(half_out[i], floatToHalf(all.out[i]));
    return all;
}

/// Runs its tests in both orders of threads.
class CudaPrefill : public testing::TestWithParam<Order> {
protected:
    void SetUp() override { emulation::thread_order = GetParam(); }
    void TearDown() override { emulation::thread_order = Order::Ascending; }

    static void expectReference(const Case& c, bool mass = false) {
        Context context(c);
        const auto want = context.reference(), got = context.device(mass);
        EXPECT_LT(normalisedError(got.out, want.out), kHalfAttendTolerance) << c.name();
        EXPECT_LT(normalisedError(got.m, want.m), kHalfAttendTolerance) << c.name();
        EXPECT_LT(normalisedError(got.l, want.l), 4 * kHalfAttendTolerance) << c.name();
        if (!mass) return;
        for (std::size_t i = 0; i < want.group_lse.size(); ++i) {
            if (want.group_lse[i] < -60) continue;  // may be given as none
            ASSERT_NEAR(got.group_lse[i], want.group_lse[i], 0.02) << c.name() << " at " << i;
        }
    }
};
INSTANTIATE_TEST_SUITE_P(Orders, CudaPrefill, testing::Values(Order::Ascending, Order::Descending),
                         [](const auto& info) { return info.param == Order::Ascending ? "Ascending" : "Descending"; });

TEST_P(CudaPrefill, EveryPairOfBitsEqualsTheReference) {
    for (const int key_bits : {2, 3, 4, kRawBits})
        for (const int value_bits : {2, 3, 4, kRawBits}) {
            Case c;
            c.key_bits = key_bits, c.value_bits = value_bits, c.tokens = 10, c.coded_pages = 1;
            expectReference(c);
        }
}

TEST_P(CudaPrefill, EveryHeadDimensionEqualsTheReference) {
    for (const int head_dim : {32, 64, 80, 96, 128, 256}) {
        Case c;
        c.head_dim = head_dim, c.interleaved = head_dim % 64 == 0;
        expectReference(c, true);
    }
}

TEST_P(CudaPrefill, EveryGroupingOfHeadsEqualsTheReference) {
    for (const int group : {1, 3, 7}) {
        Case c;
        c.group = group, c.kv_heads = 1, c.tokens = 50, c.recent = 60;
        expectReference(c);
    }
}

TEST_P(CudaPrefill, ManyQueriesFillSeveralBlocks) {
    Case c;
    c.tokens = 150, c.recent = 64, c.group = 1, c.head_dim = 32;
    expectReference(c, true);
}

TEST_P(CudaPrefill, SlidingWindowSeesTheNewestOnly) {
    for (const int window : {1, 17, 64, 100}) {
        Case c;
        c.window = window, c.head_dim = 32;
        expectReference(c, true);
    }
}

TEST_P(CudaPrefill, CappedScoresEqualTheReference) {
    for (const float cap : {0.5F, 5.0F, 50.0F})
        for (const int head_dim : {64, 128, 256}) {
            Case c;
            c.cap = cap, c.head_dim = head_dim, c.tokens = 20, c.coded_pages = 1;
            expectReference(c, head_dim == 64);
        }
}

TEST_P(CudaPrefill, CappedScoresOutsideAWindowAreNotSeen) {
    for (const int window : {1, 70}) {
        Case c;
        c.cap = 2, c.window = window, c.head_dim = 32, c.window_pages = window == 1 ? 1000 : 1;
        expectReference(c, true);
    }
}

TEST(CudaPrefillCap, IsFarAboveTheTolerance) {
    Case c;
    c.cap = 0.5F, c.head_dim = 32;
    const auto want = Context(c).reference();
    c.cap = 0;
    EXPECT_GT(normalisedError(Context(c).device(false).out, want.out), 10 * kHalfAttendTolerance);
}

TEST_P(CudaPrefill, PartialRotationAndFarPositions) {
    Case c;
    c.pairs = 16, c.position = 1000000;
    expectReference(c);
    c.interleaved = true;
    expectReference(c);
    c.pairs = 0;
    expectReference(c);
}

TEST_P(CudaPrefill, WindowsOfPagesGiveWhatOneGives) {
    for (const int pages : {1, 2, 3}) {
        Case c;
        c.window_pages = pages, c.head_dim = 32, c.tokens = 80;
        expectReference(c, true);
        c.window = 40;
        expectReference(c);
    }
}

TEST_P(CudaPrefill, QueriesBeforeAllPagesGiveZeroAndTheEmptyState) {
    for (const float cap : {0.0F, 50.0F}) {
        Case c;
        c.head_dim = 32, c.sinks = 0, c.coded_pages = 0, c.recent = 20, c.tokens = 30, c.cap = cap;
        Context context(c);
        const auto got = context.device(false);
        for (int i = 0; i < 10 * context.heads() * c.head_dim; ++i) ASSERT_EQ(got.out[std::size_t(i)], 0.0F);
        EXPECT_EQ(got.m[0], -INFINITY);
        EXPECT_EQ(got.l[0], 0.0F);
        EXPECT_GT(got.l[20 * 2], 0.0F);
    }
}

TEST(CudaPrefillRefusal, NamesWhatItWillNotTake) {
    PrefillArgs args;
    args.key_layout = args.value_layout = {{2, 64}, KvKind::Key, 4, 2};
    args.heads = 4, args.tokens = 1, args.page_count = 3;
    args.workspace_bytes = prefillWorkspaceBytes({2, 64}, 3);
    EXPECT_EQ(prefillRefusal(args), nullptr);
    args.workspace_bytes = prefillWorkspaceBytes({2, 64}, 2);
    EXPECT_STREQ(prefillRefusal(args),
                 "the context takes more than one window, and there is no state to carry between them");
    args.workspace_bytes = 100;
    EXPECT_STREQ(prefillRefusal(args), "the workspace does not hold one page");
    args.heads = 5;
    EXPECT_STREQ(prefillRefusal(args), "query heads are not a multiple of KV heads");
    args.key_layout.shape.head_dim = 72;
    EXPECT_STREQ(prefillRefusal(args), "the head dimension is not 32, 64, 80, 96, 128 or 256");
}

}  // namespace
}  // namespace lectern::test
