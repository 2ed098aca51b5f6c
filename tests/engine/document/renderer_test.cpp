// SPDX-License-Identifier: GPL-3.0-or-later
// Pages as pictures, and that word boxes lie where the picture has ink.
#include <gmock/gmock.h>

#include <algorithm>

#include "engine/document/page_renderer.h"
#include "tests/engine/document/pdf_writer.h"
#include "tests/engine/document/reading.h"
#include "tests/support/test_data.h"

namespace lectern::test {
namespace {

bool isInk(std::uint32_t pixel) {
    return (pixel & 0xff) < 0x80;
}

struct Fit {
    double ink_in_boxes = 0;    ///< share of the picture's ink that lies in a box of a word
    double boxes_with_ink = 0;  ///< share of the boxes
};

/// Each box is grown by a pixel.
Fit fitOf(const PageImage& image, const PageText& page, double dpi) {
    std::vector<bool> boxed(image.pixels.size());
    const double scale = dpi / 72;
    std::size_t inked = 0;
    for (const auto& word : page.words) {
        const int left = std::max(0, int(word.box.x * scale) - 1), top = std::max(0, int(word.box.y * scale) - 1);
        const int right = std::min(image.width, int((word.box.x + word.box.width) * scale) + 2);
        const int bottom = std::min(image.height, int((word.box.y + word.box.height) * scale) + 2);
        bool any = false;
        for (int y = top; y < bottom; ++y) {
            for (int x = left; x < right; ++x) {
                const auto at = std::size_t(y) * std::size_t(image.width) + std::size_t(x);
                boxed[at] = true;
                any = any || isInk(image.pixels[at]);
            }
        }
        inked += any ? 1 : 0;
    }
    double ink = 0, inside = 0;
    for (std::size_t i = 0; i < image.pixels.size(); ++i) {
        if (!isInk(image.pixels[i])) continue;
        ++ink;
        inside += boxed[i] ? 1 : 0;
    }
    return {inside / std::max(1.0, ink), double(inked) / double(std::max<std::size_t>(1, page.words.size()))};
}

class Renderer : public testing::Test {
protected:
    std::filesystem::path write(int rotate = 0) {
        PdfWriter pdf;
        pdf.pages = {{linesAt(72, 700, {"Some words", "on three", "lines"}), rotate}, {""}};
        return writeFile(m_dir / "pages.pdf", pdf.bytes());
    }
    TempDir m_dir;
};

TEST_F(Renderer, PageHasItsSizeAndItsInkInTheBoxes) {
    for (const int rotate : {0, 90, 180, 270}) {
        const auto file = write(rotate);
        const auto document = readDocument(file);
        ASSERT_TRUE(document);
        PageRenderer renderer(workerProgram(), file);
        const auto image = renderer.render(0, 144);
        ASSERT_TRUE(image) << image.error().message;
        EXPECT_EQ(image->width, rotate % 180 == 0 ? 1224 : 1584);
        EXPECT_EQ(image->height, rotate % 180 == 0 ? 1584 : 1224);
        EXPECT_GT(fitOf(*image, document->pages[0], 144).ink_in_boxes, 0.95) << rotate;
        EXPECT_THAT(image->pixels, testing::Each(testing::Truly([](std::uint32_t p) { return p >> 24 == 0xff; })));
    }
}

TEST_F(Renderer, KeepsItsProcessFromPageToPage) {
    PageRenderer renderer(workerProgram(), write());
    ASSERT_TRUE(renderer.render(0, 36));
    const auto blank = renderer.render(1, 36);
    ASSERT_TRUE(blank);
    EXPECT_TRUE(std::none_of(blank->pixels.begin(), blank->pixels.end(), isInk));
    ASSERT_TRUE(renderer.render(0, 72));
}

TEST_F(Renderer, WrongPagesAndSizesAreErrorsAndItGoesOn) {
    PageRenderer renderer(workerProgram(), write());
    EXPECT_FALSE(renderer.render(-1, 72));
    EXPECT_FALSE(renderer.render(2, 72));
    EXPECT_FALSE(renderer.render(1'000'000'000, 72));
    EXPECT_FALSE(renderer.render(0, 0));
    EXPECT_FALSE(renderer.render(0, 1e9));
    const auto large = renderer.render(0, 2400);
    ASSERT_FALSE(large);
    EXPECT_EQ(large.error().code, ErrorCode::NoRoom);
    EXPECT_TRUE(renderer.render(0, 72));
}

TEST_F(Renderer, StoppedRequestLeavesItUsable) {
    PageRenderer renderer(workerProgram(), write());
    std::stop_source source;
    source.request_stop();
    const auto stopped = renderer.render(0, 72, source.get_token());
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, ErrorCode::Interrupted);
    EXPECT_TRUE(renderer.render(0, 72));
}

TEST_F(Renderer, TextFilesAndLockedFilesAreErrors) {
    PageRenderer text(workerProgram(), writeFile(m_dir / "a.txt", "text"));
    EXPECT_FALSE(text.render(0, 72));
    const auto locked = testData("pdf/encrypted/issue6010_1.pdf");
    if (!locked) GTEST_SKIP() << "no test data";
    PageRenderer without(workerProgram(), *locked);
    const auto refused = without.render(0, 72);
    ASSERT_FALSE(refused);
    EXPECT_TRUE(DocumentReader::needsPassword(refused.error()));
    PageRenderer with(workerProgram(), *locked, "abc");
    EXPECT_TRUE(with.render(0, 72));
}

TEST_F(Renderer, LeavesNoProcess) {
    { ASSERT_TRUE(PageRenderer(workerProgram(), write()).render(0, 72)); }
    EXPECT_TRUE(hasNoChildren());
}

TEST(RendererCorpus, BoxesOfRealPagesLieOnTheInk) {
    for (const char* name : {"pdf/papers-layout/multi_page.pdf", "pdf/extraction-gotchas/rotated.pdf",
                             "pdf/tables-forms/nics-background-checks-2015-11-rotated.pdf"}) {
        const auto file = testData(name);
        if (!file) GTEST_SKIP() << "no test data";
        const auto document = readDocument(*file);
        ASSERT_TRUE(document);
        PageRenderer renderer(workerProgram(), *file);
        const auto image = renderer.render(0, 110);
        ASSERT_TRUE(image) << image.error().message;
        const Fit fit = fitOf(*image, document->pages[0], 110);
        std::printf("%-60s %.3f of the ink in boxes, %.3f of the boxes with ink\n", name, fit.ink_in_boxes,
                    fit.boxes_with_ink);
        EXPECT_GT(fit.ink_in_boxes, 0.5) << name;  // the table has ruled lines
        EXPECT_GT(fit.boxes_with_ink, 0.9) << name;
    }
}

}  // namespace
}  // namespace lectern::test
