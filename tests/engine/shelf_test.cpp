// SPDX-License-Identifier: GPL-3.0-or-later
// Sessions whose documents are read each by itself.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "engine/session/schema.h"
#include "engine/session/session_store.h"
#include "tests/engine/session_fixture.h"

namespace lectern {
namespace {

namespace fs = std::filesystem;

/// (layer, kind, page) → bits and bytes.
using Blocks = std::map<std::tuple<int, int, std::uint32_t>, std::pair<int, std::vector<std::byte>>>;

class ShelfTest : public test::SessionTest {
protected:
    void SetUp() override {
        SessionTest::SetUp();
        m_a = writeText("a.txt", 2), m_b = writeText("b.txt", 1, 2), m_c = writeText("c.txt", 1, 3);
    }

    std::unique_ptr<Session> made(const std::string& name, KvSettings settings, const std::vector<fs::path>& texts,
                                  SessionMode mode = SessionMode::Shelf) {
        settings.sinks = mode == SessionMode::Joint ? 1 : settings.sinks;  // the opening of the tiny model
        auto session = m_engine->createSession({m_dir / name, {}, settings, {}, "auto", mode});
        EXPECT_TRUE(session) << (session ? "" : session.error().message);
        std::vector<ReadRequest> requests;
        for (const auto& text : texts) requests.push_back({text, {}, {}});
        EXPECT_TRUE((*session)->addDocuments(requests, {}, {}));
        const auto read = (*session)->ingest({}, {});
        EXPECT_TRUE(read) << (read ? "" : read.error().message);
        return std::move(*session);
    }

    /// One set of thresholds for every session: those of a session without calibration are of what it reads first.
    void calibrate() const {
        CalibrationRequest request;
        request.texts = {writeText("calibration.txt", 4)};
        request.settings.sequence_tokens = 512;
        ASSERT_TRUE(m_engine->calibrate({}, request, {}, {}));
    }

    Blocks blocksOf(const std::string& name, int owner) const {
        Blocks blocks;
        auto store = SessionStore::open(m_dir / name, OpenMode::ReadOnly);
        EXPECT_TRUE(store);
        EXPECT_TRUE(store->readBlocks(owner, [&](BlockRecord&& b) -> Status {
            blocks[{b.layer, b.kind, b.page}] = {b.bits, std::move(b.bytes)};
            return {};
        }));
        return blocks;
    }

    static std::string answerOf(Session& session, const std::string& branch = "main") {
        const auto answer = session.ask(question("Who lit the lamp?", branch), {}, {});
        EXPECT_TRUE(answer) << (answer ? "" : answer.error().message);
        return answer ? answer->answer : "";
    }

