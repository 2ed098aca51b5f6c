// SPDX-License-Identifier: GPL-3.0-or-later
// What a session tells of the quality of its cache: statistics and fidelity.
#include <algorithm>

#include "tests/engine/session_fixture.h"

namespace lectern {
namespace {

namespace fs = std::filesystem;

class SessionQuality : public test::SessionTest {};

TEST_F(SessionQuality, StatisticsAreKeptInTheFileAndShownWithoutItsModel) {
    const auto seen = ingested(m_dir / "a.lectern", {writeText("a.txt", 4)}, "nuq3")->statistics();
    ASSERT_FALSE(seen.empty());
    EXPECT_GT(seen[0].keys.sampled, 0U);
    auto again = m_engine->openSession(m_dir / "a.lectern");
    ASSERT_TRUE(again) << again.error().message;
    fs::rename(m_model, m_dir / "gone");
    auto peeked = m_engine->peekSession(m_dir / "a.lectern");
    ASSERT_TRUE(peeked) << peeked.error().message;
    for (const auto& statistics : {(*again)->statistics(), (*peeked)->statistics()}) {
        ASSERT_EQ(statistics.size(), seen.size());
        for (std::size_t layer = 0; layer < seen.size(); ++layer) {
            EXPECT_EQ(statistics[layer].keys.tokens, seen[layer].keys.tokens);
            EXPECT_EQ(statistics[layer].keys.snr_db, seen[layer].keys.snr_db);
            EXPECT_EQ(statistics[layer].keys.high, seen[layer].keys.high);
            EXPECT_EQ(statistics[layer].values.histogram, seen[layer].values.histogram);
            EXPECT_EQ(statistics[layer].values.codebook, seen[layer].values.codebook);
        }
    }
}

TEST_F(SessionQuality, AnswersKeepWhatEachDocumentDrewOfTheirAttention) {
    auto session = ingested(m_dir / "a.lectern", {writeText("a.txt", 2), writeText("b.txt", 3, 2)});
    const auto answer = session->ask(question("Who lit the lamp?"), {}, {});
    ASSERT_TRUE(answer) << answer.error().message;
    ASSERT_EQ(answer->documents.size(), 2U);
    EXPECT_EQ(answer->documents[0].document, "a.txt");
    EXPECT_NEAR(answer->documents[0].share + answer->documents[1].share, 1, 1e-6);
    EXPECT_GT(answer->documents[1].share, 0);
    session.reset();
    auto peeked = m_engine->peekSession(m_dir / "a.lectern");
    ASSERT_TRUE(peeked) << peeked.error().message;
    const auto kept = (*peeked)->branches()[0].messages[0].documents;
    ASSERT_EQ(kept.size(), 2U);
    EXPECT_EQ(kept[1].document, "b.txt");
    EXPECT_EQ(kept[1].share, answer->documents[1].share);
}

TEST_F(SessionQuality, FidelityFallsWithBitsAndIsKept) {
    const auto text = writeText("a.txt", 3);
    double last = 0;
    for (const char* kv : {"nuq4", "nuq3", "nuq2"}) {
        const fs::path file = m_dir / (std::string(kv) + ".lectern");
        auto session = ingested(file, {text}, kv);
        EXPECT_FALSE(session->fidelity());
        std::vector<double> steps;
        const auto found = session->checkFidelity([&](double done) { steps.push_back(done); }, {});
        ASSERT_TRUE(found) << found.error().message;
        EXPECT_GT(found->kl_mean, last) << kv;
        EXPECT_GT(found->kl_p99, found->kl_mean);
        EXPECT_LT(found->top1_agreement, 1);
        EXPECT_EQ(found->context, session->tokens());
        EXPECT_GT(found->tokens, 400U);
        EXPECT_TRUE(std::is_sorted(steps.begin(), steps.end()));
        EXPECT_EQ(steps.back(), 1);
        last = found->kl_mean;
        session.reset();
        auto again = m_engine->openSession(file);
        ASSERT_TRUE(again && (*again)->fidelity());
        EXPECT_EQ((*again)->fidelity()->kl_mean, found->kl_mean);
    }
}

TEST_F(SessionQuality, FidelityNeedsSomethingToCompareAndCanBeStopped) {
    const auto raw = ingested(m_dir / "raw.lectern", {writeText("a.txt", 2)}, "fp16")->checkFidelity({}, {});
    ASSERT_FALSE(raw);
    EXPECT_NE(raw.error().message.find("nothing to compare"), std::string::npos);
    std::ofstream(m_dir / "short.txt") << "The lamp was lit.";
    const auto little = ingested(m_dir / "short.lectern", {m_dir / "short.txt"})->checkFidelity({}, {});
    ASSERT_FALSE(little);
    EXPECT_EQ(little.error().code, ErrorCode::Usage);
    auto session = ingested(m_dir / "b.lectern", {writeText("b.txt", 4)});
    std::stop_source stop;
    stop.request_stop();
    const auto stopped = session->checkFidelity({}, stop.get_token());
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, ErrorCode::Interrupted);
    EXPECT_FALSE(session->fidelity());
}

}  // namespace
}  // namespace lectern
