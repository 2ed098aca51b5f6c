// SPDX-License-Identifier: GPL-3.0-or-later
// Conversations that stand on one another: what a fork shares, what it computes, what the file keeps.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>

#include "engine/session/session_store.h"
#include "tests/engine/session_fixture.h"

namespace lectern {
namespace {

namespace fs = std::filesystem;

/// (layer, kind, page) → bytes, of one branch as the file has them.
using Blocks = std::map<std::tuple<int, int, std::uint32_t>, std::vector<std::byte>>;

class BranchTest : public test::SessionTest {
protected:
    Blocks blocksOf(const fs::path& file, int branch) const {
        Blocks blocks;
        auto store = SessionStore::open(file, OpenMode::ReadOnly);
        EXPECT_TRUE(store);
        EXPECT_TRUE(store->readBlocks(branch, [&](BlockRecord&& b) -> Status {
            blocks[{b.layer, b.kind, b.page}] = std::move(b.bytes);
            return {};
        }));
        return blocks;
    }

    /// The blocks of the newest conversation with those of all it stands on below them.
    Blocks contextOf(const fs::path& file) const {
        auto store = SessionStore::open(file, OpenMode::ReadOnly);
        EXPECT_TRUE(store);
        auto branches = *store->branches();
        Blocks context;
        for (int id = branches.back().id; id != 0;) {
            for (auto& [key, bytes] : blocksOf(file, id)) context.try_emplace(key, std::move(bytes));
            id = std::find_if(branches.begin(), branches.end(), [&](const auto& b) { return b.id == id; })->parent;
        }
        return context;
    }

    std::unique_ptr<Session> made(const fs::path& file, KvSettings settings) {
        auto session = m_engine->createSession({file, {}, settings});
        EXPECT_TRUE(session);
        EXPECT_TRUE((*session)->addDocuments({{writeText("a.txt", 4), {}, {}}}, {}, {}));
        EXPECT_TRUE((*session)->ingest({}, {}));
        return std::move(*session);
    }

