// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/session/session_store.h"

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <random>

#include "engine/session/block_table.h"
#include "tests/engine/session/samples.h"
#include "tests/support/test_data.h"

namespace lectern::test {
namespace {

namespace fs = std::filesystem;

class SessionStoreTest : public testing::Test {
protected:
    SessionStore make(int commits = 0) {
        auto store = SessionStore::create(file, sampleIdentity());
        EXPECT_TRUE(store) << messageOf(store);
        for (int n = 0; n < commits; ++n) EXPECT_TRUE(store->commit(sampleCommit(n)));
        return std::move(*store);
    }
    static std::vector<BlockRecord> blocks(const SessionStore& store, int branch) {
        std::vector<BlockRecord> all;
        const auto read =
            store.readBlocks(branch, [&](BlockRecord&& b) -> Status { return all.push_back(std::move(b)), Status(); });
        EXPECT_TRUE(read) << messageOf(read);
        return all;
    }
    /// In the order of their keys.
    static std::vector<BlockRecord> sortedBlocks(const SessionStore& store, int branch) {
        auto all = blocks(store, branch);
        std::sort(all.begin(), all.end(), [](const BlockRecord& a, const BlockRecord& b) {
            return std::tuple(a.page, a.layer, a.kind) < std::tuple(b.page, b.layer, b.kind);
        });
        return all;
    }

