// SPDX-License-Identifier: GPL-3.0-or-later
// The facade as the window and the command line use it, on a tiny random model: documents in, questions, reopening.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "tests/engine/session_fixture.h"

namespace lectern {
namespace {

namespace fs = std::filesystem;

using test::SessionTest;

TEST_F(SessionTest, SecondQuestionReadsOnlyItsOwnTokens) {
    auto session = ingested(m_dir / "a.lectern", {writeText("a.txt", 3)});
    const auto context = session->tokens();
    EXPECT_GT(context, 1000U);
    std::string streamed;
    auto first = session->ask(question("Who lit the lamp?"), [&](const std::string& text) { streamed += text; }, {});
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(first->ledger.tokens_reused, context);
    EXPECT_LT(first->ledger.tokens_new, 60U);
    EXPECT_GT(first->ledger.tokens_answer, 0U);
    EXPECT_FALSE(first->citations.empty());
    ASSERT_GT(first->layers.size(), 1U);
    for (const double share : first->layers) {
        EXPECT_GT(share, 0.5) << "a random model looks everywhere, and nearly everything is document";
        EXPECT_LT(share, 1) << "the first tokens and the question get some";
    }
    EXPECT_NE(first->layers[0], first->layers[1]);
    auto second = session->ask(question("And when?"), {}, {});
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_GT(second->ledger.tokens_reused, context + first->ledger.tokens_new);
    EXPECT_LT(second->ledger.tokens_new, 60U);
}

TEST_F(SessionTest, ReopenedSessionAnswersAsIfItHadNeverBeenClosed) {
    const auto text = writeText("a.txt", 4);
    for (const char* kv : {"fp16", "nuq3"}) {
        const std::string stem = kv;
        auto open = ingested(m_dir / (stem + "1.lectern"), {text}, kv);
        auto closed = ingested(m_dir / (stem + "2.lectern"), {text}, kv);
        const auto first = closed->ask(question("Who lit the lamp?"), {}, {});
        ASSERT_TRUE(first);
        closed.reset();
        auto again = m_engine->openSession(m_dir / (stem + "2.lectern"));
        ASSERT_TRUE(again) << again.error().message;
        EXPECT_EQ((*again)->tokens(), open->tokens());
        ASSERT_EQ((*again)->branches().size(), 1U);
        EXPECT_EQ((*again)->branches()[0].messages[0].answer, first->answer);
        EXPECT_EQ((*again)->branches()[0].messages[0].layers, first->layers);
        const auto same = open->ask(question("Who lit the lamp?"), {}, {});
        ASSERT_TRUE(same);
        EXPECT_EQ(same->answer, first->answer);
        const auto a = open->ask(question("And when?"), {}, {});
        const auto b = (*again)->ask(question("And when?"), {}, {});
        ASSERT_TRUE(a && b);
        EXPECT_EQ(a->answer, b->answer);
        EXPECT_EQ(b->ledger.tokens_reused, a->ledger.tokens_reused) << "nothing is read twice";
    }
}

TEST_F(SessionTest, OpeningSaysWhatItSpared) {
    ingested(m_dir / "a.lectern", {writeText("a.txt", 4)}, "nuq3");
    auto session = m_engine->openSession(m_dir / "a.lectern");
    ASSERT_TRUE(session) << session.error().message;
    EXPECT_FALSE((*session)->restored()) << "not before it is there";
    ASSERT_TRUE((*session)->ask(question("Who?"), {}, {}));
    const auto restored = (*session)->restored();
    ASSERT_TRUE(restored);
    EXPECT_EQ(restored->tokens, (*session)->tokens());
    EXPECT_GT(restored->bytes, 0U);
    EXPECT_GT(restored->reading_seconds, 0);
    const auto kv = (*session)->memory().kvBytes();
    session->reset();
    auto again = m_engine->openSession(m_dir / "a.lectern");
    ASSERT_TRUE((*again)->finishLoading());
    EXPECT_GT((*again)->memory().kvBytes(), kv / 2) << "the ledger knows the cache without a question";
}

TEST_F(SessionTest, InterruptedIngestResumesToTheSameSession) {
    const auto text = writeText("a.txt", 6);
    auto straight = ingested(m_dir / "straight.lectern", {text}, "nuq3");
    auto session = m_engine->createSession({m_dir / "cut.lectern", {}, *parseKvSettings("nuq3")});
    ASSERT_TRUE(session);
    ASSERT_TRUE((*session)->addDocuments({{text, {}, {}}}, {}, {}));
    std::stop_source stop;
    const auto cut = (*session)->ingest([&](const IngestEvent&) { stop.request_stop(); }, stop.get_token());
    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().code, ErrorCode::Interrupted);
    EXPECT_EQ((*session)->tokens(), 512U);
    EXPECT_EQ((*session)->documents()[0].state, DocumentState::Reading);
    session->reset();
    auto again = m_engine->openSession(m_dir / "cut.lectern");
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ((*again)->tokens(), 512U);
    ASSERT_TRUE((*again)->addDocuments({{text, {}, {}}}, {}, {})) << "the same file is not added twice";
    EXPECT_EQ((*again)->documents().size(), 1U);
    ASSERT_TRUE((*again)->ingest({}, {}));
    EXPECT_EQ((*again)->tokens(), straight->tokens());
    const auto a = straight->ask(question("Who?"), {}, {}), b = (*again)->ask(question("Who?"), {}, {});
    ASSERT_TRUE(a && b);
    EXPECT_EQ(a->answer, b->answer);
}

TEST_F(SessionTest, BadDocumentsAreListedAndTheRestIsRead) {
    const auto good = writeText("good.txt", 2);
    std::ofstream(m_dir / "broken.pdf") << "%PDF-1.4\nnothing else";
    std::ofstream(m_dir / "empty.txt");
    auto session =
        ingested(m_dir / "a.lectern", {m_dir / "broken.pdf", good, m_dir / "missing.pdf", m_dir / "empty.txt"});
    const auto documents = session->documents();
    ASSERT_EQ(documents.size(), 4U);
    for (const std::size_t bad : {0U, 2U, 3U}) {
        EXPECT_EQ(documents[bad].state, DocumentState::Failed) << documents[bad].name;
        EXPECT_NE(documents[bad].problem.find(documents[bad].name), std::string::npos) << documents[bad].problem;
    }
    EXPECT_EQ(documents[1].state, DocumentState::InContext);
    const auto pages = session->pages(documents[1].id);
    ASSERT_GE(pages.size(), 2U);
    EXPECT_TRUE(std::all_of(pages.begin(), pages.end(), [](const PageInfo& p) { return p.in_context; }));
}

TEST_F(SessionTest, DocumentsAddedLaterComeBeforeTheConversation) {
    auto session = ingested(m_dir / "a.lectern", {writeText("a.txt", 2)});
    ASSERT_TRUE(session->ask(question("One?"), {}, {}));
    ASSERT_TRUE(session->addDocuments({{writeText("b.txt", 2, 9), {}, {}}}, {}, {}));
    ASSERT_TRUE(session->ingest({}, {}));
    const auto both = session->tokens();
    const auto answer = session->ask(question("Two?"), {}, {});
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->ledger.tokens_reused, both);
    EXPECT_EQ(session->branches()[0].messages.size(), 2U);
    session.reset();
    auto again = m_engine->openSession(m_dir / "a.lectern");
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ((*again)->branches()[0].messages.size(), 2U);
    ASSERT_TRUE((*again)->ask(question("Three?"), {}, {}));
}

