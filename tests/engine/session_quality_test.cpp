// SPDX-License-Identifier: GPL-3.0-or-later
// What a session tells of the quality of its cache: statistics and fidelity.
#include <algorithm>
#include <map>

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

TEST_F(SessionQuality, AnswersKeepWhatTheyWereMadeWith) {
    AskRequest request = question("Who lit the lamp?");
    request.sampler = {0.7, 40, 0.9, 0.05, 0.95, 1.1, 0.2, 0.3, 0.8, 1.5, 3, 11};
    {
        const auto session = ingested(m_dir / "s.lectern", {writeText("a.txt", 4)}, "nuq3");
        const auto answer = session->ask(request, {}, {});
        ASSERT_TRUE(answer) << answer.error().message;
        EXPECT_EQ(answer->ledger.sampler, request.sampler);
    }
    const auto again = m_engine->openSession(m_dir / "s.lectern");
    ASSERT_TRUE(again) << again.error().message;
    const AnswerLedger& kept = (*again)->branches()[0].messages[0].ledger;
    EXPECT_EQ(kept.sampler, request.sampler);
    EXPECT_GT(kept.cache_bytes, 0U);
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

TEST_F(SessionQuality, ComparisonMeasuresEverySettingAndIsKept) {
    auto session = ingested(m_dir / "a.lectern", {writeText("a.txt", 3)}, "nuq3");
    EXPECT_FALSE(session->comparison());
    const auto settings = settingsToCompare(session->kvSettings());
    std::vector<double> steps;
    const auto found = session->compareSettings(settings, [&](double done) { steps.push_back(done); }, {});
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_EQ(found->settings.size(), settings.size());
    EXPECT_GT(steps.size(), 20U) << "a person sees it advance";
    EXPECT_EQ(steps.back(), 1);
    std::map<std::string, ComparedSetting> by_name;
    for (const auto& row : found->settings) by_name.try_emplace(row.kv.name(), row);
    EXPECT_EQ(by_name["fp16"].kl_mean, 0);
    EXPECT_EQ(by_name["fp16"].top1_agreement, 1);
    EXPECT_GT(by_name["nuq2"].kl_mean, by_name["nuq4"].kl_mean);
    EXPECT_GT(by_name["nuq2-0%"].kl_mean, by_name["nuq2"].kl_mean);
    EXPECT_LT(by_name["nuq2-0%"].bytes_per_token, by_name["nuq4-0%"].bytes_per_token);
    EXPECT_LT(by_name["nuq4-0%"].bytes_per_token, by_name["nuq4"].bytes_per_token);
    const auto fidelity = session->checkFidelity({}, {});
    ASSERT_TRUE(fidelity);
    EXPECT_EQ(by_name["nuq3"].kl_mean, fidelity->kl_mean) << "the session's own thresholds are compared";
    session.reset();
    auto peeked = m_engine->peekSession(m_dir / "a.lectern");
    ASSERT_TRUE(peeked && (*peeked)->comparison());
    const auto kept = *(*peeked)->comparison();
    EXPECT_EQ(kept.tokens, found->tokens);
    for (std::size_t i = 0; i < settings.size(); ++i) {
        EXPECT_EQ(kept.settings[i].kv, settings[i]);
        EXPECT_EQ(kept.settings[i].perplexity, found->settings[i].perplexity);
    }
}

TEST_F(SessionQuality, ComparisonIsRefusedInWordsAndCanBeStopped) {
    auto session = ingested(m_dir / "a.lectern", {writeText("a.txt", 3)});
    EXPECT_EQ(session->compareSettings({}, {}, {}).error().code, ErrorCode::Usage);
    std::stop_source stop;
    const auto stopped = session->compareSettings(
        {*parseKvSettings("nuq2")}, [&](double) { stop.request_stop(); }, stop.get_token());
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, ErrorCode::Interrupted);
    EXPECT_FALSE(session->comparison());
}

TEST(SettingsToCompare, HoldEachOnceAndTheSessionsOwn) {
    for (const char* name : {"nuq4", "nuq3-0.5%", "fp16", "int4"}) {
        const KvSettings own = *parseKvSettings(name);
        const auto all = settingsToCompare(own);
        EXPECT_EQ(std::count(all.begin(), all.end(), own), 1) << name;
        for (const auto& one : all) EXPECT_EQ(std::count(all.begin(), all.end(), one), 1) << name << one.name();
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
