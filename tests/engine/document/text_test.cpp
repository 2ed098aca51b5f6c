// SPDX-License-Identifier: GPL-3.0-or-later
// Plain text and Markdown: encodings, pages, headings, and what is not text at all.
#include <gmock/gmock.h>

#include "engine/document/file_kind.h"
#include "engine/document/text_pages.h"
#include "tests/engine/document/pdf_writer.h"
#include "tests/engine/document/reading.h"
#include "tests/support/test_data.h"

namespace lectern::test {
namespace {

using Type = FileKind::Type;
using namespace std::string_literals;

std::string utf16(std::string_view utf8, bool big_endian) {
    std::string out;
    for (const char32_t c : unicode::toUtf32(utf8)) {
        out.push_back(char(big_endian ? c >> 8 : c & 0xff));
        out.push_back(char(big_endian ? c & 0xff : c >> 8));
    }
    return out;
}

std::string textOf(std::string_view bytes, std::string_view name = "text.txt") {
    const TempDir dir;
    const auto document = readDocument(writeFile(dir / name, bytes));
    if (!document) return document.error().message;
    expectSound(*document);
    std::string all;
    for (const auto& page : document->pages) all += page.text;
    return all;
}

constexpr std::string_view kSample = "Caf\u00e9 \u201cna\u00efve\u201d \u20ac 5 \u2014 fin.\n";

TEST(TextEncoding, EachGivesTheSameText) {
    EXPECT_EQ(textOf(kSample), kSample);
    EXPECT_EQ(textOf("\xef\xbb\xbf"s + std::string(kSample)), kSample);
    EXPECT_EQ(textOf("\xff\xfe"s + utf16(kSample, false)), kSample);
    EXPECT_EQ(textOf("\xfe\xff"s + utf16(kSample, true)), kSample);
    EXPECT_EQ(textOf(utf16(kSample, false)), kSample);
    EXPECT_EQ(textOf(utf16(kSample, true)), kSample);
    EXPECT_EQ(textOf("Caf\xe9 \x93na\xefve\x94 \x80 5 \x97 fin.\n"), kSample);
}

TEST(TextEncoding, TextIsComposedAndCleaned) {
    EXPECT_EQ(textOf("e\u0301 \ufb01n\u00a0a\u00adb\x07\u200e\r\nnext\rlast"), "\u00e9 fin ab\nnext\nlast\n");
}

TEST(TextEncoding, OneWrongByteDoesNotTurnUtf8IntoLatin) {
    std::string text;
    for (int i = 0; i < 200; ++i) text += "\u00e4\u00f6\u00fc ";
    EXPECT_EQ(textOf(text + "\xe4"), text + "\ufffd\n");
}

TEST(TextKind, BinaryFilesAreNamed) {
    EXPECT_EQ(fileKind("PK\x03\x04rest").what, "ZIP archive (application/zip)");
    EXPECT_EQ(fileKind("\x7f"
                       "ELF\x02\x01")
                  .what,
              "program (application/x-executable)");
    std::string noise;
    for (unsigned i = 0, x = 1; i < 4000; ++i) noise.push_back(char((x = x * 1664525 + 1013904223) >> 24));
    EXPECT_EQ(fileKind(noise).type, Type::Binary);
    EXPECT_EQ(fileKind("").type, Type::Empty);
    EXPECT_EQ(fileKind("\n\n %PDF-1.7\n").type, Type::Pdf);
    EXPECT_EQ(fileKind("About %PDF-1.7 headers").type, Type::Text);
}

TEST(TextPages, FormFeedsAreBreaks) {
    const TempDir dir;
    const auto document = readDocument(writeFile(dir / "a.txt", "one\n\ftwo\n\f\fthree\n"));
    ASSERT_TRUE(document);
    ASSERT_EQ(document->pages.size(), 4u);
    EXPECT_EQ(document->pages[1].text, "two\n");
    EXPECT_EQ(document->pages[2].state, PageState::Empty);
    EXPECT_EQ(document->pages[3].text, "three\n");
    EXPECT_EQ(document->pages[3].label, "4");
    EXPECT_EQ(document->kind, "text");
}

TEST(TextPages, CutsFallBetweenParagraphsAndLoseNothing) {
    std::string text;
    for (int i = 0; i < 200; ++i) {
        text += "Paragraph " + std::to_string(i) + " begins here.\nIt has a second line with more of its words.\n\n";
    }
    const auto starts = cutPages(text);
    ASSERT_GE(starts.size(), 4u);
    for (std::size_t i = 1; i < starts.size(); ++i) {
        EXPECT_EQ(text.substr(starts[i] - 2, 2), "\n\n");
        const auto size = starts[i] - starts[i - 1];
        EXPECT_GE(size, kLeastPageChars);
        EXPECT_LE(size, kMostPageChars);
        EXPECT_NEAR(double(size), double(kPageChars), 200);
    }
    EXPECT_EQ(starts.front(), 0u);
}

TEST(TextPages, TextWithoutAnyBreakIsCutBetweenCharacters) {
    std::string text;
    for (int i = 0; i < 10'000; ++i) text += "\u6f22";
    const auto starts = cutPages(text);
    EXPECT_EQ(starts.size(), 3u);
    for (const auto start : starts) EXPECT_EQ(start % 3, 0u);
}

TEST(Markdown, HeadingsMakeTheOutline) {
    const std::string text =
        "Title\n=====\n\n## First ##\ntext\n\n```\n# not a heading\n```\n\nSecond\n---\n\n#hashtag\n\n#### Deep\n- "
        "list\n---\n# Top\n";
    const auto outline = markdownOutline(text, {0, text.find("Second")});
    std::vector<std::string> seen;
    for (const auto& item : outline)
        seen.push_back(std::to_string(item.level) + " " + item.title + " " + std::to_string(item.page));
    EXPECT_THAT(seen, testing::ElementsAre("0 Title 0", "1 First 0", "1 Second 1", "2 Deep 1", "0 Top 1"));
}

TEST(Markdown, KindFollowsTheExtension) {
    const TempDir dir;
    const auto document = readDocument(writeFile(dir / "notes.MD", "# Notes\n\ntext\n"));
    ASSERT_TRUE(document);
    EXPECT_EQ(document->kind, "markdown");
    ASSERT_EQ(document->outline.size(), 1u);
    EXPECT_EQ(document->outline[0].title, "Notes");
    EXPECT_EQ(document->outline[0].page, 0);
}

}  // namespace
}  // namespace lectern::test
