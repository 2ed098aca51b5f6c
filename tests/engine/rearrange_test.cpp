// SPDX-License-Identifier: GPL-3.0-or-later
// Documents taken out, moved and changed on disk: what is read again, and that it gives what a fresh reading gives.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "engine/session/session_store.h"
#include "tests/engine/session_fixture.h"

namespace lectern {
namespace {

namespace fs = std::filesystem;

class RearrangeTest : public test::SessionTest {
protected:
    void SetUp() override {
        SessionTest::SetUp();
        m_a = writeText("a.txt", 3), m_b = writeText("b.txt", 1, 2), m_c = writeText("c.txt", 1, 3);
    }

    std::unique_ptr<Session> made(const std::string& name, const KvSettings& settings,
                                  const std::vector<fs::path>& texts) {
        auto session = m_engine->createSession({m_dir / name, {}, settings});
        EXPECT_TRUE(session);
        std::vector<ReadRequest> requests;
        for (const auto& text : texts) requests.push_back({text, {}, {}});
        EXPECT_TRUE((*session)->addDocuments(requests, {}, {}));
        EXPECT_TRUE((*session)->ingest({}, {}));
        return std::move(*session);
    }

    /// (layer, kind, page) → bytes of the documents' cache.
    std::map<std::tuple<int, int, std::uint32_t>, std::vector<std::byte>> blocksOf(const std::string& name) const {
        std::map<std::tuple<int, int, std::uint32_t>, std::vector<std::byte>> blocks;
        auto store = SessionStore::open(m_dir / name, OpenMode::ReadOnly);
        EXPECT_TRUE(store);
        EXPECT_TRUE(store->readBlocks(0, [&](BlockRecord&& b) -> Status {
            blocks[{b.layer, b.kind, b.page}] = std::move(b.bytes);
            return {};
        }));
        return blocks;
    }

    static std::string orderOf(const Session& session) {
        std::string names;
        for (const auto& document : session.documents()) names += document.name.substr(0, 1);
        return names;
    }