    fs::path m_a, m_b, m_c;
};

KvSettings settingsOf(const char* name, int window) {
    KvSettings settings = *parseKvSettings(name);
    settings.window = window;
    return settings;
}

TEST_F(ShelfTest, OneDocumentIsAJointSessionBitForBit) {
    for (const auto& settings : {settingsOf("fp16", 128), settingsOf("nuq3", 0), settingsOf("nuq3", 128)}) {
        const std::string stem = settings.name() + std::to_string(settings.window);
        auto shelf = made(stem + "s", settings, {m_a}), joint = made(stem + "j", settings, {m_a}, SessionMode::Joint);
        EXPECT_EQ(shelf->mode(), SessionMode::Shelf);
        ASSERT_EQ(shelf->kvSettings(), joint->kvSettings());
        EXPECT_EQ(shelf->tokens(), joint->tokens());
        if (settings.window == 0 || settings.raw()) {
            EXPECT_EQ(answerOf(*shelf), answerOf(*joint));
        }
        shelf.reset(), joint.reset();
        const Blocks expected = blocksOf(stem + "j", 0), got = blocksOf(stem + "s", kDocumentBranch + 1);
        ASSERT_EQ(got.size(), expected.size());
        for (const auto& [key, block] : expected) {
            const bool waits = block.first == 16 && got.at(key).first != 16;  // in the joint session's window
            EXPECT_TRUE(waits || block == got.at(key)) << stem << ", page " << std::get<2>(key);
        }
        EXPECT_TRUE(blocksOf(stem + "s", 0).empty());
    }
}

TEST_F(ShelfTest, DocumentHasTheBytesOfItselfAloneWhateverStandsBeforeIt) {
    calibrate();
    for (const auto& settings : {settingsOf("nuq3", 128), settingsOf("nuq4", 0)}) {
        made("ab", settings, {m_a, m_b}), made("ba", settings, {m_b, m_a}), made("b", settings, {m_b});
        const Blocks alone = blocksOf("b", kDocumentBranch + 1);
        EXPECT_TRUE(alone == blocksOf("ab", kDocumentBranch + 2));
        EXPECT_TRUE(alone == blocksOf("ba", kDocumentBranch + 1));
        EXPECT_TRUE(blocksOf("ab", kDocumentBranch + 1) == blocksOf("ba", kDocumentBranch + 2));
        const bool coded = std::all_of(alone.begin(), alone.end(),
                                       [](const auto& b) { return std::get<2>(b.first) == 0 || b.second.first != 16; });
        EXPECT_TRUE(coded) << "all pages of a document that is read are quantized";
        for (const char* name : {"ab", "ba", "b"}) fs::remove(m_dir / name);
    }
}

TEST_F(ShelfTest, MovingAndRemovingComputesNothingAndAnswersAsIfItHadAlwaysBeenSo) {
    calibrate();
    const auto settings = settingsOf("nuq4", 128);
    auto session = made("changed", settings, {m_a, m_b, m_c});
    auto cab = made("cab", settings, {m_c, m_a, m_b}), ca = made("ca", settings, {m_c, m_a});
    EXPECT_FALSE(answerOf(*session).empty());
    const auto bytes = session->memory().kvBytes();
    ASSERT_TRUE(session->moveDocument("c.txt", 0));
    for (const auto& document : session->documents()) EXPECT_EQ(document.state, DocumentState::InContext);
    EXPECT_LE(session->memory().kvBytes(), bytes) << "blocks are placed, not copied";
    EXPECT_EQ(answerOf(*session, "moved"), answerOf(*cab));
    ASSERT_TRUE(session->removeDocument("b.txt"));
    EXPECT_EQ(session->tokens(), ca->tokens());
    EXPECT_EQ(answerOf(*session, "removed"), answerOf(*ca));
    EXPECT_EQ(session->branches()[0].messages.size(), 1U);
    session.reset();
    EXPECT_TRUE(m_engine->verifySession(m_dir / "changed", {})->ok);
    EXPECT_TRUE(blocksOf("changed", kDocumentBranch + 2).empty());
    auto again = m_engine->openSession(m_dir / "changed");
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ((*again)->mode(), SessionMode::Shelf);
    EXPECT_EQ(answerOf(**again, "again"), answerOf(*ca, "again"));
}

TEST_F(ShelfTest, QuestionsSeeEveryDocumentAndLeaveOutWhatIsOff) {
    auto session = made("a", settingsOf("nuq4", 128), {m_a, m_b, m_c});
    auto request = question("Who lit the lamp?");
    request.only = {"b.txt"};
    const auto only = session->ask(request, {}, {});
    ASSERT_TRUE(only);
    ASSERT_FALSE(only->citations.empty());
    for (const auto& citation : only->citations) EXPECT_EQ(citation.document, "b.txt");
    std::map<std::string, double> share;
    const auto all = session->ask(question("Who lit the lamp?", "all"), {}, {});
    ASSERT_TRUE(all);
    for (const auto& citation : all->citations) share[citation.document] += citation.share;
    EXPECT_GE(share.size(), 2U) << "more than one document is attended to";
    ASSERT_TRUE(session->forkBranch("fork", "all", 1));
    EXPECT_LT(session->ask(question("And?", "fork"), {}, {})->ledger.tokens_new, 40U);
}

TEST_F(ShelfTest, WhatADocumentSaysDoesNotReachTheNextOne) {
    calibrate();
    made("ab", settingsOf("nuq4", 0), {m_a, m_b}), made("cb", settingsOf("nuq4", 0), {m_c, m_b});
    EXPECT_TRUE(blocksOf("ab", kDocumentBranch + 2) == blocksOf("cb", kDocumentBranch + 2));
    made("jab", settingsOf("nuq4", 0), {m_a, m_b}, SessionMode::Joint);
    EXPECT_FALSE(blocksOf("jab", 0).empty());
}

TEST_F(ShelfTest, InterruptedReadingGoesOnToTheSameBytes) {
    calibrate();
    const auto settings = settingsOf("nuq3", 128);
    made("straight", settings, {m_b, m_a});
    auto session = m_engine->createSession({m_dir / "cut", {}, settings, {}, "auto", SessionMode::Shelf});
    ASSERT_TRUE(session);
    ASSERT_TRUE((*session)->addDocuments({{m_b, {}, {}}, {m_a, {}, {}}}, {}, {}));
    std::stop_source stop;
    const auto cut = (*session)->ingest(
        [&](const IngestEvent& event) {
            if (event.document == "a.txt") stop.request_stop();
        },
        stop.get_token());
    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().code, ErrorCode::Interrupted);
    EXPECT_EQ((*session)->documents()[0].state, DocumentState::InContext);
    EXPECT_EQ((*session)->documents()[1].state, DocumentState::Reading);
    const auto answer = (*session)->ask(question("Who?"), {}, {});
    ASSERT_TRUE(answer) << "what is whole can be asked about";
    for (const auto& citation : answer->citations) EXPECT_EQ(citation.document, "b.txt");
    session->reset();
    auto again = m_engine->openSession(m_dir / "cut");
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ((*again)->documents()[1].state, DocumentState::Reading);
    ASSERT_TRUE((*again)->ingest({}, {}));
    EXPECT_EQ((*again)->documents()[1].state, DocumentState::InContext);
    ASSERT_TRUE((*again)->ask(question("And now?"), {}, {}));
    again->reset();
    for (const int document : {1, 2})
        EXPECT_TRUE(blocksOf("cut", kDocumentBranch + document) == blocksOf("straight", kDocumentBranch + document));
}

TEST_F(ShelfTest, DocumentReadInTheMiddleOfOthersIsSeenByOldConversations) {
    auto session = m_engine->createSession({m_dir / "a", {}, settingsOf("nuq4", 128), {}, "auto", SessionMode::Shelf});
    ASSERT_TRUE(session);
    Session& s = **session;
    ASSERT_TRUE(s.addDocuments({{m_a, {}, {}}}, {}, {}));
    ASSERT_TRUE(s.ingest({}, {}));
    ASSERT_TRUE(s.addDocuments({{m_b, {}, {}}}, {}, {}));
    ASSERT_TRUE(s.moveDocument("b.txt", 0)) << "before it is read";
    answerOf(s);
    const auto tokens = s.tokens();
    ASSERT_TRUE(s.ingest({}, {}));
    EXPECT_EQ(s.tokens(), tokens) << "its place was kept";
    const auto answer = s.ask(question("And?"), {}, {});
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->ledger.tokens_reused, tokens) << "the conversation is computed again";
}

