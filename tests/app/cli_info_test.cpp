// SPDX-License-Identifier: GPL-3.0-or-later
// lectern-cli info, with a pretended engine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/app/fake_engine.h"
#include "tests/app/json_lines.h"

namespace lectern {
namespace {

using nlohmann::json;
using test::expectKeys;
using test::makeWorld;
using test::Outcome;
using test::runCli;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class CliInfo : public testing::Test {
protected:
    Outcome run(const std::vector<std::string>& arguments) { return runCli(m_world, arguments, {}); }
    std::string m_session = "old.lectern";
    std::shared_ptr<test::FakeWorld> m_world = makeWorld();
};

TEST_F(CliInfo, ComparesSettingsWhenAskedAndKeepsThem) {
    EXPECT_TRUE(json::parse(run({"info", m_session, "--json"}).out)["comparison"].is_null());
    const json compared = json::parse(run({"info", m_session, "--compare", "--json"}).out)["comparison"];
    ASSERT_GE(compared["settings"].size(), 8U);
    EXPECT_EQ(compared["settings"][0]["kv"], "fp16");
    EXPECT_TRUE(std::any_of(compared["settings"].begin(), compared["settings"].end(), [](const json& one) {
        return one["kv"] == "nuq2" && one["qnorm"] == "off";
    })) << compared;
    EXPECT_THAT(run({"info", m_session}).out, AllOf(HasSubstr("nuq2, no Q-Norm"), HasSubstr("nuq2, 0 sinks")));
}

TEST_F(CliInfo, MeasuresFidelityWhenAskedAndWarnsWhereItIsPoor) {
    EXPECT_TRUE(json::parse(run({"info", m_session, "--json"}).out)["fidelity"].is_null());
    m_world->fidelity_found = {"nuq2", 0.5, 3, 0.62, 4096, 9000, 0};
    const json info = json::parse(run({"info", m_session, "--fidelity", "--json"}).out)["fidelity"];
    expectKeys(info, {"kv", "kl_mean", "kl_p99", "top1_agreement", "grade", "warning", "tokens", "time"});
    EXPECT_EQ(info["grade"], "poor");
    EXPECT_THAT(run({"info", m_session}).out, AllOf(HasSubstr("likeliest token at 62.0%"),
                                                    HasSubstr("does badly at nuq2"), HasSubstr("calibrate the model")))
        << "the result is kept and shown without another check";
    m_world->session_calibrated = true;
    EXPECT_THAT(run({"info", m_session}).out, Not(HasSubstr("calibrate the model")));
    m_world->fidelity_found.kl_mean = 0.01;
    EXPECT_THAT(run({"info", m_session, "--fidelity"}).out, AllOf(HasSubstr("close"), Not(HasSubstr("badly"))));
    m_world->check_fidelity = Error{ErrorCode::Interrupted, "The measurement was stopped."};
    EXPECT_EQ(run({"info", m_session, "--fidelity"}).status, 130);
}

TEST_F(CliInfo, SaysWhatTheModelWasTrainedForAndTheTemplate) {
    m_world->tokens = 120'000;
    m_world->memory_known_when_peeking = false;  // as it is of files
    const std::string text = run({"info", m_session}).out;
    EXPECT_THAT(text, HasSubstr("120,000 (the model was trained for 1,000)"));
    EXPECT_THAT(text, HasSubstr("chatml"));
    const json info = json::parse(run({"info", m_session, "--json"}).out);
    EXPECT_EQ(info["trained_context"], 1000);
    EXPECT_EQ(info["template"], "chatml");
}

TEST_F(CliInfo, HasAllKeys) {
    const json info = json::parse(run({"info", m_session, "--json"}).out);
    expectKeys(info, {"model", "fingerprint", "tokens", "documents", "branches", "memory", "layers"});
    expectKeys(info["documents"][0], {"name", "pages", "tokens", "state", "coverage"});
    expectKeys(info["memory"], {"kv_bytes", "fp16_bytes", "ratio", "weights_bytes", "file_bytes"});
    ASSERT_EQ(info["layers"].size(), 2U);
    for (const char* part : {"k", "v"}) {
        expectKeys(info["layers"][1][part],
                   {"outlier_share", "snr_db", "drift", "tokens_by_outliers", "outliers_over_time", "drift_over_time",
                    "codebook", "codes_used", "histogram", "magnitude", "threshold_low", "threshold_high"});
    }
    EXPECT_EQ(info["layers"][1]["layer"], 1);
    EXPECT_EQ(info["memory"]["ratio"], 4.0);
    EXPECT_EQ(info["documents"][0]["coverage"]["image_only"], 1);
    EXPECT_EQ(info["documents"][0]["coverage"]["gaps"][0]["page"], 2);
}

TEST_F(CliInfo, ForPeopleNamesPagesThatWereNotRead) {
    const Outcome outcome = run({"info", m_session});
    EXPECT_THAT(outcome.out, HasSubstr("report.pdf: pictures without text (OCR is needed): p. 2"));
    EXPECT_THAT(outcome.out, HasSubstr("4.00 times"));
}

TEST_F(CliInfo, ShowsTheRestWhereTheCacheCannotBeLoaded) {
    m_world->memory_known_when_peeking = false;
    EXPECT_EQ(json::parse(run({"info", m_session, "--json"}).out)["memory"]["kv_bytes"], 6000);
    m_world->open_session = Error{ErrorCode::Busy, "Another process has the session open."};
    const Outcome outcome = run({"info", m_session, "--json"});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(json::parse(outcome.out)["documents"].size(), 1U);
    EXPECT_TRUE(json::parse(outcome.out)["calibrated"].is_null());
    EXPECT_THAT(outcome.err, HasSubstr("Another process has the session open."));
    EXPECT_THAT(run({"info", m_session}).out,
                AllOf(HasSubstr("Session file"), Not(HasSubstr("not calibrated")), Not(HasSubstr("weights"))));
}

}  // namespace
}  // namespace lectern