    TempDir folder;
    fs::path file = folder / "notes.lectern";
};

void expectSame(const std::vector<BlockRecord>& found, const std::vector<BlockRecord>& expected) {
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_EQ(found[i].page, expected[i].page);
        EXPECT_EQ(found[i].layer, expected[i].layer);
        EXPECT_EQ(found[i].kind, expected[i].kind);
        EXPECT_EQ(found[i].bits, expected[i].bits);
        EXPECT_EQ(found[i].tokens, expected[i].tokens);
        ASSERT_EQ(found[i].bytes, expected[i].bytes) << "block " << i;
    }
}

TEST_F(SessionStoreTest, EverythingComesBackAsItWasAfterReopening) {
    std::string written;
    {
        auto store = make(3);
        written = contentsOf(store).value();
    }
    EXPECT_NE(written.find("Über die Größe"), std::string::npos);
    EXPECT_NE(written.find("Text of page 2 of document 2"), std::string::npos);
    EXPECT_EQ(contentsOf(file, OpenMode::ReadOnly).value(), written);
    EXPECT_EQ(contentsOf(file, OpenMode::ReadWrite).value(), written);
    EXPECT_FALSE(fs::exists(folder / ".notes.lectern.lock")) << "the lock file goes with the writer";
    EXPECT_FALSE(fs::exists(folder / "notes.lectern-journal"));
}

TEST_F(SessionStoreTest, KeepsStrangeTextsAndNumbersExactly) {
    auto store = make();
    SessionCommit c;
    PageRecord page = samplePage(INT32_MAX, 0xFFFFFF);
    page.text = std::string("a\0b\xFF\xFE", 5);
    page.width = -0.0F;
    page.height = std::numeric_limits<float>::quiet_NaN();
    page.state = INT32_MIN;
    page.token_end = std::uint64_t(INT64_MAX);
    page.words = 0;
    page.token_offsets = {0, UINT32_MAX};
    c.pages.push_back(page);
    c.meta[""] = "";
    c.meta[std::string("n\0me", 4)] = std::string(1'000'000, '\xC3');
    c.messages.push_back({4'194'303, INT32_MAX, "", 0, 0});
    ASSERT_OK(store.commit(c));
    const auto pages = store.pages(INT32_MAX).value();
    ASSERT_EQ(pages.size(), 1U);
    EXPECT_EQ(pages[0].page, 0xFFFFFF);
    EXPECT_EQ(pages[0].text, page.text);
    EXPECT_TRUE(std::signbit(pages[0].width));
    EXPECT_TRUE(std::isnan(pages[0].height));
    EXPECT_EQ(pages[0].state, INT32_MIN);
    EXPECT_EQ(pages[0].token_end, page.token_end);
    EXPECT_EQ(pages[0].token_offsets, page.token_offsets);
    EXPECT_EQ(store.meta().value(), c.meta);
    EXPECT_EQ(store.messages(4'194'303).value().at(0).index, INT32_MAX);
}

TEST_F(SessionStoreTest, RecordsAreReplacedByTheirKeys) {
    auto store = make(1);
    SessionCommit c;
    c.documents.push_back(sampleDocument(0));
    c.documents[0].state = 4;
    c.pages.push_back(samplePage(0, 1));
    c.pages[0].text = "new";
    c.messages.push_back(sampleMessage(1, 0));
    c.messages[0].json = "{}";
    c.branches.push_back({1, "renamed", 0, 7});
    c.meta["trunk_tokens"] = "42";
    ASSERT_OK(store.commit(c));
    EXPECT_EQ(store.documents().value().at(0).state, 4);
    EXPECT_EQ(store.documents().value().size(), 1U);
    EXPECT_EQ(store.pages(0).value().at(1).text, "new");
    EXPECT_EQ(store.pages(0).value().size(), 3U);
    EXPECT_EQ(store.messages(1).value().at(0).json, "{}");
    EXPECT_EQ(store.branches().value().at(0).name, "renamed");
    EXPECT_EQ(store.meta().value().at("trunk_tokens"), "42");
    SessionIdentity other = sampleIdentity();
    other.model_name = "Another";
    ASSERT_OK(store.setIdentity(other));
    EXPECT_EQ(store.identity().value().model_name, "Another");
    EXPECT_TRUE(contentsOf(store)) << messageOf(contentsOf(store));
}

TEST_F(SessionStoreTest, ARunOfPagesComesLayerByLayerAndEndsWhereTheBitsChange) {
    auto store = make();
    SessionCommit c;
    c.blocks = sampleBlocks(0, 0, 8, 1000);
    for (auto& block : c.blocks) block.bits = block.page < 6 ? 3 : 16;
    ASSERT_OK(store.commit(c));
    std::vector<std::tuple<std::uint32_t, int, int>> seen, expected;
    for (const auto& b : blocks(store, 0)) seen.emplace_back(b.page, b.layer, b.kind);
    for (const auto& [begin, end] : {std::pair(0U, 6U), std::pair(6U, 8U)})
        for (int layer = 0; layer < 2; ++layer)
            for (int kind = 0; kind < 2; ++kind)
                for (std::uint32_t page = begin; page < end; ++page) expected.emplace_back(page, layer, kind);
    EXPECT_EQ(seen, expected);
    EXPECT_EQ(store.blockRows(0).value().size(), 2U);
}

TEST_F(SessionStoreTest, RowsOfLargeLayersHoldFewLayersEach) {
    auto store = make();
    SessionCommit c;
    c.blocks = sampleBlocks(0, 0, 39, 40'000);
    ASSERT_OK(store.commit(c));
    const auto rows = store.blockRows(0).value();
    ASSERT_EQ(rows.size(), 6U);
    for (const auto& row : rows) {
        EXPECT_LE(row.bytes(), BlockTable::kRowBytes);
        EXPECT_EQ(blockLayer(row.id), blockLayer(row.last)) << "a layer can be read alone";
    }
}

TEST_F(SessionStoreTest, BlocksAreThereWhateverOrderTheyWereWrittenIn) {
    auto store = make();
    for (const std::uint32_t page : {5U, 1U, 0xFFFFFFU, 3U, 0U}) {
        SessionCommit c;
        c.blocks = sampleBlocks(2, page, page + 1, 1000);
        std::reverse(c.blocks.begin(), c.blocks.end());
        ASSERT_OK(store.commit(c));
    }
    std::vector<BlockRecord> expected;
    for (const std::uint32_t page : {0U, 1U, 3U, 5U, 0xFFFFFFU}) {
        const auto more = sampleBlocks(2, page, page + 1, 1000);
        expected.insert(expected.end(), more.begin(), more.end());
    }
    expectSame(sortedBlocks(store, 2), expected);
    EXPECT_TRUE(blocks(store, 1).empty());
    EXPECT_TRUE(blocks(store, 3).empty());
}

/// Against a plain map: rows of blocks are split, merged and cut in every way that chance finds.
TEST_F(SessionStoreTest, BlocksBehaveLikeAMapUnderRandomReplacementAndTruncation) {
    auto store = make();
    std::mt19937 random(11);
    std::map<std::int64_t, BlockRecord> model;
    const auto pick = [&](int n) { return int(random() % std::uint32_t(n)); };
    for (int round = 0; round < 120; ++round) {
        SessionCommit c;
        if (pick(4) == 0) {
            const int branch = pick(3);
            const auto page = std::uint32_t(pick(40));
            c.truncate.push_back({branch, std::uint64_t(1) << 50, page, INT32_MAX});
            model.erase(model.lower_bound(blockKey(branch, page, 0, 0)),
                        model.lower_bound(blockKey(branch + 1, 0, 0, 0)));
        }
        const int count = pick(60), around = pick(40), branch = pick(3);
        for (int i = 0; i < count; ++i) {
            const int b = pick(10) == 0 ? pick(3) : branch;
            const auto page = std::uint32_t(pick(6) == 0 ? pick(40) : around + pick(4));
            BlockRecord block =
                sampleBlock(b, page, pick(3), pick(2), std::size_t(pick(20) == 0 ? 300'000 : pick(9000)), random());
            block.bits = page % 7 == 0 ? 16 : 3;
            model[blockKey(b, page, block.layer, block.kind)] = block;
            c.blocks.push_back(std::move(block));
        }
        ASSERT_OK(store.commit(c));
        if (round % 10 != 9) continue;
        for (int b = 0; b < 3; ++b) {
            std::vector<BlockRecord> expected;
            const auto end = model.lower_bound(blockKey(b + 1, 0, 0, 0));
            for (auto it = model.lower_bound(blockKey(b, 0, 0, 0)); it != end; ++it) expected.push_back(it->second);
            expectSame(sortedBlocks(store, b), expected);
        }
    }
    const auto damage = store.verify({}).value();
    EXPECT_TRUE(damage.problems.empty()) << damage.problems.front();
    EXPECT_TRUE(damage.blocks.empty());
}

TEST_F(SessionStoreTest, ARefusalByTheReaderEndsReadingWithItsError) {
    auto store = make(1);
    int seen = 0;
    const auto read = store.readBlocks(0, [&](BlockRecord&&) -> Status {
        return ++seen == 3 ? Status(Error{ErrorCode::Interrupted, "enough"}) : Status();
    });
    EXPECT_TRUE(failsWith(read, ErrorCode::Interrupted, "enough"));
    EXPECT_EQ(seen, 3);
    EXPECT_TRUE(store.commit(sampleCommit(1))) << "the read lock is gone";
}

TEST_F(SessionStoreTest, TruncateShortensTokensBlocksAndMessagesOfThatBranchOnly) {
    auto store = make(2);
    SessionCommit c;
    c.truncate.push_back({0, 450, 2, 0});  // in the middle of the second run
    c.truncate.push_back({1, 2, 0, 0});
    c.tokens.push_back({0, 450, {7, 8, 9}});
    ASSERT_OK(store.commit(c));
    const auto trunk = store.tokens(0).value();
    ASSERT_EQ(trunk.size(), 453U);
    EXPECT_EQ(trunk[449], 1149);
    EXPECT_EQ(trunk[450], 7);
    EXPECT_EQ(store.tokens(1).value(), (std::vector<std::int32_t>{1, 2}));
    EXPECT_EQ(store.tokens(2).value().size(), 4U);
    expectSame(sortedBlocks(store, 0), sampleBlocks(0, 0, 2, 3000));
    EXPECT_TRUE(blocks(store, 1).empty());
    EXPECT_EQ(blocks(store, 2).size(), 4U);
    EXPECT_TRUE(store.messages(1).value().empty());
    EXPECT_EQ(store.messages(2).value().size(), 1U);
    EXPECT_TRUE(contentsOf(store)) << messageOf(contentsOf(store));
}

TEST_F(SessionStoreTest, RemovedBranchGoesWithAllItHad) {
    auto store = make(2);
    SessionCommit c;
    c.removed_branches = {1};
    ASSERT_OK(store.commit(c));
    ASSERT_EQ(store.branches().value().size(), 1U);
    EXPECT_EQ(store.branches().value()[0].id, 2);
    EXPECT_TRUE(store.tokens(1).value().empty());
    EXPECT_TRUE(store.messages(1).value().empty());
    EXPECT_TRUE(blocks(store, 1).empty());
    EXPECT_EQ(blocks(store, 2).size(), 4U);
    EXPECT_TRUE(contentsOf(store)) << messageOf(contentsOf(store));
    c.removed_branches = {-1};
    EXPECT_EQ(store.commit(c).error().code, ErrorCode::Usage);
}

TEST_F(SessionStoreTest, DropCacheLeavesDocumentsPagesAndValues) {
    auto store = make(2);
    SessionCommit c;
    c.drop_cache = true;
    c.tokens.push_back({0, 0, {5, 6}});
    c.branches.push_back({9, "again", 0, 0});
    ASSERT_OK(store.commit(c));
    EXPECT_EQ(store.tokens(0).value(), (std::vector<std::int32_t>{5, 6}));
    EXPECT_EQ(store.branches().value().size(), 1U);
    EXPECT_TRUE(store.messages(1).value().empty());
    EXPECT_TRUE(blocks(store, 0).empty());
    EXPECT_EQ(store.documents().value().size(), 2U);
    EXPECT_EQ(store.pages(1).value().size(), 3U);
    EXPECT_EQ(store.meta().value().size(), 2U);
    EXPECT_TRUE(store.verify({}).value().problems.empty());
}

TEST_F(SessionStoreTest, AGroupOfCommitsIsCarriedOutInOrder) {
    auto store = make();
    std::vector<SessionCommit> group(3);
    group[0] = sampleCommit(0);
    group[1].drop_cache = true;
    group[2] = sampleCommit(0);
    group[2].truncate.push_back({0, 0, 0, 0});
    ASSERT_OK(store.commit(group));
    EXPECT_EQ(store.tokens(0).value().size(), 300U);
    EXPECT_EQ(blocks(store, 0).size(), 24U);
    EXPECT_TRUE(store.verify({}).value().problems.empty());
}

TEST_F(SessionStoreTest, WhatIsBeyondTheFormatIsRefusedWholeAndNamed) {
    auto store = make(1);
    const auto before = contentsOf(store).value();
    const auto refused = [&](const SessionCommit& c, std::string_view part) {
        SessionCommit both = sampleCommit(1);
        both.blocks.insert(both.blocks.end(), c.blocks.begin(), c.blocks.end());
        both.tokens.insert(both.tokens.end(), c.tokens.begin(), c.tokens.end());
        both.pages.insert(both.pages.end(), c.pages.begin(), c.pages.end());
        EXPECT_TRUE(failsWith(store.commit(both), ErrorCode::Usage, part));
        EXPECT_EQ(contentsOf(store).value(), before);
    };
    SessionCommit c;
    c.blocks = {sampleBlock(0, 0x1000000, 1, 0, 10)};
    refused(c, "page 16777216");
    c.blocks = {sampleBlock(0, 1, 4096, 0, 10)};
    refused(c, "layer 4096");
    c.blocks = {sampleBlock(-1, 1, 1, 0, 10)};
    refused(c, "a cache block");
    c.blocks.clear();
    c.tokens = {{0, 200, {1}}};
    refused(c, "do not follow the 600 that are stored");
    c.tokens.clear();
    c.pages = {samplePage(1, -1)};
    refused(c, "page 0 of document 1");
}

TEST_F(SessionStoreTest, CreateRefusesAnExistingFileAndLeavesItAlone) {
    writeFile(file, "precious");
    EXPECT_TRUE(failsWith(SessionStore::create(file, sampleIdentity()), ErrorCode::BadInput, "exists already"));
    EXPECT_EQ(readFile(file), "precious");
}

TEST_F(SessionStoreTest, CreateWithoutItsFolderSaysSo) {
    EXPECT_TRUE(failsWith(SessionStore::create(folder / "no/such/x.lectern", sampleIdentity()), ErrorCode::BadInput,
                          "does not exist; make it first"));
}

TEST_F(SessionStoreTest, OpeningSomethingElseSaysWhatItIs) {
    using enum ErrorCode;
    const auto open = [](const fs::path& f, OpenMode m = OpenMode::ReadOnly) { return SessionStore::open(f, m); };
    EXPECT_TRUE(failsWith(open(folder / "none.lectern"), BadInput, "There is no session"));
    EXPECT_TRUE(failsWith(open(folder.path()), BadInput, "is a folder"));
    writeFile(file, "Dear diary, this is a text file that somebody named like a session. " + std::string(9000, 'x'));
    EXPECT_TRUE(failsWith(open(file), BadInput, "is not a Lectern session"));
    EXPECT_TRUE(failsWith(open(file, OpenMode::ReadWrite), BadInput, "is not a Lectern session"));
    writeFile(file, "short");
    EXPECT_TRUE(failsWith(open(file), BadInput, "is not a Lectern session"));
    writeFile(file, "");
    EXPECT_TRUE(failsWith(open(file), BadInput, "is empty"));
    EXPECT_TRUE(failsWith(open(file, OpenMode::ReadWrite), BadInput, "is empty"));
    ASSERT_EQ(::mkfifo((folder / "pipe.lectern").c_str(), 0600), 0);
    EXPECT_TRUE(failsWith(open(folder / "pipe.lectern"), BadInput, "not a plain file"));
}

TEST_F(SessionStoreTest, AnotherProgramsDatabaseIsNotTouched) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &db), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(db, "CREATE TABLE t(x); INSERT INTO t VALUES(1)", nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(db);
    const auto before = readFile(file);
    for (const auto mode : {OpenMode::ReadOnly, OpenMode::ReadWrite})
        EXPECT_TRUE(failsWith(SessionStore::open(file, mode), ErrorCode::BadInput, "is not a Lectern session"));
    EXPECT_EQ(readFile(file), before);
}

TEST_F(SessionStoreTest, ASessionFromTheFutureNamesBothFormats) {
    makeSession(file, 1);
    auto bytes = readFile(file);
    bytes[63] = 7;  // user_version, big-endian at 60
    writeFile(file, bytes);
    for (const auto mode : {OpenMode::ReadOnly, OpenMode::ReadWrite}) {
        const auto refused = SessionStore::open(file, mode);
        EXPECT_TRUE(
            failsWith(refused, ErrorCode::BadInput, "was made by a newer Lectern (format 7, this one reads up to 1)"));
        EXPECT_EQ(refused.error().parts.obstacle, Obstacle::NewerVersion);
        EXPECT_EQ(refused.error().parts.names, std::vector{file.string()});
    }
    EXPECT_EQ(readFile(file), bytes);
}

TEST_F(SessionStoreTest, AForeignTriggerOrTableIsRefused) {
    makeSession(file, 1);
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &db), SQLITE_OK);
    const char* sql = "CREATE TRIGGER t AFTER INSERT ON meta BEGIN DELETE FROM documents; END";
    ASSERT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(db);
    EXPECT_TRUE(failsWith(SessionStore::open(file, OpenMode::ReadWrite), ErrorCode::Damaged, "its tables are not"));
}

TEST_F(SessionStoreTest, AWriteAheadLogIsRefusedWithTheWayBack) {
    makeSession(file, 1);
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &db), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(db, "PRAGMA journal_mode=WAL", nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(db);
    EXPECT_TRUE(failsWith(SessionStore::open(file, OpenMode::ReadOnly), ErrorCode::Damaged, "write-ahead log"));
}

TEST_F(SessionStoreTest, AStoreOpenedForReadingRefusesToWrite) {
    makeSession(file, 1);
    const auto bytes = readFile(file);
    {
        auto store = SessionStore::open(file, OpenMode::ReadOnly);
        ASSERT_OK(store);
        EXPECT_TRUE(failsWith(store->commit(sampleCommit(1)), ErrorCode::Usage, "opened read-only"));
        EXPECT_TRUE(failsWith(store->setIdentity({}), ErrorCode::Usage, "opened read-only"));
    }
    EXPECT_EQ(readFile(file), bytes);
}

TEST_F(SessionStoreTest, AFileRemovedOrReplacedWhileOpenIsNotWrittenTo) {
    auto store = make(1);
    const auto before = contentsOf(store).value();
    fs::remove(file);
    EXPECT_TRUE(failsWith(store.commit(sampleCommit(1)), ErrorCode::Failed, "was removed, renamed or replaced"));
    EXPECT_EQ(contentsOf(store).value(), before) << "what is open can still be read";
    writeFile(file, "something new");
    EXPECT_TRUE(failsWith(store.commit(sampleCommit(1)), ErrorCode::Failed, "was removed, renamed or replaced"));
    EXPECT_EQ(readFile(file), "something new");
}

TEST_F(SessionStoreTest, AChangeByAnotherProgramIsNoticedBeforeWriting) {
    auto store = make(1);
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &db), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(db, "DELETE FROM documents", nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(db);
    EXPECT_TRUE(failsWith(store.commit(sampleCommit(1)), ErrorCode::Busy, "was changed by another program"));
    EXPECT_TRUE(failsWith(store.documents(), ErrorCode::Damaged, "0 of 1 documents"));
}

TEST_F(SessionStoreTest, TenThousandBranchesAndMessagesAreQuick) {
    const auto begin = std::chrono::steady_clock::now();
    auto store = make();
    SessionCommit c;
    for (int i = 1; i <= 10'000; ++i) {
        c.branches.push_back({i, "branch", 0, 0});
        c.messages.push_back(sampleMessage(i, 0));
        c.messages.push_back(sampleMessage(0, i));
        c.tokens.push_back({i, 0, {1, 2, 3}});
    }
    ASSERT_OK(store.commit(c));
    EXPECT_EQ(store.branches().value().size(), 10'000U);
    EXPECT_EQ(store.messages(0).value().size(), 10'000U);
    for (int i = 1; i <= 10'000; ++i) ASSERT_EQ(store.messages(i).value().size(), 1U);
    EXPECT_TRUE(store.verify({}).value().problems.empty());
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    EXPECT_LT(took.count(), 10.0);  // 0.3 s at -O2, sanitizers take their part
}

TEST_F(SessionStoreTest, VerifyCountsEverythingAndFindsNothingInAWholeFile) {
    auto store = make(2);
    const auto damage = store.verify([] { return false; }).value();
    EXPECT_TRUE(damage.blocks.empty());
    EXPECT_TRUE(damage.problems.empty());
    // 1 identity, 2 documents, 6 pages and their words, 4 runs, 2 branches, 2 messages, 2 values, 10 pages of 4 blocks
    // and 2 of 4
    EXPECT_EQ(damage.checked, 1U + 2 + 6 + 6 + 4 + 2 + 2 + 2 + 40 + 8);
}

TEST_F(SessionStoreTest, VerifyCanBeInterruptedAtAnyPoint) {
    auto store = make(2);
    for (int after = 0; after < 12; ++after) {
        int asked = 0;
        const auto damage = store.verify([&] { return asked++ >= after; });
        EXPECT_TRUE(failsWith(damage, ErrorCode::Interrupted, "interrupted")) << after;
    }
    EXPECT_TRUE(store.verify({})) << "and works again";
}

TEST_F(SessionStoreTest, SmallBlocksDoNotWasteTheDisk) {
    auto store = make();
    std::uint64_t payload = 0;
    for (std::uint32_t n = 0; n < 8; ++n) {
        SessionCommit c;
        c.blocks = sampleBlocks(0, n * 250, n * 250 + 250, 3000);
        payload += c.blocks.size() * 3000;
        ASSERT_OK(store.commit(c));
    }
    EXPECT_LT(double(store.fileBytes()), 1.1 * double(payload) + 1e6);
}

}  // namespace
}  // namespace lectern::test
