// SPDX-License-Identifier: GPL-3.0-or-later
// Documents of a session on the command line, with a pretended engine.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/app/session_file_fixture.h"

namespace lectern {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class CliDocument : public test::SessionFileTest {};

TEST_F(CliDocument, OffSaysWhatItDoesNotUndoAndOnIsQuiet) {
    const auto off = run({"document", "off", m_file, "report.pdf"});
    EXPECT_EQ(off.status, 0) << off.err;
    EXPECT_THAT(off.err, HasSubstr("were read seeing it"));
    EXPECT_EQ(run({"document", "on", m_file, "report.pdf"}).err, "");
    m_world->created.mode = SessionMode::Shelf;
    EXPECT_THAT(run({"document", "off", m_file, "report.pdf"}).err, Not(HasSubstr("seeing it")));
    EXPECT_THAT(m_world->changes, ElementsAre("off report.pdf", "on report.pdf", "off report.pdf"));
    EXPECT_EQ(m_world->edits, 3) << "neither model nor cache is opened";
    m_world->change = Error{ErrorCode::Usage, "There is no such document."};
    EXPECT_EQ(run({"document", "off", m_file, "nowhere"}).status, 2);
    EXPECT_EQ(run({"document", "off", m_file}).status, 2);
}

TEST_F(CliDocument, RemovingAndMovingReadOn) {
    EXPECT_EQ(run({"document", "remove", m_file, "report.pdf"}).status, 0);
    EXPECT_EQ(run({"document", "move", m_file, "report.pdf", "--to", "2"}).status, 0);
    EXPECT_THAT(m_world->changes, ElementsAre("remove report.pdf", "move report.pdf 1"));
    EXPECT_EQ(m_world->ingests, 2);
    EXPECT_EQ(run({"document", "move", m_file, "report.pdf"}).status, 2);
    EXPECT_EQ(run({"document", "move", m_file, "report.pdf", "--to", "0"}).status, 2);
}

TEST_F(CliDocument, ChangedFilesAreShownAndRefreshed) {
    m_world->documents[0].source_state = SourceState::Changed;
    const auto info = run({"info", m_file});
    EXPECT_EQ(m_world->source_checks, 1) << "info looks inside";
    EXPECT_THAT(info.out, HasSubstr("has changed on disk"));
    const json document = json::parse(run({"info", m_file, "--json"}).out)["documents"][0];
    EXPECT_EQ(document["changed_on_disk"], true);
    EXPECT_EQ(document["source_state"], "changed");
    const auto refreshed = run({"ingest", m_file, "--refresh"});
    EXPECT_EQ(refreshed.status, 0) << refreshed.err;
    EXPECT_THAT(refreshed.err, HasSubstr("1 document has changed on disk"));
    EXPECT_THAT(m_world->changes, ElementsAre("refresh"));
    EXPECT_EQ(m_world->ingests, 1);
    EXPECT_EQ(run({"ingest", (m_folder / "none.lectern").string(), "--refresh", m_file}).status, 2);
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

TEST_F(CliDocument, ModeIsChosenForANewSessionAndSaidPlainly) {
    std::ofstream(m_folder / "a.txt") << "A text.";
    const auto text = (m_folder / "a.txt").string(), fresh = (m_folder / "new.lectern").string();
    const auto made = run({"ingest", fresh, text, "--mode", "shelf"});
    EXPECT_EQ(made.status, 0) << made.err;
    EXPECT_EQ(m_world->created.mode, SessionMode::Shelf);
    EXPECT_THAT(made.err, HasSubstr("documents do not see each other"));
    EXPECT_EQ(run({"ingest", m_file, "--mode", "joint"}).status, 2) << "it is a shelf";
    EXPECT_EQ(run({"ingest", m_file, "--mode", "shelf"}).status, 0);
    EXPECT_EQ(json::parse(run({"info", m_file, "--json"}).out)["mode"], "shelf");
    EXPECT_THAT(run({"info", m_file}).out, HasSubstr("do not see each other"));
    EXPECT_EQ(run({"ingest", fresh + "2", text, "--mode", "shelf", "--sinks", "3"}).status, 2);
    EXPECT_EQ(run({"ingest", fresh + "2", text, "--mode", "heap"}).status, 2);
}

TEST_F(CliDocument, InfoShowsWhatIsOff) {
    m_world->documents[0].on = false;
    EXPECT_EQ(json::parse(run({"info", m_file, "--json"}).out)["documents"][0]["on"], false);
    EXPECT_THAT(run({"info", m_file}).out, HasSubstr(", off"));
}

}  // namespace
}  // namespace lectern
