// SPDX-License-Identifier: GPL-3.0-or-later
// Scans in a session: their text by OCR is read, kept, cited and marked as any other.
#include <gmock/gmock.h>

#include <algorithm>

#include "engine/document/tesseract.h"
#include "tests/engine/document/fake_tesseract.h"
#include "tests/engine/document/pdf_writer.h"
#include "tests/engine/session_fixture.h"

namespace lectern::test {
namespace {

using testing::HasSubstr;

class OcrSession : public SessionTest {
protected:
    /// A picture, and a page of text before it where wanted.
    fs::path scan(bool typed, int height = 200) const {
        PdfWriter pdf;
        if (typed) pdf.pages.push_back({textAt(72, 700, "The keeper lit the lamp at dusk.")});
        pdf.pages.push_back({blackBox(72, 400, 300, height)});
        return writeFile(m_dir / "scan.pdf", pdf.bytes());
    }

    static std::string table() {
        return FakeTesseract::table({{1, 300, 300, 200, 50, "North"},
                                     {1, 550, 300, 100, 50, "of"},
                                     {1, 700, 300, 100, 50, "the"},
                                     {1, 850, 300, 200, 50, "tower"}});
    }

    std::unique_ptr<Session> begun(const std::string& name = "s.lectern") {
        auto session = m_engine->createSession({m_dir / name, {}, *parseKvSettings("fp16")});
        EXPECT_TRUE(session) << (session ? "" : session.error().message);
        return std::move(*session);
    }

    static ReadRequest withOcr(const fs::path& file) { return {file, {}, {}, OcrSettings{}}; }
};

TEST_F(OcrSession, AScanIsReadCitedAndKept) {
    const FakeTesseract fake(m_dir.path(), table());
    auto session = begun();
    ASSERT_TRUE(session->addDocuments({{scan(false), {}, {}}}, {}, {}));
    ASSERT_EQ(session->documents().at(0).problem_parts.problem, DocumentProblem::NeedsOcr);
    ASSERT_TRUE(session->addDocuments({withOcr(scan(false))}, {}, {}));
    ASSERT_EQ(session->documents().size(), 1U) << "it takes the failed one's place";
    ASSERT_TRUE(session->ingest({}, {}));
    const auto answer = session->ask(question("Where is the tower?"), {}, {});
    ASSERT_TRUE(answer) << answer.error().message;
    ASSERT_FALSE(answer->citations.empty());
    EXPECT_EQ(answer->citations[0].page, 1);
    EXPECT_FALSE(answer->citations[0].rects.empty()) << "words have places to be marked";
    session.reset();
    const auto again = m_engine->openSession(m_dir / "s.lectern");
    ASSERT_TRUE(again) << again.error().message;
    const int id = (*again)->documents().at(0).id;
    EXPECT_TRUE((*again)->pages(id).at(0).isByOcr());
    const auto page = (*again)->pageText(id, 0);
    EXPECT_EQ(page->text, "North of the tower\n");
    EXPECT_EQ(page->words.size(), 4U);
}

TEST_F(OcrSession, PicturesOfADocumentThatIsThereGetTheirTextLater) {
    const FakeTesseract fake(m_dir.path(), table());
    auto session = begun();
    const auto file = scan(true);
    ASSERT_TRUE(session->addDocuments({{file, {}, {}}}, {}, {}));
    ASSERT_TRUE(session->ingest({}, {}));
    const int id = session->documents().at(0).id;
    ASSERT_EQ(session->pages(id).at(1).state, PageState::ImageOnly);
    const auto plan = session->addDocuments({withOcr(file)}, {}, {});
    ASSERT_TRUE(plan) << plan.error().message;
    EXPECT_GT(plan->tokens, 0U);
    ASSERT_EQ(session->documents().size(), 1U);
    EXPECT_EQ(session->documents().at(0).id, id);
    ASSERT_TRUE(session->ingest({}, {}));
    EXPECT_TRUE(session->pages(id).at(1).isByOcr());
    EXPECT_TRUE(session->pages(id).at(1).in_context);
    EXPECT_FALSE(session->pages(id).at(0).isByOcr());
    EXPECT_EQ(session->addDocuments({withOcr(file)}, {}, {})->tokens, 0U) << "nothing is left to be read";
}

TEST_F(OcrSession, AScanThatChangedIsRecognizedAgain) {
    auto session = begun();
    const auto file = scan(false);
    {
        const FakeTesseract fake(m_dir.path(), table());
        ASSERT_TRUE(session->addDocuments({withOcr(file)}, {}, {}));
        ASSERT_TRUE(session->ingest({}, {}));
    }
    scan(false, 300);
    const FakeTesseract fake(m_dir.path(), FakeTesseract::table({{1, 300, 300, 200, 50, "South"}}));
    const auto count = session->refreshDocuments({}, {});
    ASSERT_TRUE(count) << count.error().message;
    EXPECT_EQ(*count, 1);
    EXPECT_EQ(session->pageText(session->documents().at(0).id, 0)->text, "South\n");
    scan(false, 250);
    const EmptyPath nowhere(m_dir.path());
    std::string problem;
    EXPECT_EQ(*session->refreshDocuments([&](const IngestEvent& e) { problem += e.problem; }, {}), 0);
    EXPECT_THAT(problem, testing::AllOf(HasSubstr("install it"), HasSubstr("old text is kept")));
}

TEST_F(OcrSession, WithoutTextInItsPicturesADocumentSaysWhy) {
    const FakeTesseract fake(m_dir.path(), FakeTesseract::table({}));
    auto session = begun();
    ASSERT_TRUE(session->addDocuments({withOcr(scan(false))}, {}, {}));
    const DocumentInfo info = session->documents().at(0);
    EXPECT_EQ(info.state, DocumentState::Failed);
    EXPECT_EQ(info.problem_parts.problem, DocumentProblem::NotRecognized);
    EXPECT_EQ(info.problem_parts.detail, "OCR found no text in the picture of this page");
}

}  // namespace
}  // namespace lectern::test
