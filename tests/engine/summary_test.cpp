// SPDX-License-Identifier: GPL-3.0-or-later
// Summaries through whole sessions: a tiny random model in its own words, the built-in model with quotes.
#include <gmock/gmock.h>

#include <algorithm>

#include "engine/answer/sentences.h"
#include "tests/engine/session_fixture.h"

namespace lectern {
namespace {

namespace fs = std::filesystem;

using testing::ElementsAre;
using testing::HasSubstr;

class SummaryTest : public test::SessionTest {
protected:
    static SummaryRequest brief(std::vector<SummaryPart> parts = {}) {
        return {std::move(parts), SummaryLength::Short, 8};
    }
    /// Markdown with four headings, and text below each.
    fs::path writeChapters(const std::string& name) const {
        std::ofstream out(m_dir / name);
        std::mt19937 random(7);
        const std::vector<std::string> words = {"lamp", "keeper", "tower", "north", "sea", "light"};
        for (const char* title : {"The Lamp", "The Well", "The Goat", "The Sea"}) {
            out << "# " << title << "\n\n";
            for (int sentence = 0; sentence < 40; ++sentence) {
                out << "The " << title[4];
                for (int word = 0; word < 7; ++word) out << " " << words[random() % words.size()];
                out << " " << sentence << (sentence % 5 == 4 ? ".\n\n" : ". ");
            }
        }
        return m_dir / name;
    }
};

TEST_F(SummaryTest, SectionsComeOneByOneAndNoTokenOfADocumentIsComputedAgain) {
    auto session = ingested(m_dir / "a.lectern", {writeChapters("a.md")}, "nuq4");
    const auto context = session->tokens();
    const auto cache = session->memory().kvBytes();
    auto plan = session->planSummary(brief());
    ASSERT_TRUE(plan) << plan.error().message;
    ASSERT_EQ(plan->sections.size(), 4U);
    EXPECT_EQ(plan->sections[1].title, "The Well");
    EXPECT_TRUE(plan->lead);
    EXPECT_FALSE(plan->quotes);
    EXPECT_GT(plan->seconds, 0);
    std::vector<int> done;
    std::string streamed;
    const auto summary = session->summarize(brief(),
                                            [&](const SummaryEvent& event) {
                                                if (event.kind == SummaryEvent::Kind::Section)
                                                    done.push_back(event.done);
                                                if (event.kind == SummaryEvent::Kind::Text) streamed += event.text;
                                            },
                                            {});
    ASSERT_TRUE(summary) << summary.error().message;
    EXPECT_TRUE(summary->finished);
    EXPECT_THAT(done, ElementsAre(1, 2, 3, 4));
    EXPECT_THAT(streamed, HasSubstr(summary->sections[0].text));
    EXPECT_THAT(streamed, HasSubstr(summary->lead));
    EXPECT_GT(summary->ledger.tokens_reused, context * 9 / 10);
    EXPECT_LT(summary->ledger.tokens_new, context / 2) << "questions and the lead's own text only";
    EXPECT_EQ(session->tokens(), context);
    EXPECT_EQ(session->memory().kvBytes(), cache) << "the documents' cache is as it was";
    for (const SummarySection& section : summary->sections) {
        ASSERT_FALSE(section.citations.empty());
        for (const Citation& citation : section.citations) {
            EXPECT_EQ(citation.document, "a.md");
            EXPECT_GE(citation.page, section.first_page);
            EXPECT_LE(citation.page, section.last_page);
            EXPECT_GT(citation.share, 0);
            EXPECT_LE(citation.share, 1.0001);
        }
    }
    EXPECT_FALSE(summary->lead_citations.empty());
}

TEST_F(SummaryTest, ASectionReadsItselfAloneWhateverIsAroundIt) {
    const auto a = writeChapters("a.md"), b = writeText("b.txt", 1, 5);
    auto alone = ingested(m_dir / "1.lectern", {a}, "fp16");
    auto among = ingested(m_dir / "2.lectern", {a, b}, "fp16");
    const auto one = alone->summarize(brief({{"a.md", 1}}), {}, {});
    const auto two = among->summarize(brief({{"a.md", 1}}), {}, {});
    ASSERT_TRUE(one && two);
    ASSERT_EQ(one->sections.size(), 1U);
    EXPECT_EQ(one->sections[0].text, two->sections[0].text);
    EXPECT_EQ(one->title, "The Well (a.md)");
}

TEST_F(SummaryTest, AStopKeepsTheSectionsThatWereDone) {
    auto session = ingested(m_dir / "a.lectern", {writeChapters("a.md")});
    std::stop_source stop;
    const auto cut = session->summarize(
        brief(),
        [&](const SummaryEvent& event) {
            if (event.kind == SummaryEvent::Kind::Section && event.done == 2) stop.request_stop();
        },
        stop.get_token());
    ASSERT_TRUE(cut) << cut.error().message;
    EXPECT_FALSE(cut->finished);
    EXPECT_EQ(cut->sections.size(), 2U);
    EXPECT_EQ(cut->planned, 4);
    session.reset();
    auto again = m_engine->openSession(m_dir / "a.lectern");
    ASSERT_TRUE(again);
    ASSERT_EQ((*again)->summaries().size(), 1U);
    EXPECT_EQ((*again)->summaries()[0].sections[1].text, cut->sections[1].text);
    EXPECT_FALSE((*again)->summaries()[0].finished);
    auto other = brief();
    other.max_tokens = 3;
    const auto nothing = (*again)->summarize(other, {}, stop.get_token());
    ASSERT_FALSE(nothing);
    EXPECT_EQ(nothing.error().code, ErrorCode::Interrupted);
    EXPECT_EQ((*again)->summaries()[0].sections.size(), 2U) << "what was there stays";
}

TEST_F(SummaryTest, AStoppedSummaryGoesOnAfterTheSectionsThatAreKept) {
    const auto a = writeChapters("a.md");
    auto session = ingested(m_dir / "a.lectern", {a}), twin = ingested(m_dir / "b.lectern", {a});
    const auto at_once = twin->summarize(brief(), {}, {});
    std::stop_source stop;
    const auto cut = session->summarize(
        brief(),
        [&](const SummaryEvent& event) {
            if (event.kind == SummaryEvent::Kind::Section && event.done == 2) stop.request_stop();
        },
        stop.get_token());
    ASSERT_TRUE(at_once && cut);
    session.reset();
    auto again = m_engine->openSession(m_dir / "a.lectern");
    ASSERT_TRUE(again);
    const auto plan = (*again)->planSummary(brief());
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->kept, 2);
    std::vector<int> done;
    std::string streamed;
    const auto whole = (*again)->summarize(brief(),
                                           [&](const SummaryEvent& event) {
                                               if (event.kind == SummaryEvent::Kind::Section)
                                                   done.push_back(event.done);
                                               if (event.kind == SummaryEvent::Kind::Text) streamed += event.text;
                                           },
                                           {});
    ASSERT_TRUE(whole) << whole.error().message;
    EXPECT_TRUE(whole->finished);
    EXPECT_THAT(done, ElementsAre(1, 2, 3, 4)) << "what is kept is told too";
    EXPECT_THAT(streamed, HasSubstr(cut->sections[0].text));
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(whole->sections[i].text, at_once->sections[i].text);
    EXPECT_EQ(whole->lead, at_once->lead);
    EXPECT_EQ(whole->ledger.tokens_new, at_once->ledger.tokens_new) << "no section was made twice";
    EXPECT_EQ((*again)->planSummary(brief())->kept, 0) << "a finished one is made anew";
}

TEST_F(SummaryTest, AStoppedSummaryOfOtherTextOrSettingsIsBegunAnew) {
    auto session = ingested(m_dir / "a.lectern", {writeChapters("a.md"), writeText("b.txt", 1)});
    std::stop_source stop;
    const auto until_two = [&](const SummaryEvent& event) {
        if (event.kind == SummaryEvent::Kind::Section && event.done == 2) stop.request_stop();
    };
    ASSERT_TRUE(session->summarize(brief(), until_two, stop.get_token()));
    EXPECT_EQ(session->planSummary(brief())->kept, 2);
    auto other = brief();
    other.max_tokens = 3;
    EXPECT_EQ(session->planSummary(other)->kept, 0);
    ASSERT_TRUE(session->switchDocument("b.txt", false));
    EXPECT_EQ(session->planSummary(brief())->kept, 0) << "the set is another one";
    ASSERT_TRUE(session->switchDocument("b.txt", true));
    EXPECT_EQ(session->planSummary(brief())->kept, 2);
}

TEST_F(SummaryTest, WhereEveryDocumentIsOffItIsSaidHowToSwitchOneOn) {
    auto session = ingested(m_dir / "a.lectern", {writeText("a.txt", 1)});
    ASSERT_TRUE(session->switchDocument("a.txt", false));
    const auto off = session->summarize(brief(), {}, {});
    ASSERT_FALSE(off);
    EXPECT_EQ(off.error().code, ErrorCode::Usage);
    EXPECT_THAT(off.error().message, HasSubstr("is switched off: switch one on"));
    EXPECT_TRUE(session->summarize(brief({{"a.txt", -1}}), {}, {})) << "who names it wants it";
}

TEST_F(SummaryTest, AFinishedSummaryGoesOnlyWhenTheNewOneIsFinished) {
    auto session = ingested(m_dir / "a.lectern", {writeChapters("a.md")});
    const auto first = session->summarize(brief(), {}, {});
    ASSERT_TRUE(first);
    std::stop_source stop;
    const auto cut = session->summarize(
        brief(),
        [&](const SummaryEvent& event) {
            if (event.done == 1) stop.request_stop();
        },
        stop.get_token());
    ASSERT_TRUE(cut);
    EXPECT_FALSE(cut->finished);
    ASSERT_EQ(session->summaries().size(), 1U);
    EXPECT_TRUE(session->summaries()[0].finished);
    auto other = brief();
    other.max_tokens = 3;
    const auto second = session->summarize(other, {}, {});
    ASSERT_TRUE(second);
    EXPECT_EQ(second->id, first->id);
    other.length = SummaryLength::Long;
    ASSERT_TRUE(session->summarize(other, {}, {}));
    EXPECT_EQ(session->summaries().size(), 2U) << "another length is another summary";
    session.reset();
    auto again = m_engine->openSession(m_dir / "a.lectern");
    ASSERT_TRUE(again);
    ASSERT_EQ((*again)->summaries().size(), 2U);
    EXPECT_EQ((*again)->summaries()[0].request.max_tokens, 3);
    EXPECT_EQ((*again)->summaries()[0].sections[0].citations.size(), second->sections[0].citations.size());
    ASSERT_TRUE((*again)->removeSummary(first->id));
    EXPECT_FALSE((*again)->removeSummary(first->id));
    EXPECT_EQ((*again)->summaries().size(), 1U);
    ASSERT_TRUE((*again)->restoreSummary(*second));
    EXPECT_EQ((*again)->restoreSummary(*second).error().code, ErrorCode::Usage) << "it is there already";
    again->reset();
    again = m_engine->openSession(m_dir / "a.lectern");
    ASSERT_TRUE(again);
    ASSERT_EQ((*again)->summaries().size(), 2U);
    EXPECT_EQ((*again)->summaries()[0].id, first->id) << "in its place";
    EXPECT_EQ((*again)->summaries()[0].sections[0].text, second->sections[0].text);
    ASSERT_TRUE((*again)->removeSummary(first->id));
    again->reset();
    const auto peeked = m_engine->peekSession(m_dir / "a.lectern");
    ASSERT_TRUE(peeked);
    EXPECT_EQ((*peeked)->summaries().size(), 1U);
    EXPECT_FALSE((*peeked)->summarize(brief(), {}, {})) << "a look is no work";
}

TEST_F(SummaryTest, ASummaryLeavesConversationsAsTheyWere) {
    const auto text = writeChapters("a.md");
    auto plain = ingested(m_dir / "1.lectern", {text}, "nuq3"), summed = ingested(m_dir / "2.lectern", {text}, "nuq3");
    ASSERT_TRUE(plain->ask(question("Who?"), {}, {}) && summed->ask(question("Who?"), {}, {}));
    ASSERT_TRUE(summed->summarize(brief(), {}, {}));
    const auto a = plain->ask(question("And when?"), {}, {}), b = summed->ask(question("And when?"), {}, {});
    ASSERT_TRUE(a && b);
    EXPECT_EQ(a->answer, b->answer);
    EXPECT_EQ(a->ledger.tokens_reused, b->ledger.tokens_reused);
    EXPECT_EQ(summed->branches().size(), 1U);
}

TEST_F(SummaryTest, UnknownPartsAreNamedWithWhatThereIs) {
    auto session = ingested(m_dir / "a.lectern", {writeChapters("a.md"), writeText("b.txt", 1)});
    const auto documents = session->documents();
    const auto none = summaryParts(documents, {"c.pdf"}, {});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, ErrorCode::Usage);
    EXPECT_THAT(none.error().message, HasSubstr("\"a.md\", \"b.txt\""));
    const auto section = summaryParts(documents, {}, {"The Boat"});
    ASSERT_FALSE(section);
    EXPECT_THAT(section.error().message, HasSubstr("\"The Goat\""));
    EXPECT_THAT(summaryParts(documents, {"b.txt"}, {"The Goat"}).error().message, HasSubstr("outline"));
    EXPECT_EQ(*summaryParts(documents, {}, {"the goat"}), (std::vector<SummaryPart>{{"a.md", 2}}));
    EXPECT_EQ(*summaryParts(documents, {"b.txt", "b.txt"}, {}), (std::vector<SummaryPart>{{"b.txt", -1}}));
    EXPECT_EQ(session->summarize(brief({{"c.pdf", -1}}), {}, {}).error().code, ErrorCode::Usage);
    EXPECT_EQ(session->summarize(brief({{"a.md", 99}}), {}, {}).error().code, ErrorCode::Usage);
}

