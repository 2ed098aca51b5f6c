// SPDX-License-Identifier: GPL-3.0-or-later
// Reading generated documents through the worker: what comes out, and the sentence for each thing that is wrong.
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <thread>
#include <utility>

#include "engine/base/sanitizers.h"
#include "tests/engine/document/pdf_writer.h"
#include "tests/engine/document/reading.h"
#include "tests/support/test_data.h"

namespace lectern::test {
namespace {

using testing::HasSubstr;

PdfWriter threePages() {
    PdfWriter pdf;
    pdf.pages = {{linesAt(72, 700, {"The first page speaks of compil-", "ation and of well-known facts."})},
                 {blackBox(100, 100, 300, 300)},
                 {""}};
    return pdf;
}

class Reader : public testing::Test {
protected:
    Result<Document> read(std::string_view name, std::string_view bytes) {
        return readDocument(writeFile(m_dir / name, bytes));
    }
    void expectError(std::string_view name, std::string_view bytes, const std::string& part,
                     ErrorCode code = ErrorCode::BadInput) {
        const auto result = read(name, bytes);
        ASSERT_FALSE(result) << name;
        EXPECT_EQ(result.error().code, code);
        EXPECT_THAT(result.error().message, HasSubstr(part));
        expectClearSentence(result.error(), std::string(name));
        EXPECT_TRUE(hasNoChildren());
    }
    TempDir m_dir;
};

TEST_F(Reader, PdfGivesTextStatesMetadataAndSize) {
    const auto document = read("three.pdf", threePages().bytes());
    ASSERT_TRUE(document) << messageOf(document);
    expectSound(*document);
    EXPECT_EQ(document->name, "three.pdf");
    EXPECT_EQ(document->kind, "pdf");
    EXPECT_EQ(document->title, "A title");
    EXPECT_EQ(document->author, "An author");
    EXPECT_TRUE(document->source.is_absolute());
    EXPECT_EQ(document->file_bytes, std::filesystem::file_size(document->source));
    ASSERT_EQ(document->pages.size(), 3u);
    EXPECT_EQ(document->pages[0].state, PageState::Read);
    EXPECT_EQ(document->pages[0].text, "The first page speaks of compilation and of well-known facts.\n");
    EXPECT_EQ(document->pages[0].width, 612);
    EXPECT_EQ(document->pages[0].height, 792);
    EXPECT_EQ(document->pages[1].state, PageState::ImageOnly);
    EXPECT_EQ(document->pages[2].state, PageState::Empty);
    EXPECT_EQ(document->pages[2].label, "3");
    EXPECT_TRUE(hasNoChildren());
}

TEST_F(Reader, WordsHaveTheirBytesAndTheirBoxes) {
    const auto document = read("three.pdf", threePages().bytes());
    ASSERT_TRUE(document);
    const PageText& page = document->pages[0];
    ASSERT_GE(page.words.size(), 7u);
    EXPECT_EQ(wordText(page, 0), "The");
    EXPECT_EQ(wordText(page, 5), "compil");
    EXPECT_EQ(wordText(page, 6), "ation");
    EXPECT_EQ(page.words[5].end, page.words[6].begin);
    EXPECT_NEAR(page.words[0].box.x, 72, 1);
    EXPECT_LT(page.words[0].box.y, 792 - 700);
    EXPECT_GT(page.words[0].box.y + page.words[0].box.height, 792 - 700);
    EXPECT_GT(page.words[6].box.y, page.words[5].box.y + 10);
}

TEST_F(Reader, RotatedPageHasTheSizeAndBoxesThatAreShown) {
    PdfWriter pdf;
    pdf.pages = {{textAt(100, 700, "Sideways"), 90}};
    const auto document = read("rotated.pdf", pdf.bytes());
    ASSERT_TRUE(document) << messageOf(document);
    const PageText& page = document->pages[0];
    EXPECT_EQ(page.width, 792);
    EXPECT_EQ(page.height, 612);
    EXPECT_EQ(page.text, "Sideways\n");
    const Rect box = page.words.at(0).box;  // turned clockwise: x = y of the page, y = x of the page
    EXPECT_GT(box.height, box.width);
    EXPECT_NEAR(box.y, 100, 2);
    EXPECT_NEAR(box.x, 700, 5);
}

TEST_F(Reader, PageLabelsComeAsPrinted) {
    auto pdf = threePages();
    pdf.catalog_extra = "/PageLabels << /Nums [0 << /S /r >> 2 << /S /D /P (A-) >>] >>";
    const auto document = read("labels.pdf", pdf.bytes());
    ASSERT_TRUE(document);
    EXPECT_EQ(document->pages[0].label, "i");
    EXPECT_EQ(document->pages[1].label, "ii");
    EXPECT_EQ(document->pages[2].label, "A-1");
}

TEST_F(Reader, ContentDecidesNotTheName) {
    const auto pdf = read("story.txt", threePages().bytes());
    ASSERT_TRUE(pdf) << messageOf(pdf);
    EXPECT_EQ(pdf->kind, "pdf");
    const auto text = read("story.pdf", "It is only a text about %PDF-1.4 files.\n");
    ASSERT_TRUE(text) << messageOf(text);
    EXPECT_EQ(text->kind, "text");
}

TEST_F(Reader, WhatCannotBeReadIsToldInOneSentence) {
    expectError("picture.pdf", "\x89PNG\r\n\x1a\n\x01\x02\x03", "looks like a binary file (PNG image (image/png))");
    expectError("data.txt", std::string("\x01\x02\x00\x03\xff\xfe\x00\x07\x08", 9), "looks like a binary file");
    expectError("empty.pdf", "", "is empty");
    PdfWriter none;
    expectError("none.pdf", none.bytes(), "has no pages");
    expectError("cut.pdf", threePages().bytes().substr(0, 40), "damaged");
}

TEST_F(Reader, WhatIsNotAFileIsToldInOneSentence) {
    const auto expect = [](const std::filesystem::path& file, const std::string& part) {
        const auto result = readDocument(file);
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().code, ErrorCode::BadInput);
        EXPECT_THAT(result.error().message, HasSubstr(part));
        EXPECT_TRUE(result.error().message.ends_with('.'));
    };
    expect(m_dir / "nowhere.pdf", "\"nowhere.pdf\" does not exist");
    expect(m_dir.path(), "is a folder");
    expect("/dev/zero", "\"zero\" is not a regular file");
    ASSERT_EQ(mkfifo((m_dir / "pipe.pdf").c_str(), 0600), 0);
    expect(m_dir / "pipe.pdf", "is not a regular file");
    if (geteuid() != 0) {
        writeFile(m_dir / "secret.txt", "text");
        std::filesystem::permissions(m_dir / "secret.txt", std::filesystem::perms::none);
        expect(m_dir / "secret.txt", "cannot be opened");
    }
}

TEST_F(Reader, OneBrokenPageCostsThatPageOnly) {
    auto pdf = threePages();
    pdf.pages[1].content = "this is no page ( << [ at all";
    pdf.pages[2].content = textAt(72, 700, "The last page");
    const auto document = read("broken.pdf", pdf.bytes());
    ASSERT_TRUE(document) << messageOf(document);
    expectSound(*document);
    ASSERT_EQ(document->pages.size(), 3u);
    EXPECT_EQ(document->pages[0].state, PageState::Read);
    EXPECT_EQ(document->pages[1].state, PageState::Unreadable);
    EXPECT_EQ(document->pages[2].text, "The last page\n");
}

TEST_F(Reader, SameBytesHaveTheSameHashAndOthersDoNot) {
    const auto a = read("a.txt", "some text"), b = read("b.txt", "some text"), c = read("c.txt", "some texT");
    ASSERT_TRUE(a && b && c);
    EXPECT_EQ(a->content_hash, b->content_hash);
    EXPECT_NE(a->content_hash, c->content_hash);
}

TEST_F(Reader, FileThatChangesWhileItIsReadIsAnError) {
    std::string text;
    for (int i = 0; i < 4000; ++i) text += "A line of a longer text that makes pages.\n";
    const auto file = writeFile(m_dir / "growing.txt", text);
    bool grown = false;
    ReadRequest request;
    request.file = file;
    const auto result = DocumentReader(workerProgram()).read(request, [&](int, int) {
        if (!std::exchange(grown, true)) std::ofstream(file, std::ios::app) << "more";
    });
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, HasSubstr("changed while it was being read"));
    expectClearSentence(result.error(), "growing.txt");
}