TEST_F(SessionTest, BranchesAreIndependentAndUndoTakesBackTheLastAnswer) {
    auto session = ingested(m_dir / "a.lectern", {writeText("a.txt", 2)}, "nuq3");
    const auto one = session->ask(question("One?", "left"), {}, {});
    ASSERT_TRUE(one);
    const auto before = session->memory().kvBytes();
    const auto other = session->ask(question("One?", "right"), {}, {});
    ASSERT_TRUE(other);
    EXPECT_EQ(one->answer, other->answer);
    EXPECT_LT(session->memory().kvBytes() - before, before / 2) << "a branch shares the documents";
    ASSERT_TRUE(session->ask(question("Two?", "left"), {}, {}));
    ASSERT_TRUE(session->undoLast("left"));
    EXPECT_EQ(session->branches()[0].messages.size(), 1U);
    EXPECT_EQ(session->branches()[1].messages.size(), 1U);
    ASSERT_TRUE(session->undoLast("left"));
    EXPECT_FALSE(session->undoLast("left"));
    EXPECT_FALSE(session->undoLast("nowhere"));
    session.reset();
    auto again = m_engine->openSession(m_dir / "a.lectern");
    ASSERT_TRUE(again) << again.error().message;
    const auto redone = (*again)->ask(question("One?", "left"), {}, {});
    ASSERT_TRUE(redone);
    EXPECT_EQ(redone->answer, one->answer);
}

