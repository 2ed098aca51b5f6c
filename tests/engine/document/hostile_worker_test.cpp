// SPDX-License-Identifier: GPL-3.0-or-later
// Workers that crash, hang, flood and lie: the document costs that document, and no process stays behind.
#include <gmock/gmock.h>

#include <chrono>
#include <thread>

#include "engine/document/page_renderer.h"
#include "engine/document/page_wire.h"
#include "tests/engine/document/pdf_writer.h"
#include "tests/engine/document/reading.h"
#include "tests/support/test_data.h"

namespace lectern::test {
namespace {

using testing::HasSubstr;
using wire::FrameType;

std::string frame(FrameType type, const std::string& payload, std::int64_t claimed = -1) {
    const wire::FrameHead head{type, claimed < 0 ? std::uint32_t(payload.size()) : std::uint32_t(claimed)};
    return std::string(reinterpret_cast<const char*>(&head), sizeof head) + payload;
}

std::string header(std::uint32_t pages) {
    return frame(FrameType::Header, encode(wire::Header{"pdf", "Title", "", pages}));
}

PageText pageSaying(const std::string& text) {
    PageText page;
    page.label = "x";
    page.text = text + "\n";
    return page;
}

std::string page(std::uint32_t index) {
    return frame(FrameType::Page, wire::encode(index, pageSaying("page " + std::to_string(index))));
}

std::string ending() {
    return frame(FrameType::Outline, encode(wire::OutlineMessage{})) + frame(FrameType::End, {});
}

class HostileWorker : public testing::Test {
protected:
    /// A shell script as worker. $RUN is 1, 2, ... for each time it is started; `send N` sends frames N.
    void worker(const std::string& body, const std::vector<std::string>& frames) {
        for (std::size_t i = 0; i < frames.size(); ++i) writeFile(m_dir / ("frames" + std::to_string(i)), frames[i]);
        const std::string dir = m_dir.path().string();
        writeFile(
            m_dir / "worker",
            "#!/bin/sh\ncd '" + dir + "'\necho >> runs\nRUN=$(wc -l < runs)\nsend() { cat frames$1; }\n" + body + "\n");
        std::filesystem::permissions(m_dir / "worker", std::filesystem::perms::owner_all);
    }

    Result<Document> read(std::stop_token stop = {}) {
        ReadRequest request;
        request.file = writeFile(m_dir / "book.pdf", "bytes");
        request.limits.seconds = 10;
        request.limits.seconds_per_page = 0.5;
        const auto start = std::chrono::steady_clock::now();
        auto result = DocumentReader(m_dir / "worker").read(request, {}, stop);
        m_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        EXPECT_TRUE(hasNoChildren());
        EXPECT_LT(m_seconds, 9);
        if (!result) expectClearSentence(result.error(), stop.stop_requested() ? "book.pdf" : "book.pdf");
        return result;
    }

    std::size_t runs() { return std::filesystem::file_size(m_dir / "runs"); }

