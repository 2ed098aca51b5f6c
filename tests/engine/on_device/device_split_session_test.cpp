// SPDX-License-Identifier: GPL-3.0-or-later
// Sessions whose context does not fit the device's memory: the plan, reading, asking, the file.
#include <gmock/gmock.h>

#include "engine/device/device_room.h"
#include "engine/device/device_weights.h"
#include "tests/engine/on_device/device_session_fixture.h"

namespace lectern::test {
namespace {

class DeviceSplitSessionTest : public DeviceSessionTest {
protected:
    void SetUp() override {
        DeviceSessionTest::SetUp();
        auto model = Model::open(m_model);
        ASSERT_TRUE(model);
        m_opened = *model;
    }
    /// An engine whose device has `room` bytes for pages.
    std::unique_ptr<Engine> engineWith(std::uint64_t room, const std::string& device = "cuda") {
        return engineOn(device, emulatedModule(), DeviceModel::bytes(*m_opened) + room);
    }
    const ModelConfig& config() const { return m_opened->config; }
    std::uint64_t coded(const KvSettings& settings) const { return split(settings, 64, 0).page; }
    ContextSplit split(const KvSettings& settings, std::uint64_t tokens, std::uint64_t room) const {
        return splitContext(settings, config().layers, {config().kv_heads, config().head_dim}, tokens, room);
    }
    /// Of a text, as the plan has it.
    std::uint64_t tokensOf(const fs::path& text) {
        const auto engine = engineOn("cpu");
        auto session = engine->createSession({m_dir / "count.lectern", {}, {}});
        EXPECT_TRUE(session);
        const auto plan = (*session)->addDocuments({{text, {}, {}}}, {}, {});
        EXPECT_TRUE(plan);
        session->reset();
        fs::remove(m_dir / "count.lectern");
        return plan->tokens;
    }