TEST_F(SessionTest, WrongModelIsRefusedAndReadingAgainKeepsTheConversation) {
    ASSERT_TRUE(ingested(m_dir / "a.lectern", {writeText("a.txt", 2)})->ask(question("Who?"), {}, {}));
    auto wrong = m_engine->openSession(m_dir / "a.lectern", m_other.string());
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, ErrorCode::WrongModel);
    EXPECT_NE(wrong.error().message.find("weights differ"), std::string::npos);
    ASSERT_TRUE(m_engine->openSession(m_dir / "a.lectern")) << "the refusal changed nothing";
    const auto reread = m_engine->rereadSession(m_dir / "a.lectern", m_other.string(), {}, {});
    ASSERT_TRUE(reread) << reread.error().message;
    auto again = m_engine->openSession(m_dir / "a.lectern");
    ASSERT_TRUE(again) << again.error().message;
    ASSERT_EQ((*again)->branches().size(), 1U);
    EXPECT_EQ((*again)->branches()[0].messages.at(0).question, "Who?");
    EXPECT_TRUE((*again)->ask(question("And?"), {}, {}));
}

TEST_F(SessionTest, SecondWriterIsTurnedAwayAndReadersAreNot) {
    auto session = ingested(m_dir / "a.lectern", {writeText("a.txt", 1)});
    auto second = m_engine->openSession(m_dir / "a.lectern");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::Busy);
    auto reader = m_engine->peekSession(m_dir / "a.lectern");
    ASSERT_TRUE(reader) << reader.error().message;
    EXPECT_EQ((*reader)->tokens(), session->tokens());
    EXPECT_TRUE(session->ask(question("Still there?"), {}, {}));
}

TEST_F(SessionTest, TemplateOfANewSessionIsItsOwnOrAnError) {
    const auto unknown = m_engine->createSession({m_dir / "a.lectern", {}, {}, "nonsense"});
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, ErrorCode::Usage);
    EXPECT_FALSE(fs::exists(m_dir / "a.lectern"));
    ASSERT_TRUE(m_engine->createSession({m_dir / "a.lectern", {}, {}, "llama-2"}));
    EXPECT_TRUE(m_engine->openSession(m_dir / "a.lectern"));  // whose template is read from the file
}