    static Message asked(Session& session, const std::string& text, const std::string& branch = "main") {
        auto message = session.ask(question(text, branch), {}, {});
        EXPECT_TRUE(message) << (message ? "" : message.error().message);
        return message ? *message : Message();
    }
};

KvSettings settingsOf(const char* name, int window) {
    KvSettings settings = *parseKvSettings(name);
    settings.window = window;
    return settings;
}

TEST_F(BranchTest, ForkComputesWhatTheSameConversationWouldHaveBitForBit) {
    for (const auto& settings : {settingsOf("fp16", 128), settingsOf("nuq3", 0)}) {
        const auto straight_file = m_dir / (settings.name() + "1.lectern"),
                   file = m_dir / (settings.name() + "2.lectern");
        auto straight = made(straight_file, settings);
        auto session = made(file, settings);
        for (const char* text : {"One?", "Two?"}) asked(*straight, text);
        for (const char* text : {"One?", "Two?", "Three?", "Four, and a longer question than before?"})
            asked(*session, text);
        ASSERT_TRUE(session->forkBranch("other", "main", 2));
        for (const char* text : {"Something else?", "And then?"}) {
            const auto a = asked(*straight, text), b = asked(*session, text, "other");
            EXPECT_EQ(a.answer, b.answer);
            EXPECT_EQ(a.ledger.tokens_new, b.ledger.tokens_new) << "only the suffix is computed";
            EXPECT_EQ(a.ledger.tokens_reused, b.ledger.tokens_reused);
        }
        straight.reset(), session.reset();
        const Blocks expected = contextOf(straight_file), got = contextOf(file);
        ASSERT_LE(expected.size(), got.size()) << "the parent may have gone further";
        const auto last = std::get<2>(expected.rbegin()->first);
        for (const auto& [key, bytes] : expected) {
            // The page being filled has bytes past its last token that nobody reads.
            if (std::get<2>(key) == last) continue;
            EXPECT_EQ(bytes, got.at(key)) << "page " << std::get<2>(key);
        }
        EXPECT_LT(blocksOf(file, 2).size(), got.size()) << "the prefix is its parent's";
    }
}

TEST_F(BranchTest, ForkOfTheEndSharesTheRecentWindowExactly) {
    auto straight = made(m_dir / "1.lectern", settingsOf("nuq3", 128));
    auto session = made(m_dir / "2.lectern", settingsOf("nuq3", 128));
    for (auto* s : {straight.get(), session.get()}) asked(*s, "One?"), asked(*s, "Two?");
    ASSERT_TRUE(session->forkBranch("other", "main", -1));
    EXPECT_EQ(asked(*straight, "Three?").answer, asked(*session, "Three?", "other").answer);
    for (int i = 0; i < 6; ++i) asked(*session, "The parent goes on, and its window moves?");
    EXPECT_EQ(asked(*straight, "Four?").answer, asked(*session, "Four?", "other").answer);
    session.reset();
    auto again = m_engine->openSession(m_dir / "2.lectern");
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(asked(*straight, "Five?").answer, asked(**again, "Five?", "other").answer)
        << "the fork kept its own copy of the window that its parent has quantized since";
}

TEST_F(BranchTest, EarlierForkReadsCodesAndItsFullPagesAreThoseOfItsParent) {
    auto session = made(m_dir / "a.lectern", settingsOf("nuq3", 128));
    for (int i = 0; i < 8; ++i)
        asked(*session, "A question that takes a few tokens, number " + std::to_string(i) + "?");
    ASSERT_TRUE(session->forkBranch("other", "main", 6));
    const auto memory = session->memory().kvBytes();
    const auto first = asked(*session, "Another?", "other");
    EXPECT_LT(first.ledger.tokens_new, 40U);
    EXPECT_LT(session->memory().kvBytes() - memory, memory / 2);
    session.reset();
    const Blocks parent = blocksOf(m_dir / "a.lectern", 1), own = blocksOf(m_dir / "a.lectern", 2);
    EXPECT_LT(own.size(), parent.size());
    auto again = m_engine->openSession(m_dir / "a.lectern");
    ASSERT_TRUE(again);
    EXPECT_EQ((*again)->branches()[1].messages.at(6).answer, first.answer);
    EXPECT_EQ((*again)->branches()[1].messages.size(), 7U);
}

TEST_F(BranchTest, ForkOfAForkOfAForkComesBackFromTheFile) {
    for (const auto& settings : {settingsOf("nuq4", 0), settingsOf("nuq4", 128)}) {
        const auto file = m_dir / ("deep" + std::to_string(settings.window) + ".lectern");
        auto open = made(m_dir / ("open" + std::to_string(settings.window) + ".lectern"), settings);
        auto closed = made(file, settings);
        for (auto* s : {open.get(), closed.get()}) {
            asked(*s, "One?"), asked(*s, "Two?");
            ASSERT_TRUE(s->forkBranch("b", "main", 1));
            asked(*s, "Two of b?", "b"), asked(*s, "Three of b?", "b");
            ASSERT_TRUE(s->forkBranch("c", "b", 2));
            asked(*s, "Three of c?", "c");
            ASSERT_TRUE(s->forkBranch("d", "c", 3));
            ASSERT_TRUE(s->forkBranch("e", "c", 1));
        }
        closed.reset();
        auto again = m_engine->openSession(file);
        ASSERT_TRUE(again) << again.error().message;
        const auto branches = (*again)->branches();
        ASSERT_EQ(branches.size(), 5U);
        EXPECT_EQ(branches[3].parent, "c");
        EXPECT_EQ(branches[3].turn, 3);
        EXPECT_EQ(branches[4].parent, "main") << "its one answer is main's";
        ASSERT_EQ(branches[3].messages.size(), 3U);
        EXPECT_EQ(branches[3].messages[0].question, "One?");
        EXPECT_EQ(branches[3].messages[1].question, "Two of b?");
        EXPECT_EQ(branches[3].messages[2].question, "Three of c?");
        for (const char* name : {"d", "e", "main", "d"}) {
            const auto a = asked(*open, "And?", name), b = asked(**again, "And?", name);
            EXPECT_EQ(a.answer, b.answer) << name;
            EXPECT_EQ(a.ledger.tokens_new, b.ledger.tokens_new) << name;
        }
    }
}

TEST_F(BranchTest, DocumentsAddedLaterAreSeenByEveryConversation) {
    auto session = made(m_dir / "a.lectern", settingsOf("nuq4", 128));
    asked(*session, "One?"), asked(*session, "Two?");
    ASSERT_TRUE(session->forkBranch("b", "main", 1));
    asked(*session, "Two of b?", "b");
    ASSERT_TRUE(session->addDocuments({{writeText("b.txt", 2, 9), {}, {}}}, {}, {}));
    ASSERT_TRUE(session->ingest({}, {}));
    const auto answer = asked(*session, "Three of b?", "b");
    EXPECT_EQ(answer.ledger.tokens_reused, session->tokens()) << "the conversation is computed again";
    EXPECT_LT(asked(*session, "Four of b?", "b").ledger.tokens_new, 40U);
    session.reset();
    auto again = m_engine->openSession(m_dir / "a.lectern");
    ASSERT_TRUE(again);
    EXPECT_LT(asked(**again, "Five of b?", "b").ledger.tokens_new, 40U);
    const auto reused = asked(**again, "Three?").ledger.tokens_reused;
    EXPECT_GT(reused, (*again)->tokens()) << "what both share was computed for the fork already";
}

TEST_F(BranchTest, DeletedParentKeepsWhatItsChildNeeds) {
    const auto file = m_dir / "a.lectern";
    auto session = made(file, settingsOf("nuq4", 0));
    auto other = made(m_dir / "b.lectern", settingsOf("nuq4", 0));
    for (auto* s : {session.get(), other.get()}) {
        for (const char* text : {"One?", "Two?", "Three?"}) asked(*s, text);
        ASSERT_TRUE(s->forkBranch("child", "main", 2));
    }
    ASSERT_TRUE(session->deleteBranch("main"));
    EXPECT_FALSE(session->deleteBranch("main"));
    ASSERT_EQ(session->branches().size(), 1U);
    EXPECT_EQ(session->branches()[0].messages.size(), 2U);
    EXPECT_EQ(session->deletedBranches().at(0).messages.size(), 3U);
    const auto none = session->removeDeleted();
    ASSERT_TRUE(none);
    EXPECT_EQ(*none, 0) << "the child stands on it";
    EXPECT_EQ(session->deletedBranches().at(0).messages.size(), 2U) << "what the child does not need is gone";
    session.reset();
    auto again = m_engine->openSession(file);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(asked(**again, "And?", "child").answer, asked(*other, "And?", "child").answer);
    ASSERT_TRUE((*again)->deleteBranch("child"));
    EXPECT_EQ(*(*again)->removeDeleted(), 2);
    EXPECT_TRUE((*again)->branches().empty() && (*again)->deletedBranches().empty());
    again->reset();
    EXPECT_TRUE(blocksOf(file, 1).empty() && blocksOf(file, 2).empty());
    EXPECT_TRUE(m_engine->verifySession(file, {})->ok);
}

TEST_F(BranchTest, DeletedConversationComesBackWithAllItHad) {
    auto session = made(m_dir / "a.lectern", settingsOf("nuq4", 128));
    const auto one = asked(*session, "One?");
    ASSERT_TRUE(session->deleteBranch("main"));
    asked(*session, "Another?");  // a new conversation takes the name
    session.reset();
    auto again = m_engine->openSession(m_dir / "a.lectern");
    ASSERT_TRUE(again);
    EXPECT_FALSE((*again)->undeleteBranch("nowhere"));
    const auto name = (*again)->undeleteBranch("main");
    ASSERT_TRUE(name);
    EXPECT_EQ(*name, "main (2)");
    EXPECT_EQ((*again)->branches()[0].messages.at(0).answer, one.answer);
    EXPECT_LT(asked(**again, "Two?", *name).ledger.tokens_new, 40U) << "its cache came back too";
}

TEST_F(BranchTest, TakingBackAnAnswerThatOthersStandOnLeavesThemTheirs) {
    const auto file = m_dir / "a.lectern";
    auto session = made(file, settingsOf("nuq4", 0));
    asked(*session, "One?");
    const auto two = asked(*session, "Two?");
    ASSERT_TRUE(session->forkBranch("child", "main", 2));
    ASSERT_TRUE(session->undoLast("main"));
    const auto find = [&](const Session& s, const std::string& name) {
        const auto all = s.branches();
        return *std::find_if(all.begin(), all.end(), [&](const auto& b) { return b.name == name; });
    };
    EXPECT_EQ(find(*session, "main").messages.size(), 1U);
    EXPECT_EQ(find(*session, "child").messages.size(), 2U);
    EXPECT_EQ(asked(*session, "Two?").answer, two.answer);
    ASSERT_TRUE(session->undoLast("child")) << "it has no answer of its own: it leaves its parent earlier";
    EXPECT_EQ(find(*session, "child").messages.size(), 1U);
    EXPECT_EQ(*session->removeDeleted(), 0) << "main's first answer is in the conversation that it was";
    EXPECT_EQ(asked(*session, "Two?", "child").answer, two.answer);
    session.reset();
    auto again = m_engine->openSession(file);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(find(**again, "main").messages.size(), 2U);
    EXPECT_EQ(asked(**again, "Three?").answer, asked(**again, "Three?", "child").answer);
}

TEST_F(BranchTest, FileIsWholeAfterEveryStepAsAKilledProcessLeavesIt) {
    const auto file = m_dir / "a.lectern";
    auto session = made(file, settingsOf("nuq4", 128));
    asked(*session, "One?"), asked(*session, "Two?");
    const std::vector<std::function<void()>> steps = {
        [&] { ASSERT_TRUE(session->forkBranch("b", "main", 1)); }, [&] { asked(*session, "Two of b?", "b"); },
        [&] { ASSERT_TRUE(session->undoLast("main")); },           [&] { ASSERT_TRUE(session->undoLast("main")); },
        [&] { ASSERT_TRUE(session->deleteBranch("main")); },       [&] { ASSERT_TRUE(session->removeDeleted()); }};
    for (std::size_t step = 0; step < steps.size(); ++step) {
        steps[step]();
        const auto left = m_dir / ("left" + std::to_string(step) + ".lectern");
        fs::copy_file(file, left);
        EXPECT_TRUE(m_engine->verifySession(left, {})->ok) << step;
        auto again = m_engine->openSession(left);
        ASSERT_TRUE(again) << step << ": " << again.error().message;
        const auto branches = (*again)->branches(), expected = session->branches();
        ASSERT_EQ(branches.size(), expected.size());
        for (std::size_t i = 0; i < branches.size(); ++i) {
            ASSERT_EQ(branches[i].messages.size(), expected[i].messages.size());
            asked(**again, "And?", branches[i].name);
        }
    }
}

TEST_F(BranchTest, NamesAndTurnsThatCannotBeAreRefused) {
    auto session = made(m_dir / "a.lectern", settingsOf("nuq4", 128));
    asked(*session, "One?");
    for (const auto& refused :
         {session->forkBranch("main", "main", 1), session->forkBranch("b", "nowhere", 1),
          session->forkBranch("b", "main", 2), session->forkBranch("b", "main", -2), session->forkBranch("", "main", 1),
          session->renameBranch("nowhere", "b"), session->renameBranch("main", std::string(201, 'x'))}) {
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, ErrorCode::Usage);
    }
    ASSERT_TRUE(session->forkBranch("b", "main", 0));
    EXPECT_TRUE(session->branches()[1].messages.empty());
    EXPECT_FALSE(session->renameBranch("b", "main"));
    ASSERT_TRUE(session->renameBranch("b", "c"));
    ASSERT_TRUE(session->renameBranch("c", "c"));
    session.reset();
    EXPECT_EQ((*m_engine->peekSession(m_dir / "a.lectern"))->branches()[1].name, "c");
}

TEST_F(BranchTest, AnotherModelReadsForksAgain) {
    {
        auto session = made(m_dir / "a.lectern", settingsOf("nuq4", 128));
        asked(*session, "One?"), asked(*session, "Two?");
        ASSERT_TRUE(session->forkBranch("b", "main", 1));
        asked(*session, "Two of b?", "b");
    }
    ASSERT_TRUE(m_engine->rereadSession(m_dir / "a.lectern", m_other.string(), {}, {}));
    auto again = m_engine->openSession(m_dir / "a.lectern");
    ASSERT_TRUE(again) << again.error().message;
    asked(**again, "Three of b?", "b");
    ASSERT_EQ((*again)->branches()[1].messages.size(), 3U);
    EXPECT_EQ((*again)->branches()[1].messages[0].question, "One?");
    EXPECT_EQ((*again)->branches()[1].messages[1].question, "Two of b?");
}

TEST_F(BranchTest, MoreConversationsThanAreKeptInMemoryComeBackAsTheyWere) {
    auto session = made(m_dir / "a.lectern", settingsOf("nuq4", 128));
    for (int i = 0; i < 12; ++i) asked(*session, "One?", "b" + std::to_string(i));
    const auto memory = session->memory();
    for (int i = 12; i < 16; ++i) asked(*session, "One?", "b" + std::to_string(i));
    EXPECT_EQ(session->memory().raw, memory.raw) << "the caches of those asked longest ago are let go";
    const auto reloaded = asked(*session, "Two?", "b0"), kept = asked(*session, "Two?", "b15");
    EXPECT_EQ(reloaded.answer, kept.answer);
    EXPECT_EQ(reloaded.ledger.tokens_new, kept.ledger.tokens_new);
}

TEST_F(BranchTest, TenThousandBranchesOpenAndAnswer) {
    const auto file = m_dir / "a.lectern";
    {
        auto session = made(file, settingsOf("nuq4", 128));
        asked(*session, "One?"), asked(*session, "Two?");
    }
    {  // as forkBranch() writes them, in one transaction
        auto store = SessionStore::open(file, OpenMode::ReadWrite);
        ASSERT_TRUE(store);
        const auto parent = (*store->branches())[0];
        const auto ids = *store->tokens(1);
        const auto first = (*store->messages(1))[0];
        SessionCommit commit;
        for (int id = 2; id <= 10'001; ++id) {
            commit.branches.push_back(
                {id, "b" + std::to_string(id), 1, parent.base_tokens, first.token_end - 1, 1, 0, 0});
            commit.tokens.push_back({id, 0, {ids[first.token_end - 1]}});
        }
        const auto before = fs::file_size(file);
        ASSERT_TRUE(store->commit(commit));
        EXPECT_LT((fs::file_size(file) - before) / 10'000, 400U) << "bytes a fork";
    }
    const auto started = std::chrono::steady_clock::now();
    auto session = m_engine->openSession(file);
    ASSERT_TRUE(session) << session.error().message;
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - started;
    RecordProperty("seconds_to_open", std::to_string(seconds.count()));
    EXPECT_LT(seconds.count(), 10);
    ASSERT_EQ((*session)->branches().size(), 10'001U);
    EXPECT_EQ(asked(**session, "And?", "b2").answer, asked(**session, "And?", "b10001").answer);
    EXPECT_LT(asked(**session, "And?", "b5000").ledger.tokens_new, 40U);
    ASSERT_TRUE((*session)->forkBranch("last", "b9000", -1));
    ASSERT_TRUE((*session)->deleteBranch("main"));
    EXPECT_EQ(*(*session)->removeDeleted(), 0);
}

}  // namespace
}  // namespace lectern