TEST_F(Reader, ProgressCountsEveryPage) {
    std::vector<std::pair<int, int>> seen;
    ReadRequest request;
    request.file = writeFile(m_dir / "three.pdf", threePages().bytes());
    ASSERT_TRUE(DocumentReader(workerProgram()).read(request, [&](int done, int all) { seen.push_back({done, all}); }));
    EXPECT_THAT(seen, testing::ElementsAre(std::pair(1, 3), std::pair(2, 3), std::pair(3, 3)));
}

TEST_F(Reader, StopTokenEndsReadingAtOnce) {
    std::string text(20'000'000, 'x');
    for (std::size_t i = 80; i < text.size(); i += 81) text[i] = '\n';
    ReadRequest request;
    request.file = writeFile(m_dir / "long.txt", text);
    std::stop_source source;
    std::chrono::steady_clock::time_point stopped;
    const auto result = DocumentReader(workerProgram())
                            .read(
                                request,
                                [&](int, int) {
                                    if (source.request_stop()) stopped = std::chrono::steady_clock::now();
                                },
                                source.get_token());
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::Interrupted);
    expectClearSentence(result.error(), "long.txt");
    EXPECT_LT(std::chrono::steady_clock::now() - stopped, std::chrono::seconds(1));
    EXPECT_TRUE(hasNoChildren());
}

TEST_F(Reader, TextLimitIsNoRoom) {
    ReadRequest request;
    request.file = writeFile(m_dir / "long.txt", std::string(5000, 'x'));
    request.limits.text_bytes = 1000;
    const auto result = DocumentReader(workerProgram()).read(request);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::NoRoom);
}

TEST_F(Reader, MemoryLimitIsNoRoom) {
#if defined(LECTERN_ASAN) || defined(LECTERN_TSAN)
    GTEST_SKIP() << "a sanitizer's shadow memory cannot be limited";
#endif
    ReadRequest request;
    request.file = writeFile(m_dir / "long.txt", std::string(50'000'000, 'x'));
    request.limits.memory_bytes = 20'000'000;
    const auto result = DocumentReader(workerProgram()).read(request);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::NoRoom);
    expectClearSentence(result.error(), "long.txt");
}

TEST_F(Reader, SentencesAboutAFileCalledPasswordNeedNone) {
    const auto result = readDocument(m_dir / "open it with the document's password.");
    ASSERT_FALSE(result);
    EXPECT_FALSE(DocumentReader::needsPassword(result.error()));
}

TEST_F(Reader, ReadersOnManyThreadsDoNotMeet) {
    const auto file = writeFile(m_dir / "three.pdf", threePages().bytes());
    std::vector<std::jthread> threads;
    std::array<int, 4> good{};
    for (auto& count : good) {
        threads.emplace_back([&count, file] {
            for (int i = 0; i < 5; ++i) count += readDocument(file) ? 1 : 0;
        });
    }
    threads.clear();
    EXPECT_THAT(good, testing::Each(5));
}

}  // namespace
}  // namespace lectern::test
