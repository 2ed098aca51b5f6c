// SPDX-License-Identifier: GPL-3.0-or-later
// Pages that are pictures, read by Tesseract: by a script in its place that says what a test wants, and by the real one
// where it is installed.
#include <gmock/gmock.h>

#include <chrono>
#include <cstdlib>
#include <thread>

#include "engine/document/page_renderer.h"
#include "engine/document/passage.h"
#include "engine/document/tesseract.h"
#include "engine/document/tesseract_table.h"
#include "engine/document/word_order.h"
#include "tests/engine/document/fake_tesseract.h"
#include "tests/engine/document/pdf_writer.h"
#include "tests/engine/document/reading.h"
#include "tests/support/test_data.h"

namespace lectern::test {
namespace {

using testing::HasSubstr;

class Ocr : public testing::Test {
protected:
    /// A page of text, and two that are pictures.
    std::filesystem::path scan() {
        PdfWriter pdf;
        pdf.pages = {{textAt(72, 700, "Typed words")}, {blackBox(72, 500, 300, 200)}, {blackBox(72, 300, 300, 200)}};
        return writeFile(m_dir / "scan.pdf", pdf.bytes());
    }

    Result<Document> read(OcrSettings settings = {}, const std::stop_token& stop = {}) {
        ReadRequest request;
        request.file = scan();
        request.ocr = std::move(settings);
        return DocumentReader(workerProgram()).read(request, {}, stop);
    }