    fs::path m_a, m_b, m_c;
};

KvSettings settingsOf(const char* name, int window) {
    KvSettings settings = *parseKvSettings(name);
    settings.window = window;
    return settings;
}

TEST_F(RearrangeTest, CacheIsThatOfAFreshReadingInTheNewOrderBitForBit) {
    for (const auto& settings : {settingsOf("fp16", 128), settingsOf("nuq3", 0)}) {
        const std::string stem = settings.name();
        made(stem + "ac", settings, {m_a, m_c}), made(stem + "acb", settings, {m_a, m_c, m_b});
        made(stem + "bac", settings, {m_b, m_a, m_c}), made(stem + "ab", settings, {m_a, m_b});
        const std::vector<std::pair<std::string, std::function<Status(Session&)>>> changes = {
            {"ac", [](Session& s) { return s.removeDocument("b.txt"); }},
            {"ab", [](Session& s) { return s.removeDocument("c.txt"); }},
            {"acb", [](Session& s) { return s.moveDocument("b.txt", 2); }},
            {"bac", [](Session& s) { return s.moveDocument("b.txt", 0); }}};
        for (const auto& [order, change] : changes) {
            auto session = made("changed", settings, {m_a, m_b, m_c});
            ASSERT_TRUE(change(*session));
            ASSERT_TRUE(session->ingest({}, {}));
            EXPECT_EQ(orderOf(*session), order);
            session.reset();
            EXPECT_TRUE(blocksOf("changed") == blocksOf(stem + order)) << stem << ", " << order;
            EXPECT_TRUE(m_engine->verifySession(m_dir / "changed", {})->ok);
            auto changed = m_engine->openSession(m_dir / "changed"),
                 fresh = m_engine->openSession(m_dir / (stem + order));
            ASSERT_TRUE(changed && fresh);
            EXPECT_EQ(orderOf(**changed), order);
            const auto a = (*changed)->ask(question("Who?"), {}, {}), b = (*fresh)->ask(question("Who?"), {}, {});
            ASSERT_TRUE(a && b);
            EXPECT_EQ(a->answer, b->answer);
            EXPECT_EQ(a->citations.at(0).document, b->citations.at(0).document);
            changed->reset(), fresh->reset();
            fs::remove(m_dir / "changed");
        }
    }
}

TEST_F(RearrangeTest, OnlyWhatFollowsIsReadAgain) {
    auto session = made("a.lectern", settingsOf("nuq4", 128), {m_a, m_b, m_c});
    const auto before = session->tokens(), kept = session->documents()[1].token_begin;
    ASSERT_GT(kept, 1100U) << "the thresholds come from the first document alone";
    ASSERT_TRUE(session->moveDocument("c.txt", 1));
    EXPECT_EQ(session->documents()[0].state, DocumentState::Reading) << "up to the chunk that its end lies in";
    EXPECT_EQ(session->documents()[2].state, DocumentState::Queued);
    EXPECT_LE(kept - session->tokens(), 512U);
    session.reset();  // and a crash in between is an interruption
    auto again = m_engine->openSession(m_dir / "a.lectern");
    ASSERT_TRUE(again) << again.error().message;
    ASSERT_TRUE((*again)->ingest({}, {}));
    EXPECT_EQ((*again)->tokens(), before);
    EXPECT_EQ((*again)->documents()[2].state, DocumentState::InContext);
    EXPECT_EQ(orderOf(**again), "acb");
}

TEST_F(RearrangeTest, ConversationsStayAsTextAndAreComputedAgain) {
    auto session = made("a.lectern", settingsOf("nuq4", 128), {m_a, m_b, m_c});
    const auto first = session->ask(question("Who lit the lamp?"), {}, {});
    ASSERT_TRUE(first);
    ASSERT_TRUE(session->forkBranch("other", "main", 1));
    ASSERT_TRUE(session->ask(question("And?", "other"), {}, {}));
    ASSERT_TRUE(session->removeDocument("b.txt"));
    ASSERT_TRUE(session->ingest({}, {}));
    EXPECT_EQ(session->branches()[1].messages.at(0).answer, first->answer);
    const auto next = session->ask(question("Then?", "other"), {}, {});
    ASSERT_TRUE(next);
    EXPECT_EQ(next->ledger.tokens_reused, session->tokens());
    EXPECT_TRUE(std::none_of(next->citations.begin(), next->citations.end(),
                             [](const Citation& c) { return c.document == "b.txt"; }));
    ASSERT_TRUE(session->addDocuments({{m_b, {}, {}}}, {}, {}));
    EXPECT_EQ(session->documents().back().id, 4) << "an id that answers may cite is not given again";
    session.reset();
    EXPECT_TRUE(m_engine->verifySession(m_dir / "a.lectern", {})->ok);
    EXPECT_TRUE(m_engine->openSession(m_dir / "a.lectern"));
}

TEST_F(RearrangeTest, TheLastDocumentCanGoToo) {
    auto session = made("a.lectern", settingsOf("nuq4", 128), {m_b});
    ASSERT_TRUE(session->ask(question("Who?"), {}, {}));
    EXPECT_FALSE(session->removeDocument("nowhere"));
    EXPECT_FALSE(session->moveDocument("b.txt", 1));
    ASSERT_TRUE(session->moveDocument("b.txt", 0)) << "where it is";
    EXPECT_EQ(session->documents()[0].state, DocumentState::InContext);
    ASSERT_TRUE(session->removeDocument("b.txt"));
    ASSERT_TRUE(session->ingest({}, {}));
    EXPECT_EQ(session->tokens(), 0U);
    EXPECT_FALSE(session->ask(question("Who?"), {}, {}));
    ASSERT_TRUE(session->addDocuments({{m_a, {}, {}}}, {}, {}));
    ASSERT_TRUE(session->ingest({}, {}));
    EXPECT_TRUE(session->ask(question("Who?"), {}, {}));
}

TEST_F(RearrangeTest, ChangedFilesAreNoticedAndReadAgainFromWhereTheyChanged) {
    const auto settings = settingsOf("nuq3", 0);
    auto session = made("a.lectern", settings, {m_a, m_b, m_c});
    const auto tokens = session->tokens();
    session.reset();
    const auto stateOf = [&](int document, bool look) {
        auto peeked = m_engine->peekSession(m_dir / "a.lectern");
        if (look) (*peeked)->checkSources();
        return (*peeked)->documents()[std::size_t(document)].source_state;
    };
    EXPECT_EQ(stateOf(1, false), SourceState::Same);
    fs::last_write_time(m_b, fs::last_write_time(m_b) + std::chrono::seconds(5));
    EXPECT_EQ(stateOf(1, false), SourceState::Touched);
    EXPECT_EQ(stateOf(1, true), SourceState::Same);
    std::ofstream(m_b, std::ios::app) << "One more sentence about the lamp.\n";
    EXPECT_EQ(stateOf(1, false), SourceState::Changed);
    fs::remove(m_c);
    EXPECT_EQ(stateOf(2, false), SourceState::Missing);
    writeText("c.txt", 1, 3);

    auto again = m_engine->openSession(m_dir / "a.lectern");
    ASSERT_TRUE(again);
    const auto count = (*again)->refreshDocuments({}, {});
    ASSERT_TRUE(count) << count.error().message;
    EXPECT_EQ(*count, 1);
    EXPECT_GT((*again)->tokens(), (*again)->documents()[1].token_begin) << "its beginning is the same";
    ASSERT_TRUE((*again)->ingest({}, {}));
    EXPECT_GT((*again)->tokens(), tokens);
    EXPECT_EQ(*(*again)->refreshDocuments({}, {}), 0);
    again->reset();
    made("fresh.lectern", settings, {m_a, m_b, m_c});
    EXPECT_TRUE(blocksOf("a.lectern") == blocksOf("fresh.lectern"));

    std::ofstream(m_b, std::ios::trunc).close();  // nothing left in it
    auto emptied = m_engine->openSession(m_dir / "a.lectern");
    ASSERT_TRUE(emptied);
    std::string problem;
    EXPECT_EQ(*(*emptied)->refreshDocuments([&](const IngestEvent& e) { problem += e.problem; }, {}), 0);
    EXPECT_NE(problem.find("old text is kept"), std::string::npos);
    EXPECT_EQ((*emptied)->documents()[1].state, DocumentState::InContext);
}

TEST_F(RearrangeTest, PlanSaysWhatIsReadAgainAndChangesNothing) {
    auto session = made("a.lectern", settingsOf("fp16", 128), {m_a, m_b, m_c});
    const auto all = session->documents();
    const int a = all[0].id, b = all[1].id, c = all[2].id;
    const auto read_after = [&](const std::vector<int>& order) {
        std::uint64_t tokens = 0;
        EXPECT_TRUE(session->arrangeDocuments(order));
        const auto events = [&](const IngestEvent& event) { tokens = event.tokens_total; };
        EXPECT_TRUE(session->ingest(events, {}));
        return tokens;
    };
    for (const auto& order : {std::vector{a, b, c}, {a, c, b}, {c, b}, {b}, {a, b, c}, {b, c}, {b, c, a}, {}, {c, a}}) {
        const auto before = session->documents();
        const auto plan = session->rereadPlan(order);
        ASSERT_TRUE(plan) << plan.error().message;
        ASSERT_EQ(session->documents().size(), before.size());
        EXPECT_EQ(plan->seconds > 0, plan->tokens > 0 && session->tokens() > 0);
        EXPECT_EQ(plan->tokens, read_after(order)) << order.size();
        EXPECT_EQ(session->documents().size(), order.size());
    }
}

TEST_F(RearrangeTest, WhatWasTakenOutComesBackWithoutItsFileUntilTheSessionIsClosed) {
    const auto settings = settingsOf("nuq3", 0);
    made("never.lectern", settings, {m_a, m_b, m_c}).reset();
    auto session = made("a.lectern", settings, {m_a, m_b, m_c});
    const auto before = session->documents();
    const int a = before[0].id, b = before[1].id, c = before[2].id;
    const auto text = session->pageText(b, 0);
    ASSERT_TRUE(session->arrangeDocuments({a, c}));
    ASSERT_TRUE(session->ingest({}, {}));
    fs::remove(m_b);
    ASSERT_TRUE(session->arrangeDocuments({a, b, c}));
    ASSERT_TRUE(session->ingest({}, {}));
    EXPECT_EQ(orderOf(*session), "abc");
    EXPECT_EQ(session->pageText(b, 0)->text, text->text);
    session.reset();
    EXPECT_TRUE(blocksOf("a.lectern") == blocksOf("never.lectern"));
    EXPECT_TRUE(m_engine->verifySession(m_dir / "a.lectern", {})->ok);

    auto again = m_engine->openSession(m_dir / "a.lectern");
    ASSERT_TRUE(again);
    EXPECT_EQ((*again)->pageText(b, 0)->text, text->text) << "it is in the file again";
    EXPECT_EQ((*again)->pageText(b, 0)->words.size(), text->words.size());
    ASSERT_TRUE((*again)->arrangeDocuments({a}));
    again->reset();
    again = m_engine->openSession(m_dir / "a.lectern");
    EXPECT_EQ((*again)->arrangeDocuments({a, b}).error().code, ErrorCode::Usage) << "now it is gone";
}

TEST_F(RearrangeTest, SeveralGoAtOnceAndWrongNumbersChangeNothing) {
    auto session = made("a.lectern", settingsOf("nuq4", 128), {m_a, m_b, m_c});
    const auto all = session->documents();
    for (const auto& order : {std::vector{all[0].id, all[0].id}, {all[0].id, 99}}) {
        EXPECT_EQ(session->rereadPlan(order).error().code, ErrorCode::Usage);
        EXPECT_EQ(session->arrangeDocuments(order).error().code, ErrorCode::Usage);
    }
    EXPECT_EQ(orderOf(*session), "abc");
    ASSERT_TRUE(session->arrangeDocuments({all[2].id}));
    EXPECT_EQ(orderOf(*session), "c");
    ASSERT_TRUE(session->ingest({}, {}));
    session.reset();
    made("straight.lectern", settingsOf("nuq4", 128), {m_c}).reset();
    EXPECT_EQ(blocksOf("a.lectern") == blocksOf("straight.lectern"), true);
}

}  // namespace
}  // namespace lectern
