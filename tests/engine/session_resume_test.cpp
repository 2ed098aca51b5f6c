// SPDX-License-Identifier: GPL-3.0-or-later
// Reading that was cut off anywhere goes on to the very bytes of reading that never was.
#include <map>

#include "engine/save_plan.h"
#include "kernels/dispatch.h"
#include "tests/engine/loaded_cache.h"
#include "tests/engine/session_fixture.h"
#include "tests/engine/stored_blocks.h"
#include "tests/support/faulty_vfs.h"

namespace lectern::test {
namespace {

class SessionResumeTest : public SessionTest {
protected:
    /// A session with its document placed and nothing read.
    void placed(const fs::path& file, const KvSettings& kv) {
        auto session = m_engine->createSession({file, {}, kv});
        ASSERT_TRUE(session) << session.error().message;
        ASSERT_TRUE((*session)->addDocuments({{m_text, {}, {}}}, {}, {}));
    }
    Status read(const fs::path& file) {
        auto session = m_engine->openSession(file);
        if (!session) return session.error();
        return (*session)->ingest({}, {});
    }

    fs::path m_text;
};

/// What ends reading: at a step, or where files have grown by some bytes.
enum class End { DiskFails, Killed, PowerGone, DiskFull };

const char* name(End end) {
    static constexpr const char* kNames[] = {"the disk fails", "killed", "the power goes", "the disk is full"};
    return kNames[std::size_t(end)];
}

/// Until powerOn(): of a killed process all that it wrote is there, of a machine without power what was synced is.
void arrange(FaultyVfs& disk, End end, long at, std::int64_t grown, bool& cut) {
    if (end == End::DiskFails) return disk.failFromStep(at);
    if (end == End::DiskFull) return disk.fullAfterBytes(grown);
    disk.beforeStep([&disk, &cut, end, at](long step) {
        if (step != at || std::exchange(cut, true)) return;
        disk.cutPower(end == End::Killed ? FaultyVfs::Survives::Everything : FaultyVfs::Survives::Random, unsigned(at));
    });
}

TEST_F(SessionResumeTest, ReadingCutOffAnywhereGoesOnToTheSameBytesAndLogits) {
    m_text = writeText("a.txt", 5);
    KvSettings settings = *parseKvSettings("fp16");  // whose points are near each other
    const fs::path base = m_dir / "base.lectern", file = m_dir / "a.lectern", whole = m_dir / "whole.lectern";
    placed(base, settings);
    fs::copy_file(base, whole);
    long steps = 0;
    {
        FaultyVfs disk;
        ASSERT_TRUE(read(whole));
        steps = disk.steps();
    }
    const auto grown = std::int64_t(fs::file_size(whole) - fs::file_size(base));
    const Blocks expected = storedBlocks(whole);
    const std::vector<TokenId> ids = {300, 17, 42, 350};
    const auto logits = logitsAfter(whole, m_model, ids);
    ASSERT_GT(expected.size(), 100U);
    ASSERT_GT(steps, 30);
    int resumed = 0;
    for (long at = 0; at < steps; at += std::max(1L, steps / 8)) {
        for (const End end : {End::DiskFails, End::Killed, End::PowerGone, End::DiskFull}) {
            SCOPED_TRACE(std::string(name(end)) + " at step " + std::to_string(at));
            fs::copy_file(base, file, fs::copy_options::overwrite_existing);
            fs::remove(m_dir / "a.lectern-journal");
            {
                FaultyVfs disk;
                bool cut = false;
                arrange(disk, end, at, grown * at / steps, cut);
                const auto failed = read(file);
                if (!failed) {  // commits that queue up share a transaction: this time there were fewer steps
                    EXPECT_NE(failed.error().message.find("disk"), std::string::npos) << failed.error().message;
                }
                disk.powerOn();
                disk.failFromStep(-1);
                disk.fullAfterBytes(-1);
            }
            const auto peeked = m_engine->peekSession(file);
            ASSERT_TRUE(peeked) << peeked.error().message;
            resumed += (*peeked)->tokens() > 0 ? 1 : 0;
            ASSERT_TRUE(read(file));
            EXPECT_EQ(storedBlocks(file) == expected, true);
            EXPECT_EQ(logitsAfter(file, m_model, ids) == logits, true);
            EXPECT_TRUE(m_engine->verifySession(file, {})->ok);
        }
    }
    EXPECT_GT(resumed, 2) << "some went on in the middle";
}

TEST(SavePlan, LeavesTheWindowOfThePointAloneAndWritesEveryPageOnceBetween) {
    const KvSettings settings = *parseKvSettings("nuq2");
    KvCache cache(2, KvShape{2, 16}, settings, kernels::bestKernels());
    SavePlan plan(cache);
    const auto now = SavePlan::Clock::now();
    std::map<int, int> written;
    int point_begin = 0, point_end = 0, points = 0;  // pages that the last point had in its window
    for (int chunk = 0; chunk < 200; ++chunk) {
        const int before = settledPages(cache, cache.tokens());
        cache.advance(512);
        std::vector<int> changed;
        for (int page = before; page < cache.pageCount(cache.tokens()); ++page) changed.push_back(page);
        const bool point = plan.pointDue(cache.tokens(), now);
        points += point ? 1 : 0;
        for (const int page : plan.pages(cache, changed, point, now)) {
            ++written[page];
            if (point) continue;
            EXPECT_TRUE(page < point_begin || page >= point_end) << page;
            EXPECT_LT(page, settledPages(cache, cache.tokens()));
        }
        if (!point) continue;
        point_begin = settledPages(cache, cache.tokens());
        point_end = cache.pageCount(cache.tokens());
    }
    EXPECT_GT(points, 2);
    int total = 0;
    for (const auto& [page, times] : written) total += times;
    EXPECT_EQ(int(written.size()), written.rbegin()->first + 1) << "none is left out";
    EXPECT_LE(total - int(written.size()), 3 * points) << "only windows are written again";
    EXPECT_TRUE(SavePlan(cache).pointDue(cache.tokens(), now + std::chrono::minutes(1)));
}

}  // namespace
}  // namespace lectern::test
