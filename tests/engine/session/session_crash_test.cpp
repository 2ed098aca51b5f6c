// SPDX-License-Identifier: GPL-3.0-or-later
// Failing disks, killed processes, lost power: at every step of every kind of write.
#include <sys/wait.h>
#include <unistd.h>

#include "tests/engine/session/samples.h"
#include "tests/support/faulty_vfs.h"
#include "tests/support/test_data.h"

namespace lectern::test {
namespace {

namespace fs = std::filesystem;

struct Work {
    const char* name;
    std::function<Status(SessionStore&)> run;
};

std::vector<Work> kindsOfWork() {
    const auto commit = [](SessionCommit c) {
        return [c = std::move(c)](SessionStore& store) { return store.commit(c); };
    };
    SessionCommit cut, dropped, removed, large, window, values, branches, pages, repaired;
    for (int i = 0; i < 300; ++i) values.meta["value " + std::to_string(i)] = std::string(500, 'v');
    for (int i = 10; i < 60; ++i) branches.branches.push_back({i, "branch", 0, 0});
    for (int i = 10; i < 60; ++i) branches.messages.push_back(sampleMessage(i, 0));
    for (int i = 0; i < 400; ++i) pages.pages.push_back(samplePage(1, i));
    for (int i = 0; i < 400; ++i) pages.words.push_back(sampleWords(1, i));
    cut.truncate.push_back({0, 200, 3, 0});
    cut.truncate.push_back({1, 0, 0, 0});
    removed.removed_branches = {1, 2};
    removed.removed_documents = {1};
    dropped.drop_cache = true;
    dropped.tokens.push_back({0, 0, {1, 2, 3}});
    large.blocks = sampleBlocks(0, 20, 60, 60'000);
    window.blocks = sampleBlocks(0, 8, 11, 2500, 9);
    repaired.blocks = {sampleBlock(0, 1, 1, 0, 3000, 77), sampleBlock(0, 5, 0, 1, 3000, 78)};
    SessionIdentity other = sampleIdentity();
    other.model_name = "Another";
    return {{"append", commit(sampleCommit(2))},
            {"cut", commit(cut)},
            {"drop", commit(dropped)},
            {"removed", commit(removed)},
            {"large", commit(large)},
            {"window", commit(window)},
            {"values", commit(values)},
            {"branches", commit(branches)},
            {"pages", commit(pages)},
            {"repaired", commit(repaired)},
            {"group",
             [](SessionStore& store) {
                 const SessionCommit both[] = {sampleCommit(2), sampleCommit(3)};
                 return store.commit(both);
             }},
            {"identity", [other](SessionStore& store) { return store.setIdentity(other); }}};
}

class SessionCrashTest : public testing::Test {
protected:
    void SetUp() override {
        makeSession(base, 2);
        before = contentsOf(base).value();
    }
    void restore() {
        fs::remove(journal);
        fs::copy_file(base, file, fs::copy_options::overwrite_existing);
    }
    /// What the file holds after the work has been done without faults, and the steps that took.
    std::string after(const Work& work, long& steps) {
        restore();
        FaultyVfs disk;
        auto store = SessionStore::open(file, OpenMode::ReadWrite);
        EXPECT_TRUE(store && work.run(*store)) << work.name;
        steps = disk.steps();
        return contentsOf(*store).value();
    }

    TempDir folder;
    fs::path base = folder / "base.lectern", file = folder / "notes.lectern",
             journal = folder / "notes.lectern-journal";
    std::string before;
};

TEST_F(SessionCrashTest, AppendIsAllOrNothingWhereverTheDiskFails) {
    for (const auto& work : kindsOfWork()) {
        long steps = 0;
        const auto expected = after(work, steps);
        ASSERT_GT(steps, 8) << work.name;
        for (long fail = 0; fail < steps; ++fail) {
            SCOPED_TRACE(std::string(work.name) + " fails at step " + std::to_string(fail));
            restore();
            {
                FaultyVfs disk;
                auto store = SessionStore::open(file, OpenMode::ReadWrite);
                ASSERT_OK(store);
                disk.failFromStep(fail);
                EXPECT_TRUE(failsWith(work.run(*store), ErrorCode::Failed, "the disk reports an error"));
                disk.failFromStep(-1);
            }
            const auto kept = contentsOf(file, OpenMode::ReadWrite);
            ASSERT_OK(kept);
            ASSERT_EQ(*kept == before, true);
        }
        restore();
        auto store = SessionStore::open(file, OpenMode::ReadWrite);
        ASSERT_TRUE(store && work.run(*store));
        EXPECT_EQ(contentsOf(*store).value() == expected, true);
    }
}

TEST_F(SessionCrashTest, AFullDiskLosesNothingAndTheSameStoreGoesOnOnceThereIsRoom) {
    for (const auto& work : kindsOfWork()) {
        restore();
        std::int64_t needed = 0;  // what the journal and the session grow by
        for (bool fits = false; !fits; needed += 60'000) {
            restore();
            FaultyVfs disk;
            auto store = SessionStore::open(file, OpenMode::ReadWrite);
            ASSERT_OK(store);
            disk.fullAfterBytes(needed);
            fits = work.run(*store).has_value();
        }
        needed -= 120'000;
        for (std::int64_t part = 0; part <= 8; ++part) {
            SCOPED_TRACE(std::string(work.name) + " with room for " + std::to_string(part) + "/8");
            restore();
            FaultyVfs disk;
            auto store = SessionStore::open(file, OpenMode::ReadWrite);
            ASSERT_OK(store);
            disk.fullAfterBytes(needed * part / 8);
            EXPECT_TRUE(failsWith(work.run(*store), ErrorCode::NoRoom, "nothing saved was lost"));
            const auto kept = contentsOf(*store);
            ASSERT_OK(kept);
            ASSERT_EQ(*kept == before, true);
            disk.fullAfterBytes(-1);
            ASSERT_OK(work.run(*store));
            EXPECT_TRUE(store->verify({}).value().problems.empty());
        }
    }
}

/// Runs `work` in a child that dies without a word before step `at`; true where it lived to the end.
bool runAndKill(const fs::path& file, const Work& work, long at) {
    const pid_t child = ::fork();
    if (child == 0) {
        FaultyVfs disk;
        disk.beforeStep([at](long step) {
            if (step == at) ::kill(::getpid(), SIGKILL);
        });
        auto store = SessionStore::open(file, OpenMode::ReadWrite);
        ::_exit(store && work.run(*store) ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    return WIFEXITED(status);
}

TEST_F(SessionCrashTest, AKillAtEveryStepLeavesTheOldStateOrTheNew) {
    long points = 0;
    for (const auto& work : kindsOfWork()) {
        long steps = 0;
        const auto expected = after(work, steps);
        bool renewed = false;
        for (long at = 0; at <= steps; ++at, ++points) {
            SCOPED_TRACE(std::string(work.name) + " killed at step " + std::to_string(at));
            restore();
            const bool lived = runAndKill(file, work, at);
            EXPECT_EQ(lived, at == steps);
            // A reader finds it whole; the next writer gets the lock and goes on.
            const auto found = contentsOf(file, at % 2 == 0 ? OpenMode::ReadOnly : OpenMode::ReadWrite);
            ASSERT_OK(found);
            const bool old_state = *found == before, new_state = *found == expected;
            ASSERT_TRUE(old_state || new_state);
            ASSERT_FALSE(renewed && !new_state) << "once committed, it stays";
            ASSERT_TRUE(!lived || new_state);
            renewed = new_state;
        }
        EXPECT_TRUE(renewed);
    }
    EXPECT_GE(points, 500);
}

TEST_F(SessionCrashTest, LostPowerLosesNothingThatWasCommitted) {
    using enum FaultyVfs::Survives;
    for (const auto& work : kindsOfWork()) {
        long steps = 0;
        const auto expected = after(work, steps);
        for (long at = 0; at <= steps; ++at) {
            for (const auto survives : {Nothing, Random}) {
                SCOPED_TRACE(std::string(work.name) + " without power at step " + std::to_string(at));
                restore();
                FaultyVfs disk;
                bool done = false;
                {
                    auto store = SessionStore::open(file, OpenMode::ReadWrite);
                    ASSERT_OK(store);
                    disk.failFromStep(at);
                    done = work.run(*store).has_value();
                }
                EXPECT_EQ(done, at == steps);
                disk.cutPower(survives, std::uint32_t(at));
                disk.powerOn();
                disk.failFromStep(-1);
                const auto found = contentsOf(file, OpenMode::ReadWrite);
                ASSERT_OK(found);
                ASSERT_TRUE(*found == (done ? expected : before) || (!done && *found == expected));
            }
        }
    }
}

TEST_F(SessionCrashTest, AKilledCreateLeavesNothingOrASessionOrWhatSaysItIsUnfinished) {
    const fs::path fresh = folder / "fresh.lectern";
    bool finished = false;
    int unfinished = 0;
    for (long at = 0; !finished; ++at) {
        SCOPED_TRACE(at);
        const pid_t child = ::fork();
        if (child == 0) {
            FaultyVfs disk;
            disk.beforeStep([at](long step) {
                if (step == at) ::kill(::getpid(), SIGKILL);
            });
            ::_exit(SessionStore::create(fresh, sampleIdentity()) ? 0 : 1);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        finished = WIFEXITED(status);
        const auto store = SessionStore::open(fresh, OpenMode::ReadWrite);
        if (store) {
            EXPECT_EQ(store->identity().value().model_name, "Tiny Stories");
        } else {
            EXPECT_TRUE(failsWith(store, ErrorCode::BadInput, "was interrupted; delete the file"));
            ++unfinished;
        }
        ASSERT_TRUE(store || !finished);
        fs::remove(fresh);
        fs::remove(folder / "fresh.lectern-journal");
        ASSERT_LT(at, 200);
    }
    EXPECT_GT(unfinished, 5);
}

TEST_F(SessionCrashTest, ACreateThatFailsLeavesNoFile) {
    const fs::path fresh = folder / "fresh.lectern";
    for (long at = 0; at < 12; ++at) {
        FaultyVfs disk;
        disk.failFromStep(at);
        EXPECT_FALSE(SessionStore::create(fresh, sampleIdentity()));
        EXPECT_FALSE(fs::exists(fresh));
        fs::remove(folder / "fresh.lectern-journal");
    }
    FaultyVfs disk;
    disk.fullAfterBytes(100'000);
    const auto full = SessionStore::create(fresh, sampleIdentity());
    EXPECT_TRUE(failsWith(full, ErrorCode::NoRoom, "make room"));
    EXPECT_EQ(full.error().parts.obstacle, Obstacle::DiskFull);
    EXPECT_EQ(full.error().parts.names, std::vector{fresh.string()});
    EXPECT_FALSE(fs::exists(fresh));
}

TEST_F(SessionCrashTest, AReadOnlyDiskIsReadAndNotWritten) {
    restore();
    FaultyVfs disk;
    disk.readOnly(true);
    EXPECT_EQ(contentsOf(file).value() == before, true);
    const auto refused = SessionStore::open(file, OpenMode::ReadWrite);
    EXPECT_TRUE(failsWith(refused, ErrorCode::Failed, "read-only"));
    EXPECT_EQ(refused.error().parts.obstacle, Obstacle::ReadOnly);
    EXPECT_EQ(refused.error().parts.names, std::vector{file.string()});
}

TEST_F(SessionCrashTest, AHalfWrittenSessionOnAReadOnlyDiskSaysWhatToDo) {
    restore();
    const auto work = kindsOfWork().front();
    long steps = 0;
    after(work, steps);
    restore();
    ASSERT_FALSE(runAndKill(file, work, steps - 2));
    ASSERT_TRUE(fs::exists(journal));
    {
        FaultyVfs disk;
        disk.readOnly(true);
        EXPECT_TRUE(failsWith(SessionStore::open(file, OpenMode::ReadOnly), ErrorCode::Failed, "-journal"));
    }
    EXPECT_EQ(contentsOf(file).value() == before, true) << "and where it can be written it is put right";
}

}  // namespace
}  // namespace lectern::test