TEST_F(SessionTest, NewSessionsTakeTheModelsCalibrationAndKeepIt) {
    CalibrationRequest request;
    const auto without_text = m_engine->calibrate({}, request, {}, {});
    ASSERT_FALSE(without_text) << "this engine was given no text of ours";
    EXPECT_EQ(without_text.error().code, ErrorCode::Usage);
    request.texts = {writeText("calibration.txt", 4)};
    request.settings.sequence_tokens = 512;
    EXPECT_TRUE(m_engine->modelInfo({})->calibrated.empty());
    const auto info = m_engine->calibrate({}, request, {}, {});
    ASSERT_TRUE(info) << info.error().message;
    EXPECT_EQ(info->file, fs::path(m_model).replace_extension(".kvq"));
    EXPECT_EQ(m_engine->modelInfo({})->calibrated, request.settings.outliers);
    PerplexityRequest measure;
    measure.text = request.texts[0];
    measure.settings = {*parseKvSettings("nuq2")};
    measure.chunks = 1;
    const auto with = m_engine->perplexity({}, measure, {}, {});
    measure.calibration = "none";
    const auto without = m_engine->perplexity({}, measure, {}, {});
    ASSERT_TRUE(with) << with.error().message;
    ASSERT_TRUE(without);
    EXPECT_NE((*with)[0].kl_mean, (*without)[0].kl_mean);

    ASSERT_TRUE(ingested(m_dir / "a.lectern", {writeText("a.txt", 3)}));
    fs::remove(info->file);  // the session has its own copy
    auto again = m_engine->openSession(m_dir / "a.lectern");
    ASSERT_TRUE(again) << again.error().message;
    AskRequest ask;
    ask.question = "Who lit the lamp?";
    ask.max_tokens = 4;
    EXPECT_TRUE((*again)->ask(ask, {}, {}));

    std::ofstream(info->file) << "LKVQ and nothing more";
    const auto refused = m_engine->createSession({m_dir / "b.lectern"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::BadInput);
    EXPECT_FALSE(fs::exists(m_dir / "b.lectern"));
}

TEST_F(SessionTest, BitsOfSingleLayersComeBackWithTheSession) {
    const auto text = writeText("a.txt", 4);
    const auto name = "nuq3@0=4/2";
    {
        auto session = ingested(m_dir / "layers.lectern", {text}, name);
        EXPECT_EQ(session->kvSettings().name(), name);
    }
    auto again = m_engine->openSession(m_dir / "layers.lectern", {});
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ((*again)->kvSettings(), *parseKvSettings(name));
    const auto report = m_engine->verifySession(m_dir / "layers.lectern", {});
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->ok);
    for (const auto& settings : {*parseKvSettings("nuq3@0-9=4"), *parseBenchSettings("q4")}) {
        const auto refused = m_engine->createSession({m_dir / "no.lectern", {}, settings});
        ASSERT_FALSE(refused) << settings.name();
        EXPECT_EQ(refused.error().code, ErrorCode::Usage);
        EXPECT_FALSE(fs::exists(m_dir / "no.lectern"));
    }
}

TEST_F(SessionTest, WhatDoesNotFitIsRefusedBeforeTheWorkStarts) {
    m_engine = makeEngine(600'000);
    auto session = m_engine->createSession({m_dir / "a.lectern", {}, *parseKvSettings("nuq4")});
    ASSERT_TRUE(session);
    auto plan = (*session)->addDocuments({{writeText("a.txt", 20), {}, {}}}, {}, {});
    ASSERT_TRUE(plan);
    EXPECT_GT(plan->kv_bytes, plan->free_memory);
    const auto refused = (*session)->ingest({}, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::NoRoom);
    EXPECT_EQ(refused.error().parts.obstacle, Obstacle::Memory);
    EXPECT_EQ(refused.error().parts.numbers, (std::vector{plan->tokens, plan->kv_bytes, plan->free_memory}));
    EXPECT_EQ((*session)->tokens(), 0U);
}

TEST_F(SessionTest, RepairRecomputesADamagedBlock) {
    const auto text = writeText("a.txt", 5);
    ingested(m_dir / "a.lectern", {text}, "nuq4");
    ASSERT_TRUE(m_engine->verifySession(m_dir / "a.lectern", {})->ok);
    const auto size = fs::file_size(m_dir / "a.lectern");
    bool block_hit = false;
    for (std::uint64_t at = size / 3; at < size && !block_hit; at += 50021) {
        fs::copy_file(m_dir / "a.lectern", m_dir / "b.lectern", fs::copy_options::overwrite_existing);
        std::fstream file(m_dir / "b.lectern", std::ios::in | std::ios::out | std::ios::binary);
        file.seekg(std::streamoff(at));
        const int byte = file.get();
        file.seekp(std::streamoff(at));
        file.put(char(byte ^ 0x10));
        file.close();
        auto report = m_engine->verifySession(m_dir / "b.lectern", {});
        if (!report || report->ok || report->damaged.empty() || !report->problems.empty()) continue;
        block_hit = true;
        {
            auto opened = m_engine->openSession(m_dir / "b.lectern");
            ASSERT_TRUE(opened) << opened.error().message;
            const auto refused = (*opened)->ask(question("Who?"), {}, {});
            ASSERT_FALSE(refused);
            EXPECT_EQ(refused.error().code, ErrorCode::Damaged);
            EXPECT_TRUE((*opened)->branches().empty() || (*opened)->branches()[0].tokens == 0);
            EXPECT_EQ((*opened)->documents().at(0).state, DocumentState::InContext);
            EXPECT_FALSE((*opened)->ask(question("Who?"), {}, {})) << "and again";
        }
        auto repaired = m_engine->repairSession(m_dir / "b.lectern", {}, {});
        ASSERT_TRUE(repaired) << repaired.error().message;
        EXPECT_TRUE(repaired->ok);
        EXPECT_EQ(repaired->computed, report->damaged.size());
        EXPECT_EQ(repaired->identical, repaired->computed) << "the checksums say that they are what they were";
        auto again = m_engine->openSession(m_dir / "b.lectern");
        ASSERT_TRUE(again) << again.error().message;
        EXPECT_TRUE((*again)->ask(question("Who?"), {}, {}));
    }
    EXPECT_TRUE(block_hit) << "no flipped bit landed in a block: the test says nothing";
}

TEST_F(SessionTest, StoppedQuestionKeepsWhatWasSaid) {
    auto session = ingested(m_dir / "a.lectern", {writeText("a.txt", 1)});
    std::stop_source stop;
    auto request = question("Who?");
    request.max_tokens = 200;
    int pieces = 0;
    const auto answer = session->ask(
        request,
        [&](const std::string&) {
            if (++pieces == 3) stop.request_stop();
        },
        stop.get_token());
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->stop, StopReason::Interrupted);
    EXPECT_LT(answer->ledger.tokens_answer, 100U);
    EXPECT_EQ(session->branches()[0].messages.size(), 1U);
    EXPECT_TRUE(session->ask(question("Go on?"), {}, {}));
}