TEST_F(ShelfTest, ChangedFileIsReadAgainAndTheOthersAreNot) {
    calibrate();
    auto session = made("a", settingsOf("nuq4", 0), {m_a, m_b});
    session.reset();
    const Blocks before = blocksOf("a", kDocumentBranch + 2);
    writeText("a.txt", 2, 9);
    auto again = m_engine->openSession(m_dir / "a");
    ASSERT_TRUE(again);
    EXPECT_EQ(*(*again)->refreshDocuments({}, {}), 1);
    EXPECT_EQ((*again)->documents()[0].state, DocumentState::Queued);
    EXPECT_EQ((*again)->documents()[1].state, DocumentState::InContext);
    ASSERT_TRUE((*again)->ingest({}, {}));
    answerOf(**again);
    again->reset();
    EXPECT_TRUE(before == blocksOf("a", kDocumentBranch + 2));
    made("fresh", settingsOf("nuq4", 0), {m_a, m_b});
    EXPECT_TRUE(blocksOf("a", kDocumentBranch + 1) == blocksOf("fresh", kDocumentBranch + 1));
    EXPECT_TRUE(m_engine->verifySession(m_dir / "a", {})->ok);
}

TEST_F(ShelfTest, AnotherModelReadsAShelfAgain) {
    made("a", settingsOf("nuq4", 128), {m_a, m_b});
    ASSERT_TRUE(m_engine->rereadSession(m_dir / "a", m_other.string(), {}, {}));
    auto again = m_engine->openSession(m_dir / "a");
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ((*again)->mode(), SessionMode::Shelf);
    EXPECT_FALSE(answerOf(**again).empty());
}

}  // namespace
}  // namespace lectern
