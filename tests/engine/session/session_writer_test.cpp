// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/session/session_writer.h"

#include <atomic>
#include <chrono>

#include "tests/engine/session/samples.h"
#include "tests/support/faulty_vfs.h"
#include "tests/support/test_data.h"

namespace lectern::test {
namespace {

namespace fs = std::filesystem;

class SessionWriterTest : public testing::Test {
protected:
    SessionStore make() {
        auto store = SessionStore::create(file, sampleIdentity());
        EXPECT_TRUE(store) << messageOf(store);
        return std::move(*store);
    }
    static SessionCommit value(int n) {
        SessionCommit c;
        c.meta["last"] = std::to_string(n);
        c.messages.push_back(sampleMessage(0, n));
        return c;
    }
    std::string last() {
        const auto store = SessionStore::open(file, OpenMode::ReadOnly);
        EXPECT_TRUE(store) << messageOf(store);
        return store->meta().value()["last"];
    }

    TempDir folder;
    fs::path file = folder / "notes.lectern";
};

/// Holds the disk still at a step until it is let go.
class Gate {
public:
    explicit Gate(FaultyVfs& disk) {
        disk.beforeStep([this](long) {
            std::unique_lock lock(m_mutex);
            m_waiting = true;
            m_changed.notify_all();
            m_changed.wait(lock, [this] { return m_open; });
        });
    }
    void waitUntilBusy() {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [this] { return m_waiting; });
    }
    void open() {
        const std::lock_guard lock(m_mutex);
        m_open = true;
        m_changed.notify_all();
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    bool m_open = false, m_waiting = false;
};

TEST_F(SessionWriterTest, WhatIsFlushedIsInTheFileInOrder) {
    SessionWriter writer(make());
    for (int n = 0; n < 100; ++n) ASSERT_OK(writer.submit(value(n)));
    ASSERT_OK(writer.flush());
    EXPECT_EQ(last(), "99");
    const auto store = SessionStore::open(file, OpenMode::ReadOnly);
    EXPECT_EQ(store->messages(0).value().size(), 100U);
    EXPECT_EQ(writer.fileBytes(), fs::file_size(file));
}

TEST_F(SessionWriterTest, TheDestructorWritesWhatIsQueued) {
    {
        SessionWriter writer(make());
        for (int n = 0; n < 50; ++n) ASSERT_OK(writer.submit(value(n)));
    }
    EXPECT_EQ(last(), "49");
    EXPECT_TRUE(SessionStore::open(file, OpenMode::ReadWrite)) << "and frees the lock";
}

TEST_F(SessionWriterTest, SmallCommitsThatQueueUpShareATransaction) {
    FaultyVfs disk;
    auto store = make();
    const long before = disk.steps();
    ASSERT_OK(store.commit(value(0)));
    const long one = disk.steps() - before;
    Gate gate(disk);
    {
        SessionWriter writer(std::move(store));
        ASSERT_OK(writer.submit(value(1)));
        gate.waitUntilBusy();
        for (int n = 2; n < 200; ++n) ASSERT_OK(writer.submit(value(n)));
        gate.open();
        ASSERT_OK(writer.flush());
    }
    EXPECT_LT(disk.steps() - before, 6 * one) << "200 commits in two transactions";
    EXPECT_EQ(last(), "199");
}

TEST_F(SessionWriterTest, TheQueueIsBounded) {
    FaultyVfs disk;
    auto store = make();
    Gate gate(disk);
    SessionWriter writer(std::move(store), 1 << 20);
    std::atomic<int> submitted = 0;
    std::thread engine([&] {
        for (int n = 0; n < 10; ++n) {
            SessionCommit c = value(n);
            c.blocks = {sampleBlock(0, std::uint32_t(n), 0, 0, 300'000)};
            EXPECT_TRUE(writer.submit(std::move(c)));
            ++submitted;
        }
        SessionCommit c = value(10);
        c.blocks = {sampleBlock(0, 10, 0, 0, 3'000'000)};  // larger than the whole queue: goes alone
        EXPECT_TRUE(writer.submit(std::move(c)));
        EXPECT_TRUE(writer.flush());
    });
    gate.waitUntilBusy();
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    EXPECT_LE(submitted, 3) << "three of 300 KB fit 1 MiB, the one being written included";
    gate.open();
    engine.join();
    EXPECT_EQ(submitted, 10);
    EXPECT_EQ(last(), "10");
}

TEST_F(SessionWriterTest, AfterAFailureNothingMoreIsWrittenAndEveryCallSaysWhy) {
    {
        FaultyVfs disk;
        SessionWriter writer(make());
        ASSERT_OK(writer.submit(value(0)));
        ASSERT_OK(writer.flush());
        disk.fullAfterBytes(0);
        ASSERT_OK(writer.submit(value(1)));
        EXPECT_TRUE(failsWith(writer.flush(), ErrorCode::NoRoom, "nothing saved was lost"));
        disk.fullAfterBytes(-1);
        EXPECT_TRUE(failsWith(writer.submit(value(2)), ErrorCode::NoRoom, "nothing saved was lost"));
        EXPECT_TRUE(failsWith(writer.flush(), ErrorCode::NoRoom, "nothing saved was lost"));
    }
    EXPECT_EQ(last(), "0");
}

TEST_F(SessionWriterTest, AFailureFreesWhoeverWaitsForRoom) {
    FaultyVfs disk;
    auto store = make();
    Gate gate(disk);
    SessionWriter writer(std::move(store), 1 << 20);
    ASSERT_OK(writer.submit(value(0)));
    gate.waitUntilBusy();
    std::thread engine([&] {
        SessionCommit c = value(1);
        c.blocks = {sampleBlock(0, 0, 0, 0, 1'200'000)};
        EXPECT_FALSE(writer.submit(std::move(c)));
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    disk.failFromStep(0);
    gate.open();
    engine.join();
    EXPECT_FALSE(writer.flush());
}

TEST_F(SessionWriterTest, ABadCommitTakesNoneBeforeItAlong) {
    FaultyVfs disk;
    auto store = make();
    Gate gate(disk);
    {
        SessionWriter writer(std::move(store));
        ASSERT_OK(writer.submit(value(0)));
        gate.waitUntilBusy();
        ASSERT_OK(writer.submit(value(1)));
        SessionCommit bad;
        bad.blocks = {sampleBlock(0, 0x2000000, 0, 0, 10)};
        ASSERT_OK(writer.submit(bad));
        ASSERT_OK(writer.submit(value(2)));
        gate.open();
        EXPECT_TRUE(failsWith(writer.flush(), ErrorCode::Usage, "beyond the limits"));
    }
    EXPECT_EQ(last(), "1");
}

TEST_F(SessionWriterTest, ReadingWhileTheWriterWritesSeesOnlyWholeCommits) {
    auto store = make();
    SessionWriter writer(std::move(store));
    std::atomic<bool> stop = false;
    std::thread reader([&] {
        while (!stop) {
            const auto open = SessionStore::open(file, OpenMode::ReadOnly);
            EXPECT_TRUE(open) << messageOf(open);
            const auto messages = open->messages(0);
            EXPECT_TRUE(messages) << messageOf(messages);
        }
    });
    for (int n = 0; n < 40; ++n) {
        ASSERT_OK(writer.submit(value(n)));
        if (n % 8 == 0) ASSERT_OK(writer.flush());
    }
    ASSERT_OK(writer.flush());
    stop = true;
    reader.join();
    EXPECT_EQ(last(), "39");
}

}  // namespace
}  // namespace lectern::test