TEST_F(SessionTest, AnAnswerEndsBeforeAStopString) {
    auto session = ingested(m_dir / "a.lectern", {writeText("a.txt", 1)});
    auto request = question("Who?", "whole");
    request.max_tokens = 40;
    const auto whole = session->ask(request, {}, {});
    ASSERT_TRUE(whole);
    ASSERT_GT(whole->answer.size(), 12U);
    request.branch = "cut";
    request.stop_strings = {"not in it", whole->answer.substr(8, 4)};
    std::string shown;
    const auto cut = session->ask(request, [&](const std::string& text) { shown += text; }, {});
    ASSERT_TRUE(cut);
    EXPECT_EQ(cut->stop, StopReason::StopString);
    EXPECT_TRUE(whole->answer.starts_with(cut->answer));
    EXPECT_LE(cut->answer.size(), 8U);
    EXPECT_EQ(shown.find(request.stop_strings[1]), std::string::npos);
    session.reset();
    auto again = m_engine->openSession(m_dir / "a.lectern");
    ASSERT_TRUE(again);
    const auto branches = (*again)->branches();
    const auto kept = std::find_if(branches.begin(), branches.end(), [](const auto& b) { return b.name == "cut"; });
    ASSERT_NE(kept, branches.end());
    EXPECT_EQ(kept->messages.at(0).stop, StopReason::StopString);
    EXPECT_TRUE((*again)->ask(question("Go on?", "cut"), {}, {}));
}

TEST_F(SessionTest, PerplexityRowsAreInOrderOfBits) {
    const auto text = writeText("text.txt", 4);
    PerplexityRequest request;
    request.text = text;
    request.context = 256;
    request.chunks = 3;
    for (const char* name : {"fp16", "nuq4", "nuq3", "nuq2"}) {
        request.settings.push_back(*parseKvSettings(name));
        request.settings.back().window = 0;
    }
    const auto rows = m_engine->perplexity({}, request, {}, {});
    ASSERT_TRUE(rows) << rows.error().message;
    ASSERT_EQ(rows->size(), 4U);
    EXPECT_NEAR((*rows)[0].kl_mean, 0, 1e-9);
    EXPECT_EQ((*rows)[0].top1_agreement, 1.0);
    for (std::size_t i = 1; i < 4; ++i) {
        EXPECT_GT((*rows)[i].kl_mean, (*rows)[i - 1].kl_mean);
        EXPECT_LT((*rows)[i].bytes_per_token, (*rows)[i - 1].bytes_per_token);
    }
    request.text = m_dir / "none.txt";
    EXPECT_EQ(m_engine->perplexity({}, request, {}, {}).error().code, ErrorCode::BadInput);
}

}  // namespace
}  // namespace lectern