    std::shared_ptr<const Model> m_opened;
};

TEST_F(DeviceSplitSessionTest, IsPlannedWithBothNumbersReadAskedAndReopened) {
    const fs::path text = shortText("a.txt", 24), file = m_dir / "a.lectern";
    const KvSettings settings = *parseKvSettings("nuq3");
    const std::uint64_t tokens = tokensOf(text);
    const auto engine = engineWith(contextBytes(settings, config(), tokens) - 3 * coded(settings));
    std::uint64_t read = 0;
    {
        auto session = engine->createSession({file, {}, settings});
        ASSERT_TRUE(session) << session.error().message;
        const auto plan = (*session)->addDocuments({{text, {}, {}}}, {}, {});
        ASSERT_TRUE(plan) << plan.error().message;
        EXPECT_EQ(plan->device, "cuda:0");
        EXPECT_GE(plan->host_bytes, 3 * coded(settings));
        EXPECT_EQ(plan->device_bytes + plan->host_bytes, contextBytes(settings, config(), tokens));
        const auto estimate = (*session)->estimateReading(settings, {});
        ASSERT_TRUE(estimate) << estimate.error().message;
        EXPECT_EQ(estimate->device_bytes, plan->device_bytes);
        EXPECT_EQ(estimate->host_bytes, plan->host_bytes);
        EXPECT_GT(estimate->seconds, 0);
        const auto done = (*session)->ingest({}, {});
        ASSERT_TRUE(done) << done.error().message;
        EXPECT_EQ((*session)->processor().id, "cuda:0");
        EXPECT_EQ(asked(**session).ledger.tokens_answer, 3U);
        const MemoryLedger memory = (*session)->memory();
        EXPECT_GT(memory.host_pages, 0U);
        EXPECT_GT(memory.device_pages, 0U);
        read = (*session)->tokens();
    }
    const auto session = opened(*engine, file);
    EXPECT_EQ(session->tokens(), read);
    const Message answer = asked(*session, "other");
    EXPECT_GE(answer.ledger.tokens_reused, read);
    EXPECT_FALSE(answer.documents.empty());
    EXPECT_EQ(session->processor().id, "cuda:0");
    EXPECT_GT(session->memory().host_pages, 0U);
    ASSERT_TRUE(session->forkBranch("fork", "other", 1));
    EXPECT_EQ(asked(*session, "fork").answer, asked(*session, "other").answer) << "the same past, the same answer";
    EXPECT_TRUE(m_notices.empty()) << m_notices.front();
}

TEST_F(DeviceSplitSessionTest, AContextThatFitsIsPlannedOnTheDeviceAlone) {
    auto session = m_engine->createSession({m_dir / "a.lectern", {}, {}});
    ASSERT_TRUE(session);
    const auto plan = (*session)->addDocuments({{shortText("a.txt", 8), {}, {}}}, {}, {});
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->device, "cuda:0");
    EXPECT_EQ(plan->device_bytes, contextBytes((*session)->kvSettings(), config(), plan->tokens));
    EXPECT_EQ(plan->host_bytes, 0U);
}

TEST_F(DeviceSplitSessionTest, AnInterruptedReadingOfADividedContextGoesOnToTheSameBytes) {
    const fs::path text = shortText("a.txt", 45), whole = m_dir / "whole.lectern", cut = m_dir / "cut.lectern";
    const KvSettings settings = *parseKvSettings("nuq2");
    const std::uint64_t tokens = tokensOf(text), page = coded(settings);
    const std::uint64_t room = leastContextBytes(settings, config(), tokens) + 4 * page;
    ASSERT_GT(split(settings, 1024, room).host_pages, 3) << "before the end too";
    const auto reader = engineWith(room);
    {
        const auto session = placed(*reader, whole, text, "nuq2");
        const auto done = session->ingest({}, {});
        ASSERT_TRUE(done) << done.error().message;
        EXPECT_GE(session->memory().host_pages, 3 * page);
    }
    std::stop_source stop;
    {
        const auto session = placed(*reader, cut, text, "nuq2");
        ASSERT_FALSE(session->ingest([&](const IngestEvent&) { stop.request_stop(); }, stop.get_token()));
        EXPECT_EQ(session->tokens(), 512U);
    }
    const auto again = engineWith(room);
    const auto session = opened(*again, cut);
    ASSERT_TRUE(session->ingest({}, {}));
    EXPECT_EQ(storedBlocks(cut), storedBlocks(whole));
}

TEST_F(DeviceSplitSessionTest, AutoDividesWhereTheDeviceTakesItsShareAndANamedDeviceWhereItCanWork) {
    const fs::path text = shortText("a.txt", 60);
    const KvSettings settings = *parseKvSettings("fp16");
    const std::uint64_t tokens = tokensOf(text), least = leastContextBytes(settings, config(), tokens);
    const std::uint64_t share = (contextBytes(settings, config(), tokens) - least) / 8;
    ASSERT_GT(share, coded(settings) / 4);
    const auto processor = [&](std::uint64_t room, const char* device, const char* file) {
        const auto engine = engineWith(room, device);
        auto session = engine->createSession({m_dir / file, {}, settings});
        EXPECT_TRUE(session) << (session ? "" : session.error().message);
        const auto plan = (*session)->addDocuments({{text, {}, {}}}, {}, {});
        EXPECT_TRUE(plan);
        const auto estimate = (*session)->estimateReading(settings, {});
        if (!estimate) return estimate.error().message;
        EXPECT_EQ(plan->device, estimate->processor.id == "cpu" ? "" : estimate->processor.id);
        EXPECT_EQ(plan->host_bytes > 0, estimate->processor.id != "cpu");
        return estimate->processor.id;
    };
    EXPECT_EQ(processor(least + share, "auto", "a.lectern"), "cuda:0");
    EXPECT_TRUE(m_notices.empty()) << m_notices.front();
    EXPECT_EQ(processor(least + share - 1024, "auto", "b.lectern"), "cpu");
    ASSERT_EQ(m_notices.size(), 1U);
    EXPECT_THAT(m_notices[0], testing::HasSubstr("at least"));
    EXPECT_EQ(processor(least, "cuda", "c.lectern"), "cuda:0");
    EXPECT_THAT(processor(least - 1024, "cuda", "d.lectern"), testing::HasSubstr("of cuda:0 beside"));
}

}  // namespace
}  // namespace lectern::test