    TempDir m_dir;
    double m_seconds = 0;
};

TEST_F(HostileWorker, HonestOneIsBelieved) {
    worker("send 0", {header(2) + page(0) + page(1) + ending()});
    const auto document = read();
    ASSERT_TRUE(document) << messageOf(document);
    EXPECT_EQ(document->pages[1].text, "page 1\n");
}

TEST_F(HostileWorker, CrashAtOnceIsAnError) {
    worker("kill -SEGV $$", {});
    const auto result = read();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::BadInput);
    EXPECT_THAT(result.error().message, HasSubstr("signal 11"));
}

TEST_F(HostileWorker, CrashOnAPageCostsThatPage) {
    worker("if [ $RUN = 1 ]; then send 0; kill -SEGV $$; else send 1; fi",
           {header(3) + page(0), header(3) + page(2) + ending()});
    const auto document = read();
    ASSERT_TRUE(document) << messageOf(document);
    EXPECT_EQ(document->pages[0].text, "page 0\n");
    EXPECT_EQ(document->pages[1].state, PageState::Unreadable);
    EXPECT_THAT(document->pages[1].problem, HasSubstr("signal 11"));
    EXPECT_EQ(document->pages[2].text, "page 2\n");
    EXPECT_EQ(runs(), 2u);
}

TEST_F(HostileWorker, HangOnAPageCostsThatPage) {
    worker("if [ $RUN = 1 ]; then send 0; sleep 100; else send 1; fi",
           {header(2) + page(0), header(2) + page(1) + ending()});
    auto document = read();
    ASSERT_TRUE(document) << messageOf(document);
    EXPECT_THAT(document->pages[1].problem, HasSubstr("took too long"));
}

TEST_F(HostileWorker, LostOutlineCostsOnlyTheOutline) {
    worker("send 0; kill -ABRT $$", {header(1) + page(0)});
    const auto document = read();
    ASSERT_TRUE(document) << messageOf(document);
    EXPECT_TRUE(document->outline.empty());
}

TEST_F(HostileWorker, WhatAWorkerSentBeforeItWasAskedIsRead) {
    // The request, with its password, is larger than a socket's buffer: it is still being sent when the worker ends.
    worker("send 0; kill -ABRT $$", {header(1) + page(0)});
    ReadRequest request;
    request.file = writeFile(m_dir / "book.pdf", "bytes");
    request.password = std::string(std::size_t{4} << 20, 'x');
    const auto document = DocumentReader(m_dir / "worker").read(request);
    ASSERT_TRUE(document) << messageOf(document);
    EXPECT_EQ(document->pages[0].text, "page 0\n");
}

TEST_F(HostileWorker, RestartsAreBounded) {
    worker("if [ $RUN = 1 ]; then send 0; else send 1; fi; exit 3", {header(1000) + page(0), header(1000)});
    const auto document = read();
    ASSERT_TRUE(document) << messageOf(document);
    EXPECT_EQ(document->pages.size(), 1000u);
    EXPECT_EQ(document->pages[999].state, PageState::Unreadable);
    EXPECT_THAT(document->pages[999].problem, HasSubstr("status 3"));
    EXPECT_LE(runs(), 10u);
}

TEST_F(HostileWorker, HangBeforeTheFirstPageIsNoRoom) {
    worker("sleep 100", {});
    const auto result = read();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::NoRoom);
    EXPECT_LT(m_seconds, 3);
}

TEST_F(HostileWorker, FloodIsCutOff) {
    worker("send 0; yes", {""});
    EXPECT_FALSE(read());
    worker("send 0; yes", {header(2)});
    EXPECT_FALSE(read());  // no page came from any of the restarts
}

TEST_F(HostileWorker, FloodOfPagesPastTheEndIsCutOff) {
    worker("send 0; while :; do send 1; done", {header(1), page(0)});
    const auto document = read();
    ASSERT_TRUE(document) << messageOf(document);
    EXPECT_EQ(document->pages.size(), 1u);
}

TEST_F(HostileWorker, LengthThatDoesNotComeTakesNoMemoryAndNoTime) {
    worker("send 0; sleep 100", {header(1) + frame(FrameType::Page, "short", wire::kMaxPageBytes)});
    EXPECT_FALSE(read());
    worker("send 0; sleep 100", {frame(FrameType::Header, "short", 0xffffffff)});
    const auto result = read();
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, HasSubstr("nonsense"));
}

TEST_F(HostileWorker, PageCountThatCannotBeIsNonsense) {
    worker("send 0; sleep 100", {header(0xffffffff)});
    EXPECT_FALSE(read());
    worker("send 0; sleep 100", {header(0)});
    EXPECT_FALSE(read());
}

