// SPDX-License-Identifier: GPL-3.0-or-later
// lectern-cli model list and convert.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/app/fake_engine.h"

namespace lectern::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

TEST(CliModel, ListSaysWhatContextFitsEachModel) {
    const auto world = makeWorld();
    world->models.resize(2);
    world->models[0].fits = {{"fp16", 1000, 10, 0}, {"nuq4", 400, 1025, 0}};
    world->models[1].path = "/models/b.gguf", world->models[1].problem = "It is cut short.";
    const Outcome listed = runCli(world, {"model", "list"});
    EXPECT_THAT(listed.out, HasSubstr("fits at fp16"));
    EXPECT_THAT(listed.out, HasSubstr("1,025"));
    EXPECT_THAT(listed.out, HasSubstr(world->models[1].path.string() + ": It is cut short."));
    world->models[1].problem = world->models[1].path.string() + " is cut short.";
    EXPECT_THAT(runCli(world, {"model", "list"}).out, HasSubstr("  " + world->models[1].problem)) << "the file once";
    const json all = json::parse(runCli(world, {"model", "list", "--json"}).out);
    EXPECT_EQ(all["models"][0]["context_fit"][1]["tokens"], 1025);
    EXPECT_FALSE(all["models"][1].contains("context_fit"));
}

TEST(CliModel, InfoCountsTheExpertsOfAMixtureAlone) {
    const auto world = makeWorld();
    EXPECT_THAT(runCli(world, {"model", "info", "m.gguf"}).out, Not(HasSubstr("experts")));
    world->models[0].experts = 8, world->models[0].experts_used = 2;
    EXPECT_THAT(runCli(world, {"model", "info", "m.gguf"}).out, HasSubstr("8 in each layer, 2 for each token"));
    const json info = json::parse(runCli(world, {"model", "info", "m.gguf", "--json"}).out);
    EXPECT_EQ(info["experts"], 8);
    EXPECT_EQ(info["experts_used"], 2);
}

TEST(CliModel, ConvertPassesOnWhatIsAsked) {
    const auto world = makeWorld();
    const Outcome done =
        runCli(world, {"model", "convert", "folder", "--out", "m.gguf", "--weights", "q4_0", "--json"});
    ASSERT_EQ(done.status, 0) << done.err;
    EXPECT_EQ(world->model, "folder");
    EXPECT_EQ(world->converted.weights, "q4_0");
    EXPECT_EQ(world->converted.out, "m.gguf");
    EXPECT_EQ(world->options.device, "cpu");
    const json info = json::parse(done.out);
    EXPECT_EQ(info["file"], "m.gguf");
    EXPECT_EQ(info["bytes"], 1'500'000'000);
    EXPECT_THAT(runCli(world, {"model", "convert", "folder", "--out", "m.gguf"}).out,
                HasSubstr("m.gguf: 1.5 GB in 2.5 s"));
    EXPECT_EQ(world->converted.weights, "Q8_0");
    EXPECT_EQ(runCli(world, {"model", "convert", "folder"}).status, 2);
}

}  // namespace
}  // namespace lectern::test
