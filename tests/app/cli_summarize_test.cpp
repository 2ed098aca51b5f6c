// SPDX-License-Identifier: GPL-3.0-or-later
// lectern-cli summarize on a pretended engine.
#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/app/fake_engine.h"
#include "tests/app/json_lines.h"
#include "tests/support/test_data.h"

namespace lectern::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string contents(const std::filesystem::path& file) {
    std::ifstream in(file);
    return std::string(std::istreambuf_iterator<char>(in), {});
}

class CliSummarize : public testing::Test {
protected:
    Outcome run(std::vector<std::string> more) {
        std::vector<std::string> arguments = {"summarize", "s.lectern"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return runCli(m_world, arguments);
    }

    std::shared_ptr<FakeWorld> m_world = makeWorld();
    TempDir m_dir;
};

TEST_F(CliSummarize, SentencesComeUnderTheirHeadingsEachWithItsPage) {
    const Outcome done = run({});
    EXPECT_EQ(done.status, 0);
    EXPECT_EQ(done.out,
              "The Lamp\n- It *burns*. [report.pdf p. iii]\n- It is lit. [report.pdf p. iii]\n\n"
              "The <Well>\n- Deep. [report.pdf p. iii]\n\nIn short\n- It burns. [report.pdf p. iii]\n");
    EXPECT_THAT(done.err, HasSubstr("2 of 2 sections"));
    EXPECT_EQ(m_world->summarized.length, SummaryLength::Medium);
    EXPECT_THAT(m_world->summarized.parts, IsEmpty());
}

TEST_F(CliSummarize, AModelsOwnWordsStreamAndThePagesFollow) {
    m_world->summary.quotes = false;
    m_world->summary.sections.resize(1);
    m_world->summary.lead.clear();
    EXPECT_EQ(run({}).out,
              "The Lamp\n- It *burns*.\n- It is lit.\n  [report.pdf p. iii] 25%, [report.pdf p. iii] 25%\n");
}

TEST_F(CliSummarize, LinesOfJsonTellThePlanEachSectionAndTheSummary) {
    const auto events = test::jsonLines(run({"--json", "--length", "long", "--max-tokens", "7"}).out);
    ASSERT_EQ(events.size(), 4U);
    EXPECT_EQ(events[0]["event"], "plan");
    EXPECT_EQ(events[0]["sections"].size(), 2U);
    EXPECT_EQ(events[1]["event"], "section");
    EXPECT_EQ(events[1]["title"], "The Lamp");
    EXPECT_EQ(events[1]["citations"][0]["page_label"], "iii");
    EXPECT_EQ(events[2]["index"], 1);
    EXPECT_EQ(events[3]["event"], "summary");
    EXPECT_EQ(events[3]["finished"], true);
    EXPECT_EQ(events[3]["length"], "long");
    EXPECT_EQ(events[3]["lead"], "It burns.");
    EXPECT_EQ(m_world->summarized.max_tokens, 7);
}

TEST_F(CliSummarize, FilesAreWrittenAsTheirEndingSays) {
    const auto md = m_dir / "a.md", html = m_dir / "a.html";
    const Outcome done = run({"--out", md.string()});
    EXPECT_EQ(done.status, 0);
    EXPECT_THAT(done.out, IsEmpty());
    EXPECT_THAT(contents(md), HasSubstr("# Summary: All documents\n\nIt burns."));
    EXPECT_THAT(contents(md), HasSubstr("- It \\*burns\\*. *\\[report.pdf p. iii\\]*"));
    EXPECT_EQ(run({"--out", html.string()}).status, 0);
    EXPECT_THAT(contents(html), HasSubstr("<li>It *burns*. <span class=\"page\">[report.pdf p. iii]</span></li>"));
    EXPECT_THAT(contents(html), HasSubstr("The &lt;Well&gt;"));
    EXPECT_THAT(contents(html), Not(HasSubstr("<Well>")));
}

TEST_F(CliSummarize, APdfIsPrintedFromItsPageOfHtml) {
    const auto pdf = (m_dir / "a.pdf").string();
    EXPECT_EQ(run({"--out", pdf}).status, 0);
    EXPECT_THAT(m_world->printed[pdf],
                HasSubstr("<li>It *burns*. <span class=\"page\">[report.pdf p. iii]</span></li>"));
    const auto talk = (m_dir / "b.pdf").string();
    EXPECT_EQ(runCli(m_world, {"export", "s.lectern", "--out", talk}).status, 0);
    EXPECT_THAT(m_world->printed[talk], HasSubstr("<html"));
    m_world->prints = false;
    EXPECT_EQ(runCli(m_world, {"export", "s.lectern", "--out", talk}).status, 2);
}

TEST_F(CliSummarize, WhatAnEarlierRunKeptIsSaid) {
    m_world->kept = 1;
    EXPECT_THAT(run({}).err, HasSubstr("Going on after 1 of 2 sections"));
    std::istringstream lines(run({"--json"}).out);
    std::string plan;
    std::getline(lines, plan);
    EXPECT_EQ(json::parse(plan)["kept"], 1);
}

TEST_F(CliSummarize, WhatCannotBeWrittenIsSaidBeforeTheWork) {
    m_world->summarize = Error{ErrorCode::Failed, "worked in vain"};
    m_world->prints = false;
    const Outcome pdf = run({"--out", (m_dir / "a.pdf").string()});
    EXPECT_EQ(pdf.status, 2);
    EXPECT_THAT(pdf.err, HasSubstr("was built without Qt"));
    EXPECT_EQ(run({"--out", (m_dir / "a.docx").string()}).status, 2);
    const Outcome nowhere = run({"--out", (m_dir / "none/a.md").string()});
    EXPECT_EQ(nowhere.status, 2);
    EXPECT_THAT(nowhere.err, HasSubstr("There is no folder"));
}

TEST_F(CliSummarize, DocumentsAndSectionsAreNamedAndUnknownOnesSaidWithWhatThereIs) {
    m_world->documents[0].outline = {{0, "1. The Lamp", 0}, {1, "The Well", 1}};
    EXPECT_EQ(run({"--document", "report.pdf", "--section", "the lamp", "--section", "The Well"}).status, 0);
    EXPECT_EQ(m_world->summarized.parts, (std::vector<SummaryPart>{{"report.pdf", 0}, {"report.pdf", 1}}));
    const Outcome document = run({"--document", "other.pdf"});
    EXPECT_EQ(document.status, 2);
    EXPECT_THAT(document.err, HasSubstr("it has \"report.pdf\""));
    const Outcome section = run({"--section", "The Sea"});
    EXPECT_EQ(section.status, 2);
    EXPECT_THAT(section.err, HasSubstr("\"The Well\""));
    EXPECT_EQ(run({"--length", "huge"}).status, 2);
    EXPECT_EQ(run({"--max-tokens", "0"}).status, 2);
}

TEST_F(CliSummarize, AnInterruptedOneIsWrittenAsFarAsItWentAndSaysSo) {
    m_world->interrupt = true;
    const auto file = m_dir / "a.md";
    const Outcome cut = run({"--out", file.string()});
    EXPECT_EQ(cut.status, 130);
    EXPECT_THAT(cut.err, HasSubstr("1 of 2 sections"));
    EXPECT_THAT(contents(file), HasSubstr("Interrupted: 1 of 2 sections"));
    m_world->summarize = Error{ErrorCode::Interrupted, "stopped"};
    EXPECT_EQ(run({}).status, 130);
    m_world->summarize = Error{ErrorCode::Failed, "the model broke"};
    EXPECT_EQ(run({}).status, 1);
}

}  // namespace
}  // namespace lectern::test
