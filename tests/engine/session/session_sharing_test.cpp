// SPDX-License-Identifier: GPL-3.0-or-later
// One writer, any number of readers, in one process and in several.
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "tests/engine/session/samples.h"
#include "tests/support/test_data.h"

namespace lectern::test {
namespace {

namespace fs = std::filesystem;

class SessionSharingTest : public testing::Test {
protected:
    TempDir folder;
    fs::path file = folder / "notes.lectern";
};

/// The exit status of a child that runs `work`.
int inChild(const std::function<int()>& work) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(work());
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// 0: opened for writing; otherwise 1 + the error's code.
int tryToWrite(const fs::path& file) {
    const auto store = SessionStore::open(file, OpenMode::ReadWrite);
    return store ? 0 : 1 + int(store.error().code);
}

TEST_F(SessionSharingTest, ASecondWriterInTheSameProcessGetsBusyAndTheFirstGoesOn) {
    auto first = SessionStore::create(file, sampleIdentity());
    ASSERT_OK(first);
    for (int n = 0; n < 3; ++n) {
        EXPECT_TRUE(failsWith(SessionStore::open(file, OpenMode::ReadWrite), ErrorCode::Busy,
                              "is open for writing in process " + std::to_string(::getpid())));
        ASSERT_OK(first->commit(sampleCommit(n)));
    }
    fs::create_symlink(file, folder / "link.lectern");
    EXPECT_TRUE(
        failsWith(SessionStore::open(folder / "link.lectern", OpenMode::ReadWrite), ErrorCode::Busy, "process"));
    { const SessionStore closed = std::move(*first); }
    EXPECT_TRUE(SessionStore::open(folder / "link.lectern", OpenMode::ReadWrite));
}

TEST_F(SessionSharingTest, ASecondWriterInAnotherProcessGetsBusyUntilTheFirstIsGone) {
    makeSession(file, 1);
    const int busy = 1 + int(ErrorCode::Busy);
    {
        const auto first = SessionStore::open(file, OpenMode::ReadWrite);
        ASSERT_OK(first);
        EXPECT_EQ(inChild([&] { return tryToWrite(file); }), busy);
    }
    EXPECT_EQ(inChild([&] { return tryToWrite(file); }), 0);
}

TEST_F(SessionSharingTest, AKilledWritersLockIsTakenOver) {
    makeSession(file, 1);
    const int status = inChild([&] {
        auto* leaked = new Result<SessionStore>(SessionStore::open(file, OpenMode::ReadWrite));
        return *leaked ? 7 : 1;
    });
    ASSERT_EQ(status, 7);
    ASSERT_TRUE(fs::exists(folder / ".notes.lectern.lock"));
    EXPECT_EQ(tryToWrite(file), 0);
    EXPECT_FALSE(fs::exists(folder / ".notes.lectern.lock"));
}

TEST_F(SessionSharingTest, OfManyThreadsThatOpenForWritingExactlyOneSucceeds) {
    makeSession(file, 1);
    for (int round = 0; round < 10; ++round) {
        std::atomic<int> opened = 0, busy = 0, tried = 0;
        std::vector<std::thread> threads;
        for (int t = 0; t < 6; ++t) {
            threads.emplace_back([&] {
                const auto store = SessionStore::open(file, OpenMode::ReadWrite);
                (store ? opened : store.error().code == ErrorCode::Busy ? busy : tried)++;
                tried += 10;
                while (tried < 60) std::this_thread::yield();
            });
        }
        for (auto& thread : threads) thread.join();
        EXPECT_EQ(opened, 1);
        EXPECT_EQ(busy, 5);
    }
}

TEST_F(SessionSharingTest, ReadersSeeWholeCommitsWhileAnotherProcessWrites) {
    constexpr int kCommits = 12;
    std::vector<std::string> states;
    {
        auto store = SessionStore::create(folder / "model.lectern", sampleIdentity());
        ASSERT_OK(store);
        states.push_back(contentsOf(*store).value());
        for (int n = 0; n < kCommits; ++n) {
            ASSERT_OK(store->commit(sampleCommit(n)));
            states.push_back(contentsOf(*store).value());
        }
    }
    makeSession(file, 0);
    const pid_t child = ::fork();
    if (child == 0) {
        auto store = SessionStore::open(file, OpenMode::ReadWrite);
        if (!store) ::_exit(1);
        for (int n = 0; n < kCommits; ++n) {
            if (!store->commit(sampleCommit(n))) ::_exit(2);
        }
        ::_exit(0);
    }
    int status = 0, reads = 0;
    while (::waitpid(child, &status, WNOHANG) == 0) {
        const auto store = SessionStore::open(file, OpenMode::ReadOnly);
        ASSERT_OK(store);
        // Each call is whole; between calls the writer may have gone on.
        const auto documents = store->documents();
        ASSERT_OK(documents);
        const auto n = documents->size();
        ASSERT_LE(n, std::size_t(kCommits));
        const auto blocks = store->readBlocks(0, [](BlockRecord&&) { return Status(); });
        ASSERT_TRUE(blocks || blocks.error().code == ErrorCode::Busy) << messageOf(blocks);
        const auto tokens = store->tokens(0);
        ASSERT_OK(tokens);
        EXPECT_GE(tokens->size(), 300 * n);
        EXPECT_EQ(tokens->size() % 300, 0U);
        ++reads;
    }
    EXPECT_EQ(WEXITSTATUS(status), 0) << "the writer was never refused";
    EXPECT_GT(reads, 0);
    EXPECT_EQ(contentsOf(file).value() == states.back(), true);
}

TEST_F(SessionSharingTest, AReaderInTheSameProcessComesAndGoesWithoutHarmToTheWriter) {
    auto writer = SessionStore::create(file, sampleIdentity());
    ASSERT_OK(writer);
    std::atomic<bool> stop = false;
    std::thread reader([&] {
        while (!stop) {
            const auto store = SessionStore::open(file, OpenMode::ReadOnly);
            EXPECT_TRUE(store) << messageOf(store);
            const auto documents = store->documents();
            EXPECT_TRUE(documents) << messageOf(documents);
        }
    });
    for (int n = 0; n < 20; ++n) EXPECT_TRUE(writer->commit(sampleCommit(n)));
    stop = true;
    reader.join();
    EXPECT_EQ(writer->documents().value().size(), 20U);
    EXPECT_TRUE(writer->verify({}).value().problems.empty());
}

TEST_F(SessionSharingTest, AFolderThatCannotBeWrittenIsReadAndNotWritten) {
    if (::geteuid() == 0) GTEST_SKIP() << "the superuser may write everywhere";
    makeSession(file, 1);
    const auto contents = contentsOf(file).value();
    ASSERT_EQ(::chmod(folder.path().c_str(), 0555), 0);
    EXPECT_EQ(contentsOf(file).value(), contents);
    EXPECT_TRUE(failsWith(SessionStore::open(file, OpenMode::ReadWrite), ErrorCode::Failed, "no lock can be made"));
    ASSERT_EQ(::chmod(folder.path().c_str(), 0755), 0);
    ASSERT_EQ(::chmod(file.c_str(), 0444), 0);
    EXPECT_EQ(contentsOf(file).value(), contents);
    EXPECT_TRUE(failsWith(SessionStore::open(file, OpenMode::ReadWrite), ErrorCode::Failed, "cannot be written"));
}

}  // namespace
}  // namespace lectern::test
