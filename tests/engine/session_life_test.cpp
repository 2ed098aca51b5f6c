// SPDX-License-Identifier: GPL-3.0-or-later
// Compacting, stripping, wiping, and sessions that cannot be written.
#include <chrono>
#include <cstring>
#include <thread>

#include "engine/disk_quota.h"
#include "engine/session/session_store.h"
#include "engine/session/sqlite.h"
#include "tests/engine/document/pdf_writer.h"
#include "tests/engine/session_fixture.h"
#include "tests/engine/stored_blocks.h"
#include "tests/support/faulty_vfs.h"

namespace lectern::test {
namespace {

TEST_F(SessionTest, StrippedSessionKeepsItsTextsAndReadsTheSameCacheAgain) {
    const fs::path file = m_dir / "a.lectern";
    ASSERT_TRUE(ingested(file, {writeText("a.txt", 5)}, "nuq3")->ask(question("Who?"), {}, {}));
    const Blocks before = storedBlocks(file);
    const auto sizes = m_engine->stripSession(file);
    ASSERT_TRUE(sizes) << sizes.error().message;
    EXPECT_LT(sizes->after, sizes->before);
    EXPECT_EQ(sizes->after, fs::file_size(file));
    EXPECT_TRUE(storedBlocks(file).empty());
    EXPECT_TRUE(m_engine->verifySession(file, {})->ok);
    auto session = m_engine->openSession(file);
    ASSERT_TRUE(session) << session.error().message;
    EXPECT_EQ((*session)->tokens(), 0U);
    EXPECT_EQ((*session)->documents().at(0).state, DocumentState::Queued);
    EXPECT_EQ((*session)->branches().at(0).messages.at(0).question, "Who?");
    ASSERT_TRUE((*session)->ingest({}, {}));
    ASSERT_TRUE((*session)->ask(question("And then?"), {}, {}));
    session->reset();
    EXPECT_EQ(storedBlocks(file) == before, true);
    EXPECT_TRUE(m_engine->openSession(file)) << "and opens again";
}

TEST_F(SessionTest, CompactingKeepsEverythingAndGivesRoomBack) {
    const fs::path file = m_dir / "a.lectern";
    auto session = ingested(file, {writeText("a.txt", 5)}, "fp16");
    ASSERT_TRUE(session->ask(question("Who?"), {}, {}));
    const auto busy = m_engine->compactSession(file);
    ASSERT_FALSE(busy);
    EXPECT_EQ(busy.error().code, ErrorCode::Busy);
    ASSERT_TRUE(session->undoLast("main"));
    session.reset();
    const Blocks before = storedBlocks(file);
    const auto sizes = m_engine->compactSession(file);
    ASSERT_TRUE(sizes) << sizes.error().message;
    EXPECT_LT(sizes->after, sizes->before);
    EXPECT_EQ(storedBlocks(file) == before, true);
    EXPECT_TRUE(m_engine->verifySession(file, {})->ok);
    EXPECT_FALSE(fs::exists(m_dir / ".a.lectern.compacting"));
    auto again = m_engine->openSession(file);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_TRUE((*again)->ask(question("Who?"), {}, {}));
}

TEST_F(SessionTest, CompactingThatFailsLeavesTheSessionAsItWas) {
    const fs::path file = m_dir / "a.lectern";
    ingested(file, {writeText("a.txt", 5)}, "nuq4");
    const Blocks before = storedBlocks(file);
    long steps = 0;
    {
        FaultyVfs disk;
        ASSERT_TRUE(m_engine->compactSession(file));
        steps = disk.steps();
    }
    ASSERT_GT(steps, 3);
    for (long at = 0; at < steps; ++at) {
        FaultyVfs disk;
        disk.failFromStep(at);
        EXPECT_FALSE(m_engine->compactSession(file)) << at;
        EXPECT_FALSE(fs::exists(m_dir / ".a.lectern.compacting")) << at;
    }
    {
        FaultyVfs disk;
        disk.fullAfterBytes(100'000);
        const auto full = m_engine->compactSession(file);
        ASSERT_FALSE(full);
        EXPECT_EQ(full.error().code, ErrorCode::NoRoom) << full.error().message;
    }
    EXPECT_EQ(storedBlocks(file) == before, true);
    EXPECT_TRUE(m_engine->verifySession(file, {})->ok);
}

TEST_F(SessionTest, WipingTakesSessionsOnlyAndNotThoseInUse) {
    const fs::path file = m_dir / "a.lectern", text = writeText("a.txt", 1);
    auto session = ingested(file, {text});
    EXPECT_EQ(m_engine->wipeSession(file).error().code, ErrorCode::Busy);
    EXPECT_EQ(m_engine->wipeSession(text).error().code, ErrorCode::BadInput);
    EXPECT_EQ(m_engine->wipeSession(m_dir / "none.lectern").error().code, ErrorCode::BadInput);
    session.reset();
    fs::create_hard_link(file, m_dir / "kept");
    const auto size = fs::file_size(file);
    ASSERT_TRUE(m_engine->wipeSession(file));
    EXPECT_FALSE(fs::exists(file));
    EXPECT_FALSE(fs::exists(m_dir / ".a.lectern.lock"));
    EXPECT_TRUE(fs::exists(text));
    std::ifstream in(m_dir / "kept", std::ios::binary);
    const std::string left{std::istreambuf_iterator<char>(in), {}};
    EXPECT_EQ(left.size(), size);
    EXPECT_EQ(left.find("lamp"), std::string::npos) << "what another name still shows was overwritten";
}

TEST_F(SessionTest, PlacesOfWordsAreFetchedOnlyForAPageThatIsLookedAtOrCited) {
    PdfWriter pdf;
    for (int page = 0; page < 8; ++page)
        pdf.pages.push_back(
            {linesAt(72, 720, std::vector<std::string>(20, "The keeper lit the lamp at dusk, they say."))});
    std::ofstream(m_dir / "a.pdf", std::ios::binary) << pdf.bytes();
    const fs::path file = m_dir / "a.lectern";
    std::vector<WordBox> words;
    {
        const auto session = ingested(file, {m_dir / "a.pdf", writeText("b.txt", 1)});
        words = session->pageText(1, 3)->words;
        ASSERT_GT(words.size(), 100U);
    }
    const auto same = [&](const PageText& page) {
        return page.problem.empty() && page.words.size() == words.size() &&
               std::memcmp(page.words.data(), words.data(), words.size() * sizeof(WordBox)) == 0;
    };
    EXPECT_TRUE(same(*(*m_engine->peekSession(file))->pageText(1, 3)));
    {
        auto session = m_engine->openSession(file);
        ASSERT_TRUE(session);
        ASSERT_TRUE((*session)->moveDocument("a.pdf", 1)) << "writes the pages again, the places stay";
        EXPECT_TRUE(same(*(*session)->pageText(1, 3)));
        ASSERT_TRUE((*session)->ingest({}, {}));
        const auto answer = (*session)->ask(question("Who lit the lamp?"), {}, {});
        ASSERT_TRUE(answer) << answer.error().message;
        for (const auto& citation : answer->citations)
            EXPECT_EQ(citation.rects.empty(), citation.document == "b.txt") << citation.document;
    }
    {
        Database database;
        ASSERT_TRUE(database.open(file, true, 0));
        ASSERT_TRUE(database.exec("UPDATE words SET boxes = zeroblob(length(boxes)) WHERE (id & 16777215) = 3"));
    }
    const auto damaged = m_engine->peekSession(file);
    ASSERT_TRUE(damaged) << damaged.error().message;
    const auto page = (*damaged)->pageText(1, 3);
    EXPECT_NE(page->text.find("lamp"), std::string::npos) << "the text is still there";
    EXPECT_TRUE(page->words.empty());
    EXPECT_NE(page->problem.find("the words on page 4"), std::string::npos) << page->problem;
    EXPECT_FALSE(m_engine->verifySession(file, {})->ok);
}

TEST_F(SessionTest, AQuotaCountsCachesAndNamesTheLeastRecentlyUsedFirst) {
    const fs::path a = m_dir / "a.lectern", b = m_dir / "b.lectern";
    ingested(a, {writeText("a.txt", 3)});
    ingested(b, {writeText("b.txt", 6)});
    ASSERT_TRUE(m_engine->stripSession(b));
    auto with = m_engine->sessionOnDisk(a), without = m_engine->sessionOnDisk(b);
    ASSERT_TRUE(with && without) << (with ? without : with).error().message;
    EXPECT_EQ(with->bytes, fs::file_size(a));
    EXPECT_GT(with->used, 1'600'000'000);
    EXPECT_EQ(without->cache_bytes, 0U);
    std::uint64_t bytes = 0;
    for (const auto& [key, block] : storedBlocks(a)) bytes += block.size();
    EXPECT_EQ(with->cache_bytes, bytes);
    EXPECT_EQ(m_engine->sessionOnDisk(m_dir / "a.txt").error().code, ErrorCode::BadInput);
    ASSERT_TRUE(m_engine->stripSession(a));
    EXPECT_LE(fs::file_size(a), with->bytes - bytes) << "what the plan promises";
}

TEST(DiskQuota, TakesTheFewestOfTheLeastRecentlyUsedThatHaveACache) {
    const std::vector<SessionOnDisk> sessions = {
        {"new", 400, 300, 9}, {"old", 500, 400, 1}, {"stripped", 100, 0, 0}, {"middle", 200, 150, 5}};
    const auto names = [](const QuotaPlan& plan) {
        std::string all;
        for (const auto& session : plan.strip) all += session.file.string() + " ";
        return all;
    };
    EXPECT_EQ(names(planQuota(sessions, 1200)), "") << "what is kept exactly is kept";
    EXPECT_EQ(names(planQuota(sessions, 1199)), "old ");
    EXPECT_EQ(planQuota(sessions, 1199).after, 800U);
    EXPECT_EQ(names(planQuota(sessions, 700)), "old middle ");
    const QuotaPlan all = planQuota(sessions, 0);
    EXPECT_EQ(names(all), "old middle new ");
    EXPECT_EQ(all.bytes, 1200U);
    EXPECT_EQ(all.after, 350U) << "texts stay, whatever the quota";
}

TEST_F(SessionTest, AReadOnlyDiskAnswersAndSavesNothing) {
    const fs::path file = m_dir / "a.lectern";
    ingested(file, {writeText("a.txt", 2)});
    const auto size = fs::file_size(file);
    FaultyVfs disk;
    disk.readOnly(true);
    auto session = m_engine->openSession(file);
    ASSERT_TRUE(session) << session.error().message;
    EXPECT_NE((*session)->readOnly().find("read-only"), std::string::npos);
    const auto answer = (*session)->ask(question("Who?"), {}, {});
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ((*session)->branches().at(0).messages.size(), 1U);
    for (int i = 0; i < 9; ++i)  // more conversations than are kept in memory: the first is not looked for in the file
        ASSERT_TRUE((*session)->ask(question("Who?", "other " + std::to_string(i)), {}, {}));
    const auto goes_on = (*session)->ask(question("And now?"), {}, {});
    ASSERT_TRUE(goes_on) << goes_on.error().message;
    ASSERT_TRUE((*session)->forkBranch("fork", "main", 1));
    ASSERT_TRUE((*session)->ask(question("And now?", "fork"), {}, {}));
    EXPECT_EQ((*session)->branches().back().messages[1].answer, goes_on->answer);
    for (const Status& refused : {(*session)->renameBranch("main", "x"), (*session)->deleteBranch("main"),
                                  (*session)->removeDocument("a.txt"), (*session)->switchDocument("a.txt", false)})
        EXPECT_NE(refused.error().message.find("read-only"), std::string::npos);
    const auto added = (*session)->addDocuments({{writeText("b.txt", 1), {}, {}}}, {}, {});
    ASSERT_FALSE(added);
    EXPECT_NE(added.error().message.find("read-only"), std::string::npos);
    session->reset();
    EXPECT_EQ(fs::file_size(file), size);
    EXPECT_TRUE((*m_engine->peekSession(file))->branches().empty());
    disk.readOnly(false);
    EXPECT_TRUE((*m_engine->openSession(file))->readOnly().empty());
}

/// No block of the session can be read any more; its rows can.
void breakBlocks(const fs::path& file) {
    Database database;
    ASSERT_TRUE(database.open(file, true, 0));
    ASSERT_TRUE(database.exec("UPDATE payload SET data = zeroblob(length(data))"));
}

TEST_F(SessionTest, RowsChangeWithoutModelAndWithoutReadableBlocks) {
    const fs::path file = m_dir / "a.lectern";
    ASSERT_TRUE(ingested(file, {writeText("a.txt", 3)})->ask(question("Who?"), {}, {}));
    breakBlocks(file);
    fs::rename(m_model, m_dir / "gone.gguf");
    {
        auto rows = m_engine->editSession(file);
        ASSERT_TRUE(rows) << rows.error().message;
        EXPECT_EQ(m_engine->editSession(file).error().code, ErrorCode::Busy) << "one writer";
        EXPECT_TRUE((*rows)->renameBranch("main", "first"));
        EXPECT_TRUE((*rows)->switchDocument("a.txt", false));
        EXPECT_TRUE((*rows)->deleteBranch("first"));
        EXPECT_EQ((*rows)->renameBranch("first", "x").error().code, ErrorCode::Usage);
        EXPECT_EQ(*(*rows)->undeleteBranch("first"), "first");
    }
    const auto session = m_engine->peekSession(file);
    ASSERT_TRUE(session);
    EXPECT_EQ((*session)->branches().at(0).name, "first");
    EXPECT_FALSE((*session)->documents().at(0).on);
}

TEST_F(SessionTest, LoadingSaysHowFarItIsAndWhyItEnded) {
    const fs::path file = m_dir / "a.lectern";
    ingested(file, {writeText("a.txt", 5)});
    {
        auto session = m_engine->openSession(file);
        ASSERT_TRUE(session);
        ASSERT_TRUE((*session)->finishLoading());
        EXPECT_EQ((*session)->loading().share, 1);
    }
    breakBlocks(file);
    auto session = m_engine->openSession(file);
    ASSERT_TRUE(session);
    Loading now = (*session)->loading();
    for (int i = 0; i < 2000 && !now.error; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        now = (*session)->loading();
    }
    ASSERT_TRUE(now.error);
    EXPECT_EQ(now.error->code, ErrorCode::Damaged);
    EXPECT_LT(now.share, 1);
    EXPECT_EQ((*session)->documents().size(), 1U) << "and the rest is as it was";
}

}  // namespace
}  // namespace lectern::test
