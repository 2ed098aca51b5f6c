// SPDX-License-Identifier: GPL-3.0-or-later
// What is read on a device is a session like any other: it goes on anywhere.
#include "tests/engine/on_device/device_session_fixture.h"

namespace lectern::test {
namespace {

TEST_F(DeviceSessionTest, WhatADeviceReadIsReopenedAndAskedOnTheCpuAndTheOtherWayRound) {
    const fs::path text = shortText("a.txt", 16);
    const auto cpu = engineOn("cpu");
    Engine* order[][2] = {{m_engine.get(), cpu.get()}, {cpu.get(), m_engine.get()}};
    for (const auto& [reader, asker] : order) {
        const bool on_device = reader == m_engine.get();
        SCOPED_TRACE(on_device ? "read on the device" : "read on the CPU");
        const fs::path file = m_dir / (on_device ? "device.lectern" : "cpu.lectern");
        {
            const auto session = placed(*reader, file, text, "nuq3");
            const auto done = session->ingest({}, {});
            ASSERT_TRUE(done) << done.error().message;
            EXPECT_EQ(session->processor().id, on_device ? "cuda:0" : "cpu");
            const MemoryLedger memory = session->memory();
            EXPECT_EQ(memory.device_weights > 0 && memory.device_pages > 0 && memory.device_scratch > 0, on_device);
            EXPECT_EQ(asked(*session).ledger.tokens_answer, 3U);
        }
        const Blocks before = storedBlocks(file);
        ASSERT_GT(before.size(), 16U);
        const auto session = opened(*asker, file);
        const auto whole = session->finishLoading();
        ASSERT_TRUE(whole) << whole.error().message;
        const std::uint64_t tokens = session->tokens();
        EXPECT_GT(tokens, 250U);
        const Message answer = asked(*session, "other");
        EXPECT_GE(answer.ledger.tokens_reused, tokens);
        EXPECT_EQ(answer.ledger.tokens_answer, 3U);
        EXPECT_FALSE(answer.documents.empty());
        EXPECT_FALSE(answer.layers.empty());
        EXPECT_EQ(session->processor().id, on_device ? "cpu" : "cuda:0");
        EXPECT_EQ(asked(*session).ledger.tokens_answer, 3U) << "and the conversation goes on";
        EXPECT_EQ(storedBlocks(file), before);
    }
}

TEST_F(DeviceSessionTest, AMixtureOfExpertsIsReadAndAskedOnTheDevice) {
    fs::create_directory(m_dir / "mixture");
    TinyModelOptions options = servedModel();
    options.architecture = "mixtral", options.experts = 4;
    m_model = writeTinyGguf(m_dir / "mixture", options);
    const fs::path text = shortText("a.txt", 16);
    const auto engine = engineOn("auto");
    const auto session = placed(*engine, m_dir / "a.lectern", text, "nuq3");
    ASSERT_TRUE(session->ingest({}, {}));
    EXPECT_EQ(session->processor().id, "cuda:0") << session->processor().why;
    EXPECT_GT(session->memory().device_weights, 0U);
    const Message answer = asked(*session), again = asked(*session);
    EXPECT_EQ(answer.ledger.tokens_answer, 3U);
    EXPECT_FALSE(answer.documents.empty());
    EXPECT_EQ(again.ledger.tokens_answer, 3U);
}

TEST_F(DeviceSessionTest, ForksAnswerOnTheDeviceAndShareTheirPast) {
    const auto session = placed(*m_engine, m_dir / "a.lectern", shortText("a.txt", 9), "nuq4");
    ASSERT_TRUE(session->ingest({}, {}));
    asked(*session);
    ASSERT_TRUE(session->forkBranch("left", "main", 1));
    const Message left = asked(*session, "left"), main = asked(*session);
    EXPECT_EQ(left.answer, main.answer) << "the same question after the same conversation";
    EXPECT_EQ(left.ledger.tokens_reused, main.ledger.tokens_reused);
    EXPECT_TRUE(session->undoLast("left"));
    EXPECT_EQ(asked(*session, "left").answer, main.answer);
}

TEST_F(DeviceSessionTest, AnInterruptedReadingOnTheDeviceGoesOnToTheSameBytes) {
    const fs::path text = shortText("a.txt", 30), whole = m_dir / "whole.lectern", cut = m_dir / "cut.lectern";
    ASSERT_TRUE(placed(*m_engine, whole, text, "nuq2")->ingest({}, {}));
    std::stop_source stop;
    {
        const auto session = placed(*m_engine, cut, text, "nuq2");
        const auto done = session->ingest([&](const IngestEvent&) { stop.request_stop(); }, stop.get_token());
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().code, ErrorCode::Interrupted);
        EXPECT_EQ(session->tokens(), 512U);
    }
    const auto session = opened(*m_engine, cut);
    ASSERT_TRUE(session->ingest({}, {}));
    EXPECT_EQ(storedBlocks(cut), storedBlocks(whole));
}

TEST_F(DeviceSessionTest, DamageIsComputedAgainWhereTheSessionWasRead) {
    const fs::path file = m_dir / "a.lectern";
    ASSERT_TRUE(placed(*m_engine, file, shortText("a.txt", 12), "nuq3")->ingest({}, {}));
    const Blocks before = storedBlocks(file);
    std::string bytes;
    {
        std::ifstream in(file, std::ios::binary);
        bytes.assign(std::istreambuf_iterator<char>(in), {});
    }
    const auto& block = before.at({1, 1, 0});
    const auto at = bytes.find(std::string_view(reinterpret_cast<const char*>(block.data()), 64));
    ASSERT_NE(at, std::string::npos);
    bytes[at + 20] = char(bytes[at + 20] ^ 4);
    std::ofstream(file, std::ios::binary) << bytes;
    const auto automatic = engineOn("auto");
    const auto repaired = automatic->repairSession(file, {}, {});
    ASSERT_TRUE(repaired) << repaired.error().message;
    EXPECT_TRUE(repaired->ok);
    EXPECT_EQ(repaired->computed, 1U);
    EXPECT_EQ(repaired->identical, 1U) << "the same processor gives the same bytes";
    EXPECT_EQ(storedBlocks(file), before);
}

}  // namespace
}  // namespace lectern::test