    TempDir m_dir;
};

TEST_F(Ocr, WordsAndBoxesLandOnThePage) {
    const FakeTesseract fake(m_dir.path(), FakeTesseract::table({{1, 300, 300, 400, 50, "Scanned"},
                                                                 {1, 750, 310, 300, 40, "words,"},
                                                                 {2, 300, 400, 200, 50, "found."}}));
    const auto document = read();
    ASSERT_TRUE(document) << messageOf(document);
    EXPECT_EQ(document->pages[0].text, "Typed words\n");
    EXPECT_EQ(document->pages[0].problem, "");
    for (const int p : {1, 2}) {
        const PageText& page = document->pages[std::size_t(p)];
        EXPECT_EQ(page.state, PageState::Read);
        EXPECT_EQ(page.text, "Scanned words,\nfound.\n");
        EXPECT_EQ(ocrLanguagesIn(page.problem), "eng");
        ASSERT_EQ(page.words.size(), 3U);
        EXPECT_EQ(wordText(page, 1), "words,");
        EXPECT_NEAR(page.words[1].box.x, 750 * 72 / 300.0, 0.01);
        EXPECT_NEAR(page.words[1].box.width, 300 * 72 / 300.0, 0.01);
        EXPECT_NEAR(page.words[1].box.y, 300 * 72 / 300.0, 0.01) << "as high as its line";
        const auto rects = lineRects(page, 0, std::uint32_t(page.text.size()));
        ASSERT_EQ(rects.size(), 2U);
        EXPECT_NEAR(rects[1].y, 400 * 72 / 300.0, 0.01);
    }
}

TEST_F(Ocr, ThePictureIsTheWholePageInGrey) {
    const FakeTesseract fake(m_dir.path(), FakeTesseract::table({}));
    ASSERT_TRUE(read());
    const std::string picture = fake.lastPicture();
    const std::string head = "P5\n2550 3300\n255\n";
    ASSERT_TRUE(picture.starts_with(head)) << picture.substr(0, 20);
    ASSERT_EQ(picture.size(), head.size() + std::size_t{2550} * 3300);
    EXPECT_EQ(picture[head.size()], char(255));
    EXPECT_EQ(picture[head.size() + std::size_t{1500} * 2550 + 600], char(0)) << "the black box of the last page";
    EXPECT_THAT(fake.lastArguments(), HasSubstr("stdin stdout -l eng --dpi 300 --psm 3"));
}

TEST_F(Ocr, WithoutTextInThePictureThePageStaysOne) {
    const FakeTesseract fake(m_dir.path(), FakeTesseract::table({}));
    const auto document = read();
    ASSERT_TRUE(document) << messageOf(document);
    EXPECT_EQ(document->pages[1].state, PageState::ImageOnly);
    EXPECT_THAT(document->pages[1].problem, HasSubstr("found no text"));
}

TEST_F(Ocr, AProgramThatFailsCostsThePageAlone) {
    const FakeTesseract fake(m_dir.path(), "", "exit 1");
    const auto document = read();
    ASSERT_TRUE(document) << messageOf(document);
    EXPECT_EQ(document->pages[0].state, PageState::Read);
    EXPECT_EQ(document->pages[1].state, PageState::ImageOnly);
    EXPECT_EQ(document->pages[1].problem, "Tesseract failed on this page.");
    EXPECT_TRUE(hasNoChildren());
}

TEST_F(Ocr, AProgramThatHangsIsEndedAtTheLimit) {
    const FakeTesseract fake(m_dir.path(), "", "sleep 60");
    const auto start = std::chrono::steady_clock::now();
    const auto document = read({"eng", 0.3});
    ASSERT_TRUE(document) << messageOf(document);
    EXPECT_THAT(document->pages[1].problem, HasSubstr("longer than 1 s"));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
    EXPECT_TRUE(hasNoChildren());
}

TEST_F(Ocr, CancelEndsTheProgram) {
    const FakeTesseract fake(m_dir.path(), "", "sleep 60");
    std::stop_source stop;
    std::jthread later([&] {
        for (int i = 0; i < 500 && fake.lastArguments().find("stdin") == std::string::npos; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        stop.request_stop();
    });
    const auto start = std::chrono::steady_clock::now();
    const auto document = read({}, stop.get_token());
    ASSERT_FALSE(document);
    EXPECT_EQ(document.error().code, ErrorCode::Interrupted);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
    EXPECT_TRUE(hasNoChildren());
}

TEST_F(Ocr, GarbageIsRefused) {
    const std::string row = FakeTesseract::table({{1, 300, 300, 400, 50, "Good"}});
    for (const std::string& garbage :
         {std::string("Segmentation fault"), row + "5\t1\tx\n", row + std::string(3, '\0'),
          row + "5\t1\t1\t1\t1\t9\t-7\t1\t1\t1\t90\tword\n", row + "5\t1\t1\t1\t1\t9\t99999999999\t1\t1\t1\t90\tword\n",
          row + "5\t1\t1\t1\t1\t9\t1\t1\t1\t1\tnan\tword\n"}) {
        EXPECT_FALSE(tesseractWords(garbage, {2550, 3300, 300})) << garbage;
    }
    const FakeTesseract fake(m_dir.path(), "Segmentation fault");
    const auto document = read();
    ASSERT_TRUE(document) << messageOf(document);
    EXPECT_EQ(document->pages[1].state, PageState::ImageOnly);
    EXPECT_THAT(document->pages[1].problem, HasSubstr("nonsense"));
}

TEST_F(Ocr, OddRowsAreRepairedOrLeftOut) {
    const auto words = tesseractWords(FakeTesseract::table({{1, 10, 10, 20, 10, "a\xff"},
                                                            {1, 40, 10, 9000, 10, "wide"},
                                                            {1, 60, 10, 20, 10, "  "},
                                                            {1, 9000, 10, 20, 10, "outside"}}),
                                      {100, 100, 72});
    ASSERT_TRUE(words);
    ASSERT_EQ(words->size(), 2U);
    EXPECT_EQ((*words)[0].text, U"a\xfffd");
    EXPECT_FLOAT_EQ((*words)[1].box.width, 60);
}

TEST_F(Ocr, RightToLeftWordsComeInReadingOrder) {
    for (const std::u32string word : {U"שלום", U"שָׁלוֹם", U"(עברית)", U"كتاب", U"plain", U"בשנת1948"})
        EXPECT_EQ(logicalOrder(drawnOrder(word), {}), word);
    const auto words = tesseractWords(
        FakeTesseract::table({{1, 200, 10, 50, 20, "שלום"}, {1, 100, 10, 60, 20, "עולם"}}), {300, 100, 72});
    ASSERT_TRUE(words);
    PageText page;
    composePage(*words, page);
    EXPECT_EQ(page.text, "שלום עולם\n");
}

TEST_F(Ocr, ChineseHasNoSpacesBetweenItsWords) {
    const auto words = tesseractWords(
        FakeTesseract::table({{1, 10, 10, 40, 20, "中文"}, {1, 51, 10, 40, 20, "文字"}, {1, 95, 10, 40, 20, "PDF"}}),
        {300, 100, 72});
    ASSERT_TRUE(words);
    PageText page;
    composePage(*words, page);
    EXPECT_EQ(page.text, "中文文字 PDF\n");
}

TEST_F(Ocr, AbsentProgramIsSaidWithHowToInstallIt) {
    const EmptyPath nowhere(m_dir.path());
    EXPECT_FALSE(Tesseract::isInstalled());
    const auto document = read();
    ASSERT_FALSE(document);
    EXPECT_EQ(document.error().code, ErrorCode::Failed);
    EXPECT_THAT(document.error().message, HasSubstr("install it"));
}

TEST_F(Ocr, LanguagesAreThoseThatAreInstalled) {
    const FakeTesseract fake(m_dir.path(), "");
    EXPECT_TRUE(Tesseract::isInstalled());
    EXPECT_EQ(Tesseract::find("")->languages(), "eng");
    EXPECT_EQ(Tesseract::find("deu+eng")->languages(), "deu+eng");
    for (const char* wrong : {"fra", "eng+", "osd", "--help", "../eng"}) {
        const auto found = Tesseract::find(wrong);
        ASSERT_FALSE(found) << wrong;
        EXPECT_EQ(found.error().code, ErrorCode::Usage);
        EXPECT_THAT(found.error().message, HasSubstr("deu, eng"));
    }
}

TEST_F(Ocr, TheRealOneReadsALineOfType) {
    if (!Tesseract::isInstalled()) GTEST_SKIP() << "tesseract is not installed";
    PdfWriter pdf;
    pdf.pages = {{textAt(72, 600, "The lighthouse keeper lit the lamp.", 24)}};
    const auto file = writeFile(m_dir / "type.pdf", pdf.bytes());
    const auto typed = readDocument(file);
    ASSERT_TRUE(typed) << messageOf(typed);
    const auto picture = PageRenderer(workerProgram(), file).render(0, 300);
    ASSERT_TRUE(picture) << picture.error().message;
    const auto tesseract = Tesseract::find("");
    ASSERT_TRUE(tesseract) << tesseract.error().message;
    PageText page;
    page.state = PageState::ImageOnly;
    const auto read = tesseract->read(*picture, 300, 60, {}, page);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(page.text, typed->pages[0].text);
    ASSERT_EQ(page.words.size(), typed->pages[0].words.size());
    for (std::size_t w = 0; w < page.words.size(); ++w) {
        EXPECT_NEAR(page.words[w].box.x, typed->pages[0].words[w].box.x, 4);
        EXPECT_NEAR(page.words[w].box.y, typed->pages[0].words[w].box.y, 10);
    }
}

}  // namespace
}  // namespace lectern::test
