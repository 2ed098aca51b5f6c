// SPDX-License-Identifier: GPL-3.0-or-later
// What every subcommand promises: statuses, where words go, valid JSON.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <new>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/cli/exit_status.h"
#include "app/cli/run.h"
#include "tests/app/fake_engine.h"
#include "tests/app/json_lines.h"
#include "tests/support/test_data.h"

namespace lectern {
namespace {

using nlohmann::json;
using test::jsonLines;
using test::makeWorld;
using test::Outcome;
using test::runCli;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kSession = "/tmp";  // exists, so that commands open it; the pretended engine reads no file

void expectKeys(const json& object, const std::vector<const char*>& keys) {
    for (const char* key : keys) EXPECT_TRUE(object.contains(key)) << key << " is missing in " << object.dump();
}

/// Every command in a form that works on makeWorld().
const std::vector<std::vector<std::string>> kAllCommands = {{"ingest", kSession},
                                                            {"ask", kSession, "Why?"},
                                                            {"info", kSession},
                                                            {"verify", kSession},
                                                            {"export", kSession},
                                                            {"model", "info"},
                                                            {"model", "list"},
                                                            {"tokenize"},
                                                            {"model", "convert", "m", "--out", "m.gguf"},
                                                            {"devices"},
                                                            {"perplexity", "--text", "t.txt"}};

TEST(Cli, EveryErrorCodeHasItsStatus) {
    const std::vector<std::pair<ErrorCode, int>> table = {
        {ErrorCode::Failed, 1},  {ErrorCode::Usage, 2},      {ErrorCode::BadInput, 3}, {ErrorCode::NoRoom, 4},
        {ErrorCode::Damaged, 5}, {ErrorCode::WrongModel, 1}, {ErrorCode::Busy, 1},     {ErrorCode::Interrupted, 130}};
    for (const auto& [code, status] : table) {
        EXPECT_EQ(cli::exitStatus(code), status);
        const auto world = makeWorld();
        world->open_session = Error{code, "The session is not to be had."};
        const Outcome asked = runCli(world, {"ask", kSession, "Why?"});
        EXPECT_EQ(asked.status, status);
        EXPECT_THAT(asked.err, HasSubstr("lectern-cli: The session is not to be had.\n"));
        EXPECT_EQ(asked.out, "");
    }
}

TEST(Cli, HelpOfEveryCommandHasExamplesAndGoesToStandardOutput) {
    const Outcome all = runCli(makeWorld(), {"--help"});
    EXPECT_EQ(all.status, 0);
    EXPECT_THAT(all.out, HasSubstr("130 interrupted"));
    for (const cli::Command& command : cli::commands()) {
        EXPECT_THAT(all.out, HasSubstr(std::string(command.name)));
        const Outcome one = runCli(makeWorld(), {std::string(command.name), "--help"});
        EXPECT_EQ(one.status, 0) << command.name;
        EXPECT_THAT(one.out, HasSubstr("Examples:\n  "));
        EXPECT_THAT(one.out, HasSubstr(std::string(command.summary).substr(0, 20)));
        EXPECT_EQ(one.err, "");
    }
}

TEST(Cli, VersionIsOneLine) {
    const Outcome version = runCli(makeWorld(), {"--version"});
    EXPECT_EQ(version.status, 0);
    EXPECT_THAT(version.out, testing::MatchesRegex("lectern-cli [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST(Cli, WrongUsageIsStatusTwoWithOneSentence) {
    const std::vector<std::vector<std::string>> wrong = {
        {},
        {"rewrite"},
        {"ask", kSession},
        {"ask", kSession, "Why?", "--temperature", "nan"},
        {"ask", kSession, "Why?", "--temperature", "-1"},
        {"ask", kSession, "Why?", "--top-p", "1.5"},
        {"ask", kSession, "Why?", "--top-k", "-3"},
        {"ask", kSession, "Why?", "--typical-p", "2"},
        {"ask", kSession, "Why?", "--dry-base", "0.5"},
        {"ask", kSession, "Why?", "--dry-allowed-length", "-1"},
        {"ask", kSession, "Why?", "--stop"},
        {"ask", kSession, "Why?", "--max-tokens", "0"},
        {"ask", kSession, "Why?", "--seed", "one"},
        {"ask", kSession, "Why?", "--seed", "-1"},
        {"ask", kSession, "Why?", "--seed", "18446744073709551616"},
        {"ask", kSession, "Why?", "--stop", ""},
        {"ask", kSession, "Why?", "--device", "cuda:x"},
        {"ask", kSession, "Why?", "--threads", "0"},
        {"ask", kSession, "Why?", "--memory-limit", "much"},
        {"ingest"},
        {"ingest", "/nowhere/new.lectern"},
        {"ingest", "/nowhere/new.lectern", "a.txt", "--kv", "nuq9"},
        {"ingest", "/nowhere/new.lectern", "a.txt", "--outliers", "0.5"},
        {"ingest", "/nowhere/new.lectern", "a.txt", "--sinks", "65"},
        {"ingest", "/nowhere/new.lectern", "a.txt", "--window", "-1"},
        {"ingest", "/nowhere/new.lectern", "--reread"},
        {"info"},
        {"info", kSession, "more"},
        {"model"},
        {"model", "paint"},
        {"perplexity"},
        {"perplexity", "--text", "t", "--kv", "fp16,,nuq3"},
        {"perplexity", "--text", "t", "--ctx", "0"},
        {"perplexity", "--text", "t", "--kv", "fp16+post-rope"},
        {"bench", "prefill", "--kv", "q4"},
        {"bench"},
        {"bench", "paint"},
        {"bench", "prefill", "--tokens", "8"},
        {"bench", "decode", "--text", "t"},
        {"bench", "ablation", "--text", "t", "--calibration-text", "u", "--kv", "nuq4"},
        {"bench", "ablation", "--text", "t"},
        {"bench", "session", "--runs", "0"},
        {"bench", "session", "--kv", "nuq9"},
        {"bench", "ablation", "--calibration-text", "t"},
        {"bench", "ablation", "--text", "t", "--calibration-text", "u", "--bits", "5"},
        {"verify", kSession, "--model", "m"},
        {"tokenize", "--decode", "--bos"},
        {"export", kSession, "--format", "docx"},
        {"export", kSession, "--format", "pdf"},
        {"export", kSession, "--branch", "no such"},
    };
    for (const auto& arguments : wrong) {
        const Outcome outcome = runCli(makeWorld(), arguments);
        EXPECT_EQ(outcome.status, 2) << json(arguments).dump() << outcome.err;
        EXPECT_THAT(outcome.err, testing::StartsWith("lectern-cli: "));
        EXPECT_EQ(outcome.out, "") << json(arguments).dump();
    }
}

TEST(Cli, JsonIsAllThatReachesStandardOutput) {
    for (auto arguments : kAllCommands) {
        arguments.emplace_back("--json");
        const Outcome outcome = runCli(makeWorld(), arguments, "text");
        EXPECT_EQ(outcome.status, 0) << json(arguments).dump() << outcome.err;
        EXPECT_FALSE(jsonLines(outcome.out).empty());
        for (const json& line : jsonLines(outcome.out)) EXPECT_TRUE(line.is_object());
    }
}

TEST(Cli, NoCommandDrawsProgressWithoutATerminal) {
    for (const auto& arguments : kAllCommands) {
        EXPECT_THAT(runCli(makeWorld(), arguments, "text").err, Not(HasSubstr("\r"))) << json(arguments).dump();
    }
}

TEST(Cli, EngineThatCannotBeMadeIsReported) {
    for (const auto& arguments : kAllCommands) {
        const auto world = makeWorld();
        world->create_engine = Error{ErrorCode::Usage, "The device \"cuda\" cannot be used."};
        const Outcome outcome = runCli(world, arguments);
        EXPECT_EQ(outcome.status, 2);
        EXPECT_EQ(outcome.err, "lectern-cli: The device \"cuda\" cannot be used.\n");
    }
}

TEST(Cli, MemoryThatRunsOutIsStatusFour) {
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    cli::Streams io{in, out, err};
    const auto no_memory = [](EngineOptions) -> Result<std::unique_ptr<Engine>> { throw std::bad_alloc(); };
    EXPECT_EQ(cli::run({"devices"}, no_memory, {}, io, {}), 4);
    EXPECT_THAT(err.str(), HasSubstr("memory ran out"));
}

TEST(Cli, DeviceOptionsReachTheEngine) {
    const auto world = makeWorld();
    const Outcome asked = runCli(world, {"ask", kSession, "Why?", "--device", "cuda:1", "--threads", "3",
                                         "--memory-limit", "6GB", "--model", "m.gguf"});
    ASSERT_EQ(asked.status, 0) << asked.err;
    EXPECT_EQ(world->options.device, "cuda:1");
    EXPECT_EQ(world->options.threads, 3);
    EXPECT_EQ(world->options.memory_limit, 6'000'000'000U);
    EXPECT_EQ(world->model, "m.gguf");
}

TEST(Cli, WhyAutoLeavesADeviceAloneIsSaidOnStandardError) {
    const auto world = makeWorld();
    world->notice = "Computing on the CPU. It does not fit.";
    const Outcome asked = runCli(world, {"ask", kSession, "Why?", "--json"});
    ASSERT_EQ(asked.status, 0) << asked.err;
    EXPECT_THAT(asked.err, HasSubstr("lectern-cli: Computing on the CPU. It does not fit.\n"));
    EXPECT_THAT(asked.out, Not(HasSubstr("Computing")));
}

TEST(Cli, DeviceIsTakenWhereSomethingIsComputed) {
    const std::vector<std::vector<std::string>> commands = {{"verify", kSession, "--repair"},
                                                            {"info", kSession, "--fidelity"},
                                                            {"model", "info", "m.gguf"},
                                                            {"document", "remove", kSession, "report.pdf"},
                                                            {"document", "move", kSession, "report.pdf", "--to", "1"}};
    for (auto arguments : commands) {
        const auto world = makeWorld();
        arguments.insert(arguments.end(), {"--device", "cuda:1"});
        runCli(world, arguments);
        EXPECT_EQ(world->options.device, "cuda:1") << arguments[0];
    }
    for (const auto& arguments :
         std::vector<std::vector<std::string>>{{"verify", kSession, "--device", "cpu"},
                                               {"bench", "session", "--device", "cpu"},
                                               {"document", "off", kSession, "report.pdf", "--device", "cpu"}})
        EXPECT_EQ(runCli(makeWorld(), arguments).status, 2) << arguments[0] << ": nothing is computed there";
}

TEST(Cli, BenchNamesTheDeviceAndMeasuresAgainstItsMemory) {
    const auto on_device = json::parse(
        runCli(makeWorld(), {"bench", "decode", "--device", "cuda", "--kv", "nuq3", "--context", "8", "--json"}).out);
    EXPECT_EQ(on_device["machine"]["device"], "cuda:0");
    EXPECT_EQ(on_device["rows"][0]["device"], "Some GPU");
    EXPECT_EQ(on_device["rows"][0]["share_of_bandwidth"], 0.5) << "6 bytes a token, 1 token and 12 bytes a second";
}

TEST(Cli, ModelInfoTellsWhatFitsTheDevice) {
    const auto world = makeWorld();
    EXPECT_THAT(runCli(world, {"model", "info", "m.gguf"}).out, Not(HasSubstr("on the device")));
    world->device_tokens = 777;
    EXPECT_THAT(runCli(world, {"model", "info", "m.gguf"}).out, HasSubstr("on the device"));
    const auto all = json::parse(runCli(world, {"model", "info", "m.gguf", "--json"}).out);
    EXPECT_EQ(all["context_fit"][0]["device_tokens"], 777);
}

TEST(Cli, DevicesSayWhyOneCannotBeUsed) {
    const Outcome shown = runCli(makeWorld(), {"devices"});
    EXPECT_THAT(shown.out, HasSubstr("cannot be used: no NVIDIA driver (libcuda.so.1) on this machine"));
    const json all = json::parse(runCli(makeWorld(), {"devices", "--json"}).out);
    ASSERT_EQ(all["devices"].size(), 2U);
    EXPECT_TRUE(all["devices"][0]["usable"]);
    EXPECT_FALSE(all["devices"][1]["usable"]);
}

TEST(Cli, CalibrationPassesItsSettingsOnAndSaysWhereTheFileIs) {
    const auto world = makeWorld();
    const Outcome made = runCli(world, {"calibrate", "--model", "m.gguf", "--text", "a.txt", "b.txt", "--outliers",
                                        "0.01,0.005", "--sinks", "3", "--out", "x.kvq", "--json"});
    ASSERT_EQ(made.status, 0) << made.err;
    EXPECT_EQ(world->model, "m.gguf");
    EXPECT_EQ(world->calibrated.texts.size(), 2U);
    EXPECT_EQ(world->calibrated.settings.outliers, (std::vector<double>{0.005, 0.01}));
    EXPECT_EQ(world->calibrated.settings.sinks, 3);
    const json line = json::parse(made.out);
    EXPECT_EQ(line["file"], "x.kvq");
    EXPECT_EQ(line["tokens"], 32768);
    world->calibrate = Error{ErrorCode::Interrupted, "The calibration was stopped."};
    EXPECT_EQ(runCli(world, {"calibrate", "--text", "a.txt"}).status, 130);
    world->calibrate.reset();
    EXPECT_EQ(runCli(world, {"calibrate"}).status, 0);
    EXPECT_TRUE(world->calibrated.texts.empty()) << "the engine has a text of its own";
    EXPECT_EQ(runCli(world, {"calibrate", "--text", "a.txt", "--outliers", "0.2"}).status, 2);
}

TEST(Cli, TokensAreOneLineWithoutBeginAndEnd) {
    EXPECT_EQ(runCli(makeWorld(), {"tokenize"}, "AB").out, "65 66\n");
    EXPECT_EQ(runCli(makeWorld(), {"tokenize", "--bos", "--eos"}, "AB").out, "1 65 66 2\n");
    EXPECT_EQ(runCli(makeWorld(), {"tokenize"}, "").out, "\n");
    EXPECT_EQ(runCli(makeWorld(), {"tokenize", "--decode"}, " 65\n66\t").out, "AB");
}

TEST(Cli, DecodingWordsIsBadInput) {
    const std::string huge(200, '9');
    for (const std::string input : {"12 twelve", "1.5", "99999999999", "3,4", huge.c_str()}) {
        const Outcome outcome = runCli(makeWorld(), {"tokenize", "--decode"}, input);
        EXPECT_EQ(outcome.status, 3) << input;
        EXPECT_EQ(outcome.out, "");
    }
}

TEST(Cli, UnreadableModelIsBadInputAndListedWithItsReason) {
    const auto world = makeWorld();
    world->models[0].problem = "\"m.gguf\" ends in the middle of a tensor.";
    const Outcome info = runCli(world, {"model", "info", "m.gguf"});
    EXPECT_EQ(info.status, 3);
    EXPECT_EQ(info.err, "lectern-cli: \"m.gguf\" ends in the middle of a tensor.\n");
    const Outcome list = runCli(world, {"model", "list"});
    EXPECT_EQ(list.status, 0);
    EXPECT_THAT(list.out, HasSubstr("ends in the middle"));
}

TEST(Cli, ModelInfoSaysWhatContextFits) {
    const json info = json::parse(runCli(makeWorld(), {"model", "info", "--json"}).out);
    expectKeys(info, {"name", "architecture", "tokenizer", "weights_bytes", "trained_context", "context_fit"});
    EXPECT_EQ(info["context_fit"][1]["kv"], "nuq3");
    EXPECT_EQ(info["context_fit"][1]["tokens"], 5000);
}

TEST(Cli, PerplexityMeasuresEachSettingAsGiven) {
    const auto world = makeWorld();
    const Outcome outcome = runCli(world, {"perplexity", "--text", "t.txt", "--kv", "fp16,nuq3-0.5%,int4", "--sinks",
                                           "0", "--window", "7", "--ctx", "64", "--chunks", "2", "--json"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const json all = json::parse(outcome.out);
    expectKeys(all, {"model", "text", "ctx", "settings"});
    ASSERT_EQ(all["settings"].size(), 3U);
    expectKeys(all["settings"][0], {"kv", "perplexity", "kl_mean", "kl_p99", "top1_agreement", "bytes_per_token",
                                    "bits_per_value", "fp16_perplexity", "tokens"});
    EXPECT_EQ(all["settings"][1]["kv"], "nuq3-0.5%");
    EXPECT_EQ(world->measured.settings[2].sinks, 0);
    EXPECT_EQ(world->measured.settings[2].window, 7);
    EXPECT_EQ(world->measured.context, 64);
    EXPECT_EQ(world->measured.chunks, 2);
}

TEST(Cli, PerplexityKnowsResearchForms) {
    const auto world = makeWorld();
    ASSERT_EQ(runCli(world, {"perplexity", "--text", "t", "--kv", "q4,int3+post-rope+token-keys,nuq4+channel-values",
                             "--outliers", "0.01"})
                  .status,
              0);
    const auto& settings = world->measured.settings;
    ASSERT_EQ(settings.size(), 3U);
    EXPECT_EQ(settings[0].name(), "q4");
    EXPECT_EQ(settings[0].outliers, 0) << "blocks know no outliers";
    EXPECT_TRUE(settings[1].research.post_rope_keys && settings[1].research.token_keys);
    EXPECT_EQ(settings[1].outliers, 0.01);
    EXPECT_TRUE(settings[2].research.channel_values);
}

TEST(Cli, UsageErrorsNameTheHelpOfTheInnermostCommand) {
    EXPECT_THAT(runCli(makeWorld(), {"bench", "decode", "--tokens", "0"}).err,
                HasSubstr("See: lectern-cli bench decode --help"));
    const Outcome help = runCli(makeWorld(), {"bench", "ablation", "--help"});
    EXPECT_EQ(help.status, 0);
    EXPECT_THAT(help.out, HasSubstr("--calibration-text"));
    EXPECT_EQ(runCli(makeWorld(), {"bench", "decode", "--tokens", "2", "--context", "8"}).status, 0);
}

TEST(Cli, SessionBenchComparesWithAPlainFile) {
    const Outcome outcome = runCli(makeWorld(), {"bench", "session", "--tokens", "8192", "--json"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const json all = json::parse(outcome.out);
    expectKeys(all, {"machine", "kv", "tokens", "payload_bytes", "file_bytes", "write_amplification", "rows"});
    EXPECT_EQ(all["tokens"], 8192);
    EXPECT_EQ(all["write_amplification"], 1.05);
    EXPECT_EQ(all["rows"][0]["share_of_plain"], 0.5);
    EXPECT_FALSE(all["rows"][1].contains("share_of_plain")) << "closing has nothing to be compared with";
    EXPECT_THAT(runCli(makeWorld(), {"bench", "session"}).out, HasSubstr("write amplification 1.050"));
}

TEST(Cli, AblationAddsThePartsOneAfterTheOther) {
    const auto world = makeWorld();
    const Outcome outcome = runCli(world, {"bench", "ablation", "--text", "t.txt", "--calibration-text", "c.txt",
                                           "--bits", "3", "--ctx", "64", "--json"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const json all = json::parse(outcome.out);
    ASSERT_EQ(all["steps"].size(), 10U);
    expectKeys(all["steps"][1], {"step", "perplexity", "change_nats", "kl_mean", "bits_per_value"});
    const PerplexityRequest& asked = world->measured;
    ASSERT_EQ(asked.settings.size(), 10U);
    ASSERT_EQ(asked.calibrations.size(), 10U);
    EXPECT_EQ(asked.fit_text, "c.txt");
    EXPECT_EQ(asked.settings[0].name(), "int3+post-rope+token-keys");
    EXPECT_EQ(asked.settings[1].name(), "int3+post-rope");
    EXPECT_EQ(asked.settings[2].name(), "int3");
    EXPECT_EQ(asked.calibrations[2], "none");
    EXPECT_EQ(asked.settings[4].name(), "nuq3-0%");
    EXPECT_EQ(asked.settings[5].name(), "nuq3");
    EXPECT_EQ(asked.settings[5].sinks, 0);
    EXPECT_EQ(asked.settings[6].sinks, 5);
    EXPECT_EQ(asked.settings[7].qnorm, QNorm::On);
    EXPECT_EQ(asked.settings[8], asked.settings[7]);
    EXPECT_NE(asked.calibrations[8], asked.calibrations[7]) << "only the weights of the codebooks differ";
    EXPECT_EQ(world->calibrated.settings.sensitivity, Sensitivity::GradientSquare);
    EXPECT_FALSE(std::filesystem::exists(std::filesystem::path(asked.calibrations[7]).parent_path()));
}

TEST(Cli, OutliersOptionLeavesFp16Alone) {
    const auto world = makeWorld();
    ASSERT_EQ(runCli(world, {"perplexity", "--text", "t", "--kv", "fp16,nuq4", "--outliers", "0"}).status, 0);
    EXPECT_EQ(world->measured.settings[0].name(), "fp16");
    EXPECT_EQ(world->measured.settings[1].name(), "nuq4-0%");
}

}  // namespace
}  // namespace lectern