TEST_F(SummaryTest, DocumentsThatAreOffOrUnreadAreNotInTheSummaryOfTheSet) {
    auto session = ingested(m_dir / "a.lectern", {writeText("a.txt", 1), writeText("b.txt", 1, 3)});
    ASSERT_TRUE(session->switchDocument("a.txt", false));
    ASSERT_TRUE(session->addDocuments({{writeText("c.txt", 1, 4), {}, {}}}, {}, {}));
    const auto summary = session->summarize(brief(), {}, {});
    ASSERT_TRUE(summary) << summary.error().message;
    ASSERT_EQ(summary->sections.size(), 1U);
    EXPECT_EQ(summary->sections[0].document, "b.txt");
    const auto unread = session->summarize(brief({{"c.txt", -1}}), {}, {});
    ASSERT_FALSE(unread);
    EXPECT_THAT(unread.error().message, HasSubstr("read it in first"));
}

TEST_F(SummaryTest, ShelvesAreSummarizedToo) {
    auto session =
        m_engine->createSession({m_dir / "s.lectern", {}, *parseKvSettings("nuq4"), {}, "auto", SessionMode::Shelf});
    ASSERT_TRUE(session);
    ASSERT_TRUE((*session)->addDocuments({{writeChapters("a.md"), {}, {}}, {writeText("b.txt", 1), {}, {}}}, {}, {}));
    ASSERT_TRUE((*session)->ingest({}, {}));
    const auto summary = (*session)->summarize(brief(), {}, {});
    ASSERT_TRUE(summary) << summary.error().message;
    ASSERT_EQ(summary->sections.size(), 5U);
    EXPECT_EQ(summary->sections[4].document, "b.txt");
    EXPECT_EQ(summary->sections[4].citations[0].document, "b.txt");
}

