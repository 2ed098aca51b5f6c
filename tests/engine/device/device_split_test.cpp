// SPDX-License-Identifier: GPL-3.0-or-later
// Contexts that do not fit the device's memory: their oldest pages stay with the host.
#include "engine/device/device_room.h"
#include "tests/engine/device/both_processors.h"

namespace lectern::test {
namespace {

constexpr std::uint64_t kRawPage = 2 * 2 * 64 * 64 * 2;  // of tiny(2, 1, 64): layers, kinds, channels, tokens, fp16

const DeviceTable* tableOf(const KvCache& cache) {
    return static_cast<const DeviceTable*>(cache.deviceTable().get());
}
int hostPages(const KvCache& cache) {
    return tableOf(cache) == nullptr ? 0 : tableOf(cache)->hostPages();
}

/// What the CPU read and quantized, `tokens` of it.
KvCache readByCpu(const Both& both, const KvSettings& settings, std::size_t tokens) {
    KvCache cache = both.cpu->makeCache(settings);
    ThreadPool& pool = both.cpu->pool();
    EXPECT_TRUE(both.cpu->prefill(cache, both.tokens(0, tokens), nullptr, {}));
    cache.finish(pool);
    return cache;
}

void expectSameMass(const AttentionMass& got, const AttentionMass& want) {
    ASSERT_EQ(got.groups.size(), want.groups.size());
    EXPECT_EQ(got.rows, want.rows);
    for (std::size_t i = 0; i < want.groups.size(); ++i) EXPECT_NEAR(got.groups[i], want.groups[i], 0.02) << i;
    EXPECT_NEAR(std::accumulate(got.groups.begin(), got.groups.end(), 0.0) / got.rows, 1.0, 1e-3);
    expectSameLayers(got, want);
}

/// Forgets what the device has of a cache.
void takeFromDevice(KvCache& cache) {
    cache.setDeviceTable(nullptr, 0);
}

TEST(DeviceSplit, EveryPairOfBitsGivesTheLogitsOfTheCpuAndOfTheWholeOnTheDevice) {
    Both whole(tiny(4, 2, 64));
    const std::size_t read = 340;  // and the tokens after it begin no page
    int sinks = 0;
    for (const char* name : {"fp16", "nuq4", "nuq3", "nuq2", "nuq4/2", "nuq3@0=16/2"}) {
        KvSettings settings = kept(name);
        settings.sinks = sinks = 5 - sinks;
        SCOPED_TRACE(std::string(name) + ", sinks " + std::to_string(sinks));
        const ModelConfig& config = whole.model->config;
        const auto page = splitContext(settings, config.layers, {2, 64}, read, 0).page;
        const std::uint64_t budget = contextBytes(settings, config, read) - 3 * page;
        Both split(tiny(4, 2, 64), false, budget);
        KvCache a = readByCpu(split, settings, read), b = a;
        KvCache c = readByCpu(whole, settings, read);  // blocks of its own: they know the copy of one device
        const auto expectAll = [&](std::size_t from, std::size_t count, const char* what) {
            const auto tokens = split.tokens(from, count);
            const auto want = split.run(*split.cpu, a, tokens), got = split.run(*split.device_side, b, tokens);
            EXPECT_LT(relativeError(got, want), kTolerance) << what;
            EXPECT_LT(relativeError(got, whole.run(*whole.device_side, c, tokens)), kTolerance) << what;
            EXPECT_GE(hostPages(b), 3) << what;
            EXPECT_LE(hostPages(b), 4) << what;
            EXPECT_EQ(hostPages(c), 0) << what;
        };
        expectAll(800, 1, "one token");
        expectAll(801, 3, "three tokens");
        expectAll(804, 10, "a chunk");
        expectCopiesEqual(b);
        EXPECT_LE(split.on_device->pageBytes(), budget);
        EXPECT_GT(split.on_device->hostPageBytes(), 0U);
        EXPECT_EQ(whole.on_device->hostPageBytes(), 0U);
    }
}

TEST(DeviceSplit, LayersThatTurnOtherwiseAreTheCpusToo) {
    const std::size_t read = 340;
    for (const char* name : {"fp16", "nuq4", "nuq3"}) {
        SCOPED_TRACE(name);
        const KvSettings settings = kept(name);
        Both whole(gemmaOf(64));
        const ModelConfig& config = whole.model->config;
        ASSERT_TRUE(config.turnsOtherwise(0) && !config.turnsOtherwise(5));
        const KvShape shape{config.kv_heads, config.head_dim};
        const auto page = splitContext(settings, config.layers, shape, read, 0).page;
        Both split(gemmaOf(64), false, contextBytes(settings, config, read) - 3 * page);
        KvCache a = readByCpu(split, settings, read), b = a, c = readByCpu(whole, settings, read);
        for (const std::size_t count : {1, 3, 10, 1, 1}) {  // the last ones as recorded
            const auto tokens = split.tokens(a.tokens() + 400, count);
            AttentionMass want_mass, got_mass;
            want_mass.by_layer = got_mass.by_layer = true;
            const bool mass = count == 3;
            const auto want = split.run(*split.cpu, a, tokens, mass ? &want_mass : nullptr),
                       got = split.run(*split.device_side, b, tokens, mass ? &got_mass : nullptr);
            EXPECT_LT(relativeError(got, want), kTolerance) << count;
            EXPECT_LT(relativeError(whole.run(*whole.device_side, c, tokens), want), kTolerance) << count;
            EXPECT_GE(hostPages(b), 3) << count;
            EXPECT_EQ(hostPages(c), 0) << count;
            if (mass) expectSameMass(got_mass, want_mass);
        }
        expectCopiesEqual(b);
    }
}

TEST(DeviceSplit, AContextThatGrowsLeavesItsOldestPages) {
    const std::uint64_t budget = 8 * kRawPage;
    Both both(tiny(2, 1, 64), false, budget);
    KvCache a = both.cpu->makeCache(kept("fp16")), b = both.device_side->makeCache(kept("fp16"));
    int before = 0, moves = 0;
    const auto read = [&](std::size_t from, std::size_t count) {
        both.expectSame(a, b, both.tokens(from, count), std::to_string(from));
        EXPECT_GE(hostPages(b), before);
        moves += hostPages(b) > before ? 1 : 0;
        before = hostPages(b);
        EXPECT_LE(both.on_device->pageBytes(), budget);
    };
    for (std::size_t at = 0; at < 700; at += 100) read(at, 100);
    EXPECT_EQ(before, a.pageCount(700) - 8);
    EXPECT_GT(moves, 2);
    moves = 0;
    for (std::size_t at = 700; at < 704; ++at) read(at, 1);
    EXPECT_LE(moves, 1);
    expectCopiesEqual(b);
    for (KvCache* cache : {&a, &b}) cache->rewind(300);
    both.expectSame(a, b, both.tokens(1600, 1), "forgotten tokens make room: all of it is on the device again");
    EXPECT_EQ(hostPages(b), 0);
    EXPECT_EQ(both.on_device->hostPageBytes(), 0U);
    expectCopiesEqual(b);
}

TEST(DeviceSplit, IsCountedInStepsSoThatMostTokensMoveNothing) {
    const KvShape shape{1, 64};
    KvSettings settings = kept("fp16");
    settings.sinks = 0;
    const std::uint64_t room = 160 * kRawPage;
    EXPECT_EQ(splitContext(settings, 2, shape, 160 * 64, room).host_pages, 0);
    int moves = 0, before = 0;
    for (std::uint64_t tokens = 160 * 64; tokens < 260 * 64; ++tokens) {
        const ContextSplit split = splitContext(settings, 2, shape, tokens, room);
        EXPECT_LE(split.device, room);
        EXPECT_EQ(split.device + split.host, (tokens + 63) / 64 * kRawPage);
        moves += split.host_pages != before ? 1 : 0;
        before = split.host_pages;
    }
    EXPECT_EQ(moves, 10) << "100 pages in steps of ten";
    EXPECT_EQ(before, 100);
}

TEST(DeviceSplit, DependsOnTheLengthOfTheContextAloneAndSoDoTheBitsOfTheLogits) {
    Both both(tiny(2, 1, 64), false, 8 * kRawPage);
    KvCache grown = both.device_side->makeCache(kept("fp16"));
    for (std::size_t at = 0; at < 640; at += 80) both.run(*both.device_side, grown, both.tokens(at, 80));
    KvCache again = grown;
    takeFromDevice(again);
    const auto want = both.run(*both.device_side, grown, both.tokens(900, 1));
    const auto got = both.run(*both.device_side, again, both.tokens(900, 1));
    EXPECT_GT(hostPages(grown), 0);
    EXPECT_EQ(hostPages(again), hostPages(grown));
    EXPECT_EQ(std::memcmp(got.data(), want.data(), want.size() * sizeof(float)), 0);
}

TEST(DeviceSplit, QuantizesWhatLeavesTheWindowWhereverItIs) {
    Both both(tiny(2, 1, 64), false, 12 * kRawPage);
    KvCache a = readByCpu(both, kept("nuq4"), 500), b = a;
    for (std::size_t at = 0; at < 240; at += 80) {
        const auto want = both.run(*both.cpu, a, both.tokens(900 + at, 80)),
                   got = both.run(*both.device_side, b, both.tokens(900 + at, 80));
        EXPECT_LT(relativeError(got, want), 0.1) << at;  // each coded its own
        EXPECT_GT(hostPages(b), 0);
    }
    EXPECT_FALSE(b.block(1, KvKind::Value, b.pageCount(640) - 1)->layout().raw());
    expectCopiesEqual(b);
}

TEST(DeviceSplit, MassOfEveryPageIsItsShareOfTheWhole) {
    Both both(tiny(4, 2, 64), false, 10 * kRawPage);
    KvCache a = readByCpu(both, kept("fp16"), 500), b = a;
    for (const std::size_t count : {1U, 7U}) {
        AttentionMass want, got;
        want.by_layer = got.by_layer = true;
        both.run(*both.cpu, a, both.tokens(600, count), &want);
        both.run(*both.device_side, b, both.tokens(600, count), &got);
        EXPECT_GT(hostPages(b), 2);
        double old = 0;
        for (int i = 0; i < hostPages(b) * kernels::kMassGroups; ++i) old += double(got.groups[std::size_t(i)]);
        EXPECT_GT(old, 0.05 * got.rows);
        expectSameMass(got, want);
    }
}

TEST(DeviceSplit, WindowsAndHiddenPositionsHoldOnBothSides) {
    // A window that ends on the device, one that reaches into the host's pages, and none.
    for (const int window : {100, 420, 0}) {
        SCOPED_TRACE(window);
        Both both(with("mistral", "linear", 1, 0, window), true, 10 * kRawPage);
        KvCache a = readByCpu(both, kept("fp16"), 500), b = a;
        both.expectSame(a, b, both.tokens(600, 1), "one token");
        EXPECT_GT(hostPages(b), 2);
        both.expectSame(a, b, both.tokens(601, 40), "a chunk");
        for (KvCache* cache : {&a, &b}) cache->hide({{5, 20}, {60, 61}, {70, 240}, {300, 500}});
        AttentionMass want, got;
        want.by_layer = got.by_layer = true;
        const auto by_cpu = both.run(*both.cpu, a, both.tokens(700, 1), &want);
        const auto by_both = both.run(*both.device_side, b, both.tokens(700, 1), &got);
        EXPECT_LT(relativeError(by_both, by_cpu), kTolerance);
        expectSameMass(got, want);
        both.expectSame(a, b, both.tokens(701, 30), "a chunk after hiding");
        for (KvCache* cache : {&a, &b}) cache->hide({{0, 520}});
        both.expectSame(a, b, both.tokens(740, 2), "nothing seen of what the host has");
    }
}

TEST(DeviceSplit, HolesOfComposedContextsAreNobodysPart) {
    Both both(tiny(2, 1, 64), false, 8 * kRawPage);
    KvSettings settings = kept("nuq4");
    settings.window = 0;
    KvCache first = readByCpu(both, settings, 5 + 4 * 64), second = readByCpu(both, settings, 5 + 6 * 64);
    KvCache a = first.emptyTwin();
    const KvPart parts[] = {{&first, 1}, {&second, 8}};
    a.compose(parts, 5 + 13 * 64);
    a.hide({{5 + 4 * 64, 5 + 7 * 64}});
    KvCache b = a;
    ASSERT_EQ(a.block(0, KvKind::Key, 6), nullptr);
    AttentionMass want, got;
    want.by_layer = got.by_layer = true;
    const auto by_cpu = both.run(*both.cpu, a, both.tokens(900, 1), &want);
    const auto by_both = both.run(*both.device_side, b, both.tokens(900, 1), &got);
    EXPECT_GT(hostPages(b), 5) << "the hole is among the host's pages";
    EXPECT_LT(relativeError(by_both, by_cpu), kTolerance);
    expectSameMass(got, want);
    both.expectSame(a, b, both.tokens(901, 3), "three tokens");
}

TEST(DeviceSplit, ForksShareThePagesThatAreOnTheDevice) {
    Both both(tiny(2, 1, 64), false, 9 * kRawPage);
    KvCache a = readByCpu(both, kept("fp16"), 600), b = a;
    both.expectSame(a, b, both.tokens(700, 1), "trunk");
    const int host = hostPages(b), last = b.pageCount(b.tokens()) - 1;
    EXPECT_GT(host, 0);
    KvCache left_a = a, left_b = b, right_a = a, right_b = b;
    both.expectSame(left_a, left_b, both.tokens(701, 30), "left");
    EXPECT_GE(hostPages(left_b), host);
    EXPECT_EQ(left_b.block(0, KvKind::Key, last - 1)->copy(), b.block(0, KvKind::Key, last - 1)->copy());
    both.expectSame(right_a, right_b, both.tokens(800, 3), "right");
    both.expectSame(left_a, left_b, both.tokens(731, 1), "left again");
    both.expectSame(a, b, both.tokens(900, 100), "trunk again");
    EXPECT_GT(hostPages(b), host);
    for (const KvCache* cache : {&b, &left_b, &right_b}) expectCopiesEqual(*cache);
    EXPECT_LE(both.on_device->pageBytes(), 9 * kRawPage);
}

TEST(DeviceSplit, NoWorkIsRecordedWhileAContextIsDivided) {
    Both both(tiny(2, 1, 64), false, 8 * kRawPage);
    KvCache large = readByCpu(both, kept("fp16"), 600), small = readByCpu(both, kept("fp16"), 100);
    const int before = emulatedGraphLaunches();
    for (std::size_t step = 0; step < 3; ++step) both.run(*both.device_side, large, both.tokens(700 + step, 1));
    EXPECT_EQ(emulatedGraphLaunches(), before);
    for (std::size_t step = 0; step < 3; ++step) both.run(*both.device_side, small, both.tokens(700 + step, 1));
    EXPECT_GT(emulatedGraphLaunches(), before);
}

std::size_t refused_from = 0;  ///< allocations of so many bytes and more fail; 0: none

/// The emulated device, whose memory other programs take away.
LecternCudaModule shrinkingModule() {
    LecternCudaModule table = emulatedModule();
    table.allocate = [](std::size_t bytes, void** to) -> std::int32_t {
        return refused_from != 0 && bytes >= refused_from ? -2 : emulatedModule().allocate(bytes, to);
    };
    return table;
}

TEST(DeviceSplit, MemoryThatIsTakenAwayInTheMiddleMakesPagesLeaveAndNothingFails) {
    const LecternCudaModule table = shrinkingModule();
    Both both(tiny(2, 1, 64), false, 16 * kRawPage, table);
    KvCache a = both.cpu->makeCache(kept("fp16")), b = both.device_side->makeCache(kept("fp16"));
    for (std::size_t at = 0; at < 500; at += 100) both.expectSame(a, b, both.tokens(at, 100), std::to_string(at));
    EXPECT_EQ(hostPages(b), 0);
    const std::uint64_t held = both.on_device->pageBytes();
    refused_from = kRawPage;
    for (std::size_t at = 500; at < 800; at += 100) both.expectSame(a, b, both.tokens(at, 100), std::to_string(at));
    both.expectSame(a, b, both.tokens(800, 1), "one token");
    refused_from = 0;
    EXPECT_GT(hostPages(b), 0);
    EXPECT_LE(both.on_device->pageBytes(), held);
    expectCopiesEqual(b);
}

TEST(DeviceSplit, WhereNotEvenTheTokensBeingReadHaveRoomItIsAnErrorWithNumbers) {
    Both both(tiny(2, 1, 64), false, 3 * kRawPage);
    KvCache a = both.cpu->makeCache(kept("fp16")), b = both.device_side->makeCache(kept("fp16"));
    both.expectSame(a, b, both.tokens(0, 100), "fits");
    both.expectSame(a, b, both.tokens(100, 60), "fits once older pages left");
    EXPECT_GT(hostPages(b), 0);
    const auto refused = both.device_side->forward(b, both.tokens(160, 300), Logits::None, nullptr);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::NoRoom);
    EXPECT_NE(refused.error().message.find(std::to_string(3 * kRawPage) + " bytes for all"), std::string::npos)
        << refused.error().message;
    EXPECT_EQ(b.tokens(), 160U);
    both.expectSame(a, b, both.tokens(160, 20), "and work goes on");
    expectCopiesEqual(b);
}

}  // namespace
}  // namespace lectern::test
