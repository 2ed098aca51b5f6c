// SPDX-License-Identifier: GPL-3.0-or-later
// How long reading takes, measured before it begins.
#include "engine/reading_pace.h"

#include <chrono>

#include "tests/engine/session_fixture.h"

namespace lectern {
namespace {

namespace fs = std::filesystem;

class ReadingPaceTest : public test::SessionTest {
protected:
    std::unique_ptr<Session> planned(const fs::path& text, SessionMode mode = SessionMode::Joint) {
        const auto file = m_dir / ("s" + std::to_string(++m_sessions) + ".lectern");
        auto session = m_engine->createSession({file, {}, *parseKvSettings("nuq4"), {}, "auto", mode});
        EXPECT_TRUE(session && (*session)->addDocuments({{text, {}, {}}}, {}, {}));
        return std::move(*session);
    }
    int m_sessions = 0;
};

TEST_F(ReadingPaceTest, TokensFurtherInCostMore) {
    const ReadingPace pace{0.001, 1e-6};
    EXPECT_DOUBLE_EQ(pace.seconds(0, 1000), 1 + 0.5);
    EXPECT_DOUBLE_EQ(pace.seconds(1000, 2000), 1 + 1.5);
    EXPECT_EQ(pace.seconds(5, 5), 0);
}

TEST_F(ReadingPaceTest, EstimateIsOfTheOrderOfWhatReadingTakesAndChangesNothing) {
    const auto text = writeText("a.txt", 3);
    auto session = planned(text), untouched = planned(text);
    const auto estimate = session->estimateReading(session->kvSettings(), {});
    ASSERT_TRUE(estimate) << estimate.error().message;
    EXPECT_EQ(estimate->processor.id, "cpu");
    EXPECT_EQ(estimate->device_room, 0U);
    EXPECT_EQ(session->tokens(), 0U);
    const auto other = session->estimateReading(*parseKvSettings("fp16"), {});
    ASSERT_TRUE(other) << other.error().message;
    EXPECT_GT(other->seconds, 0);
    EXPECT_FALSE(session->kvSettings().raw()) << "asking about others changes none";
    KvSettings absurd;
    absurd.key_bits = 7;
    EXPECT_EQ(session->estimateReading(absurd, {}).error().code, ErrorCode::Usage);
    const auto began = std::chrono::steady_clock::now();
    ASSERT_TRUE(session->ingest({}, {}));
    const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    EXPECT_GT(estimate->seconds, took / 8);
    EXPECT_LT(estimate->seconds, took * 8);
    ASSERT_TRUE(untouched->ingest({}, {}));
    const auto one = session->ask(question("Who?"), {}, {}), two = untouched->ask(question("Who?"), {}, {});
    ASSERT_TRUE(one && two);
    EXPECT_EQ(one->answer, two->answer);
    EXPECT_EQ(session->memory().kvBytes(), untouched->memory().kvBytes());
    EXPECT_EQ(session->estimateReading(session->kvSettings(), {})->seconds, 0) << "nothing is left to read";
}

TEST_F(ReadingPaceTest, ShelvesAreEstimatedByTheirDocumentsAndAStopIsHeard) {
    auto shelf = planned(writeText("a.txt", 2), SessionMode::Shelf);
    const auto estimate = shelf->estimateReading(shelf->kvSettings(), {});
    ASSERT_TRUE(estimate) << estimate.error().message;
    EXPECT_GT(estimate->seconds, 0);
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(shelf->estimateReading(shelf->kvSettings(), stop.get_token()).error().code, ErrorCode::Interrupted);
}

TEST_F(ReadingPaceTest, SettingsAreComparedOnWhatIsPlannedBeforeAnythingIsRead) {
    auto session = planned(writeText("a.txt", 1));
    const auto found = session->compareSettings({*parseKvSettings("nuq4"), *parseKvSettings("nuq2")}, {}, {});
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_EQ(found->settings.size(), 2U);
    EXPECT_LT(found->settings[0].kl_mean, found->settings[1].kl_mean);
    EXPECT_EQ(session->tokens(), 0U);
    EXPECT_TRUE(session->ingest({}, {}));
}

}  // namespace
}  // namespace lectern