class QuotedSummaryTest : public test::SessionTest {
protected:
    void SetUp() override {
        EngineOptions options;
        options.threads = 2;
        options.worker = fs::path(LECTERN_BINARY_DIR) / "bin/lectern-document-worker";
        options.built_in = fs::path(LECTERN_SOURCE_DIR) / "resources/models/lectern-reader.gguf";
        auto engine = Engine::create(options);
        ASSERT_TRUE(engine);
        m_engine = std::move(*engine);
    }
};

TEST_F(QuotedSummaryTest, TheSampleIsSummarizedInItsOwnSentencesEachWithItsPage) {
    auto session = ingested(m_dir / "s.lectern", {fs::path(LECTERN_SOURCE_DIR) / "resources/samples/sample.pdf"});
    const auto summary = session->summarize({}, {}, {});
    ASSERT_TRUE(summary) << summary.error().message;
    EXPECT_TRUE(summary->quotes);
    ASSERT_EQ(summary->sections.size(), 9U);
    const int id = session->documents()[0].id;
    for (const SummarySection& section : summary->sections) {
        ASSERT_EQ(section.citations.size(), 2U) << section.title;
        EXPECT_LT(section.text.find("- "), 1U);
        for (const Citation& citation : section.citations) {
            const auto page = session->pageText(id, citation.page - 1);
            ASSERT_TRUE(page);
            EXPECT_NE(page->text.find(citation.text), std::string::npos) << "word for word";
            EXPECT_EQ(citation.page, section.first_page);
            EXPECT_FALSE(citation.rects.empty());
            EXPECT_THAT(section.text, HasSubstr(oneSpaced(citation.text)));
        }
    }
    EXPECT_EQ(summary->lead_citations.size(), 3U);
    EXPECT_LT(summary->ledger.tokens_new, session->tokens() / 3);
    EXPECT_EQ(summary->sections[7].title, "8. The Accounts");
    EXPECT_THAT(summary->sections[7].text, HasSubstr("Visitors brought in"));
}

TEST_F(QuotedSummaryTest, TheMostTokensLeaveAtLeastOneSentence) {
    auto session = ingested(m_dir / "s.lectern", {fs::path(LECTERN_SOURCE_DIR) / "resources/samples/sample.pdf"});
    const auto summary = session->summarize({{{"sample.pdf", 25 - 1}}, SummaryLength::Long, 1}, {}, {});
    ASSERT_TRUE(summary) << summary.error().message;
    ASSERT_EQ(summary->sections.size(), 1U);
    EXPECT_EQ(summary->sections[0].citations.size(), 1U);
    EXPECT_TRUE(summary->sections[0].cut);
}

}  // namespace
}  // namespace lectern
