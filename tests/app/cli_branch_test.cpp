// SPDX-License-Identifier: GPL-3.0-or-later
// Conversations on the command line, with a pretended engine.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/app/session_file_fixture.h"

namespace lectern {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

class CliBranch : public test::SessionFileTest {};

TEST_F(CliBranch, AskLeavesAnotherConversationWhereItIsTold) {
    m_world->branches.push_back({"odd:2", 1, {}});
    for (const char* from : {"main", "main:2", "odd:2", "odd:2:1", "main:x"})
        ASSERT_EQ(run({"ask", m_file, "Why?", "--branch", "new", "--from", from}).status, 0);
    EXPECT_THAT(m_world->changes, ElementsAre("fork new main -1", "fork new main 2", "fork new odd:2 -1",
                                              "fork new odd:2 1", "fork new main:x -1"));
    EXPECT_EQ(m_world->asked.branch, "new");
}

TEST_F(CliBranch, RefusedForkAsksNothing) {
    m_world->change = Error{ErrorCode::Usage, "There is a conversation \"new\" already."};
    const auto outcome = run({"ask", m_file, "Why?", "--branch", "new", "--from", "main"});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_THAT(outcome.err, HasSubstr("already"));
    EXPECT_TRUE(m_world->asked.question.empty());
}

TEST_F(CliBranch, EveryChangeReachesTheSession) {
    EXPECT_EQ(run({"branch", "fork", m_file, "b", "--from", "main:1"}).status, 0);
    EXPECT_EQ(run({"branch", "rename", m_file, "b", "c"}).status, 0);
    EXPECT_EQ(run({"branch", "delete", m_file, "c"}).status, 0);
    EXPECT_THAT(run({"branch", "undelete", m_file, "c"}).err, HasSubstr("\"c (2)\""));
    m_world->deleted_branches = {{"x", 1, {}}};
    EXPECT_THAT(run({"branch", "gc", m_file}).err, HasSubstr("1 deleted conversation is gone"));
    EXPECT_THAT(m_world->changes, ElementsAre("fork b main 1", "rename b c", "delete c", "undelete c", "gc"));
    EXPECT_EQ(m_world->edits, 3) << "rename, delete and undelete open neither model nor cache";
    EXPECT_EQ(run({"branch", "rename", m_file, "b", "c", "--model", "m"}).status, 2);
    EXPECT_EQ(run({"branch"}).status, 2);
    EXPECT_EQ(run({"branch", "delete", m_file}).status, 2);
}

TEST_F(CliBranch, ListAndInfoTellWhereConversationsWereForked) {
    m_world->branches = {{"main", 100, {Message(), Message()}}, {"b", 20, {Message(), Message()}, "main", 1}};
    m_world->deleted_branches = {{"old", 5, {Message()}}};
    const json all = json::parse(run({"branch", "list", m_file, "--json"}).out)["branches"];
    ASSERT_EQ(all.size(), 3U);
    EXPECT_TRUE(all[0]["parent"].is_null());
    EXPECT_EQ(all[1]["parent"], "main");
    EXPECT_EQ(all[1]["turn"], 1);
    EXPECT_EQ(all[1]["deleted"], false);
    EXPECT_EQ(all[2]["deleted"], true);
    EXPECT_THAT(run({"branch", "list", m_file}).out, HasSubstr("main after 1"));
    const json info = json::parse(run({"info", m_file, "--json"}).out)["branches"];
    ASSERT_EQ(info.size(), 2U) << "deleted ones are hidden";
    EXPECT_EQ(info[1]["parent"], "main");
    EXPECT_EQ(info[1]["turn"], 1);
    EXPECT_THAT(run({"info", m_file}).out, HasSubstr("forked from main after 1"));
}

}  // namespace
}  // namespace lectern