TEST_F(HostileWorker, PageCountThatChangesOnRestartIsNotBelieved) {
    worker("if [ $RUN = 1 ]; then send 0; else send 1; fi", {header(3) + page(0), header(2) + page(1) + ending()});
    const auto document = read();
    ASSERT_TRUE(document);
    EXPECT_EQ(document->pages.size(), 3u);
    EXPECT_EQ(document->pages[1].state, PageState::Unreadable);
}

TEST_F(HostileWorker, WordsOutsideTheTextAreNotBelieved) {
    auto lying = pageSaying("text");
    lying.words = {{0, 4000, {}}};
    worker("send 0; sleep 100", {header(1) + frame(FrameType::Page, wire::encode(0, lying))});
    EXPECT_FALSE(read());
}

TEST_F(HostileWorker, FailureTextIsCleaned) {
    worker("send 0", {frame(FrameType::Failure, encode(wire::Failure{wire::FailureKind::Damaged,
                                                                     "a\nb\x1b[31m\xff" + std::string(9000, 'x')}))});
    EXPECT_FALSE(read());
}

TEST_F(HostileWorker, OneThatIsMissingOrNoProgramIsAnError) {
    EXPECT_FALSE(DocumentReader(m_dir / "nothing").read({writeFile(m_dir / "a.txt", "x"), {}, {}}));
    EXPECT_FALSE(DocumentReader(writeFile(m_dir / "text", "x")).read({m_dir / "a.txt", {}, {}}));
    EXPECT_TRUE(hasNoChildren());
}

TEST_F(HostileWorker, StopWakesAReaderThatWaits) {
    worker("sleep 100", {});
    std::stop_source source;
    std::jthread later([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        source.request_stop();
    });
    const auto result = read(source.get_token());
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::Interrupted);
    EXPECT_LT(m_seconds, 0.45);
}

TEST_F(HostileWorker, RendererSurvivesACrash) {
    PageImage dot{1, 1, {0xff123456u}};
    worker("send 0; if [ $RUN = 1 ]; then kill -SEGV $$; fi; send 1; sleep 100",
           {frame(FrameType::Ready, {}), frame(FrameType::Image, wire::encode(dot))});
    PageRenderer renderer(m_dir / "worker", writeFile(m_dir / "book.pdf", "bytes"));
    const auto lost = renderer.render(0, 72);
    ASSERT_FALSE(lost);
    EXPECT_THAT(lost.error().message, HasSubstr("signal 11"));
    const auto image = renderer.render(0, 72);
    ASSERT_TRUE(image) << image.error().message;
    EXPECT_EQ(image->pixels.at(0), 0xff123456u);
}

TEST_F(HostileWorker, ImageThatLiesAboutItsSizeIsNotBelieved) {
    std::string payload = wire::encode(PageImage{1, 1, {0xff123456u}});
    payload[0] = 2;
    worker("send 0; sleep 100", {frame(FrameType::Ready, {}) + frame(FrameType::Image, payload)});
    PageRenderer renderer(m_dir / "worker", writeFile(m_dir / "book.pdf", "bytes"));
    EXPECT_FALSE(renderer.render(0, 72));
}

TEST(WireDecoding, EveryCutAndEveryFlippedByteIsSurvived) {
    auto text = pageSaying("two words");
    text.words = {{0, 3, {1, 2, 3, 4}}, {4, 9, {5, 6, 7, 8}}};
    const std::string good = wire::encode(7, text);
    ASSERT_TRUE(wire::decodePage(good, 7));
    for (std::size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(wire::decodePage(good.substr(0, size), 7));
    for (std::size_t i = 0; i < good.size(); ++i) {
        for (const int bit : {0, 3, 7}) {
            std::string bad = good;
            bad[i] = char(bad[i] ^ (1 << bit));
            const auto decoded = wire::decodePage(bad, 7);
            if (decoded) {
                for (const auto& w : decoded->words) EXPECT_LE(w.end, decoded->text.size());
            }
        }
    }
}

}  // namespace
}  // namespace lectern::test
