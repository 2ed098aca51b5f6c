// SPDX-License-Identifier: GPL-3.0-or-later
// Documents of a session on the command line, with a pretended engine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/app/fake_engine.h"
#include "tests/support/test_data.h"

namespace lectern {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

class CliDocument : public testing::Test {
protected:
    void SetUp() override {
        m_file = (m_folder / "a.lectern").string();
        std::ofstream(m_file) << "a session";
    }
    test::Outcome run(const std::vector<std::string>& arguments) { return test::runCli(m_world, arguments); }

    test::TempDir m_folder;
    std::string m_file;
    std::shared_ptr<test::FakeWorld> m_world = test::makeWorld();
};

TEST_F(CliDocument, OffSaysWhatItDoesNotUndoAndOnIsQuiet) {
    const auto off = run({"document", "off", m_file, "report.pdf"});
    EXPECT_EQ(off.status, 0) << off.err;
    EXPECT_THAT(off.err, HasSubstr("were read seeing it"));
    EXPECT_EQ(run({"document", "on", m_file, "report.pdf"}).err, "");
    EXPECT_THAT(m_world->changes, ElementsAre("off report.pdf", "on report.pdf"));
    m_world->change = Error{ErrorCode::Usage, "There is no such document."};
    EXPECT_EQ(run({"document", "off", m_file, "nowhere"}).status, 2);
    EXPECT_EQ(run({"document", "off", m_file}).status, 2);
}

TEST_F(CliDocument, AskNamesDocumentsToReadAndToLeaveOut) {
    m_world->answer.without = {1};
    const auto asked = run({"ask", m_file, "Why?", "--only", "a.pdf", "--only", "b.pdf", "--without", "b.pdf"});
    ASSERT_EQ(asked.status, 0) << asked.err;
    EXPECT_THAT(m_world->asked.only, ElementsAre("a.pdf", "b.pdf"));
    EXPECT_THAT(m_world->asked.without, ElementsAre("b.pdf"));
    EXPECT_THAT(asked.err, HasSubstr("off for this question"));
    const auto lines = run({"ask", m_file, "Why?", "--json"}).out;
    const json last = json::parse(lines.substr(lines.rfind("{\"event\":\"answer\"")));
    EXPECT_THAT(last["without"], ElementsAre(m_world->documents[0].name));
}

TEST_F(CliDocument, InfoShowsWhatIsOff) {
    m_world->documents[0].on = false;
    EXPECT_EQ(json::parse(run({"info", m_file, "--json"}).out)["documents"][0]["on"], false);
    EXPECT_THAT(run({"info", m_file}).out, HasSubstr(", off"));
}

}  // namespace
}  // namespace lectern
