// SPDX-License-Identifier: GPL-3.0-or-later
// What the command line says of the device that a session's context is computed on, with a pretended engine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/app/fake_engine.h"
#include "tests/app/json_lines.h"
#include "tests/support/test_data.h"

namespace lectern {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::jsonLines;
using test::runCli;
using testing::HasSubstr;
using testing::Not;

TEST(CliDevice, APlanThatDividesTheContextSaysSoWithBothNumbers) {
    const test::TempDir folder;
    const std::string file = (folder / "new.lectern").string();
    const auto world = test::makeWorld();
    const std::vector<std::string> command = {"ingest", file, "a.txt", "--device", "cuda"};
    world->plan.device = "cuda:0";
    world->plan.device_bytes = 7'200'000'000;
    EXPECT_THAT(runCli(world, command).err, Not(HasSubstr("as a whole"))) << "all of it fits";
    world->plan.host_bytes = 3'100'000'000;
    fs::remove(file);
    EXPECT_THAT(runCli(world, command).err,
                HasSubstr("The context does not fit cuda:0 as a whole: 7.2 GB on cuda:0, 3.1 GB on the CPU.\n"));
    fs::remove(file);
    world->memory.device_pages = 7'300'000'000;
    world->memory.host_pages = 3'200'000'000;
    EXPECT_THAT(runCli(world, command).out, HasSubstr("work buffers there, 3.2 GB of pages on the CPU.\n"));
    fs::remove(file);
    const auto all = jsonLines(runCli(world, {"ingest", file, "a.txt", "--device", "cuda", "--json"}).out);
    EXPECT_EQ(all[0]["device"], "cuda:0");
    EXPECT_EQ(all[0]["device_bytes"], 7'200'000'000);
    EXPECT_EQ(all[0]["host_bytes"], 3'100'000'000);
    EXPECT_EQ(all.back()["device_pages_bytes"], 7'300'000'000);
    EXPECT_EQ(all.back()["host_pages_bytes"], 3'200'000'000);
}

}  // namespace
}  // namespace lectern
