// SPDX-License-Identifier: GPL-3.0-or-later
// The public test files: each ends in text or in one sentence, and the text is the one people read.
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>

#include "tests/engine/document/pdf_writer.h"
#include "tests/engine/document/reading.h"
#include "tests/support/test_data.h"

namespace lectern::test {
namespace {

std::vector<std::filesystem::path> pdfsBelow(const std::filesystem::path& root) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
        if (entry.path().extension() == ".pdf") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::string slurp(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string wholeText(const Document& document) {
    std::string all;
    for (const auto& page : document.pages) all += page.text;
    return all;
}

TEST(Corpus, EveryFileEndsInTextOrOneSentence) {
    const auto root = testData("pdf");
    if (!root) GTEST_SKIP() << "no test data";
    for (const auto& file : pdfsBelow(*root)) {
        const auto start = std::chrono::steady_clock::now();
        const auto document = readDocument(file);
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        const std::string name = file.filename().string();
        EXPECT_LT(seconds, 60) << name;
        if (!document) {
            std::printf("%7.2f s  %-44s %s\n", seconds, name.c_str(), document.error().message.c_str());
            expectClearSentence(document.error(), name);
            EXPECT_EQ(document.error().code, ErrorCode::BadInput) << name;
            continue;
        }
        expectSound(*document);
        int states[4] = {};
        for (const auto& page : document->pages) ++states[int(page.state)];
        std::printf("%7.2f s  %-44s %zu pages: %d read, %d empty, %d images, %d unreadable; %zu outline items\n",
                    seconds, name.c_str(), document->pages.size(), states[0], states[1], states[2], states[3],
                    document->outline.size());
    }
    EXPECT_TRUE(hasNoChildren());
}

TEST(Corpus, TruncatedBookEndsInTextOrOneSentence) {
    const auto file = testData("pdf/long/freeculture.pdf");
    if (!file) GTEST_SKIP() << "no test data";
    const TempDir dir;
    const std::string bytes = slurp(*file);
    for (const double share : {0.0001, 0.01, 0.3, 0.7, 0.99, 0.99999}) {
        const auto cut =
            writeFile(dir / "cut.pdf", std::string_view(bytes).substr(0, std::size_t(double(bytes.size()) * share)));
        const auto document = readDocument(cut);
        std::printf(
            "%8.5f  %s\n", share,
            document ? (std::to_string(document->pages.size()) + " pages").c_str() : messageOf(document).c_str());
        if (document) {
            expectSound(*document);
        } else {
            expectClearSentence(document.error(), "cut.pdf");
        }
    }
}

TEST(Corpus, LockedFilesOpenWithTheirPasswordsOnly) {
    const auto root = testData("pdf/encrypted");
    if (!root) GTEST_SKIP() << "no test data";
    const std::multimap<std::string, std::string> passwords = {
        {"2206.01062_pg3.pdf", "1234"},
        {"encrypted-256.pdf", "user-secret"},
        {"encrypted-256.pdf", "owner-secret"},
        {"issue21579.pdf", "p\u00e4ssw\u00f6rt"},
        {"issue6010_1.pdf", "abc"},
        {"libreoffice-writer-password.pdf", "openpassword"},
        {"password-example.pdf", "test"},
    };
    for (const auto& [name, password] : passwords) {
        const auto locked = readDocument(*root / name);
        ASSERT_FALSE(locked) << name;
        EXPECT_TRUE(DocumentReader::needsPassword(locked.error())) << name;
        const auto wrong = readDocument(*root / name, "wrong");
        ASSERT_FALSE(wrong) << name;
        EXPECT_TRUE(DocumentReader::needsPassword(wrong.error())) << name;
        const auto open = readDocument(*root / name, password);
        EXPECT_TRUE(open) << name << ": " << messageOf(open);
    }
    EXPECT_TRUE(readDocument(*root / "protected.pdf"));
}

/// Lower-case words without punctuation; what Markdown adds is no letter anyway.
std::vector<std::string> wordsOf(const std::string& text) {
    std::vector<std::string> out;
    std::string spaced;
    for (std::string_view rest = text; !rest.empty();) {
        const auto next = unicode::decode(rest);
        const auto key = unicode::matchKey(rest.substr(0, next.bytes));
        spaced += key.empty() ? " " : std::string(rest.substr(0, next.bytes));
        rest.remove_prefix(next.bytes);
    }
    std::istringstream in(spaced);
    for (std::string word; in >> word;) out.push_back(unicode::matchKey(word));
    return out;
}

/// Length of the longest common subsequence as a share of `truth`: words that are there, in the right order.
double wordsInOrder(const std::vector<std::string>& truth, const std::vector<std::string>& text) {
    std::vector<std::size_t> before(text.size() + 1), now(text.size() + 1);
    for (const auto& word : truth) {
        for (std::size_t j = 0; j < text.size(); ++j) {
            now[j + 1] = word == text[j] ? before[j] + 1 : std::max(before[j + 1], now[j]);
        }
        std::swap(before, now);
    }
    return double(before.back()) / double(std::max<std::size_t>(1, truth.size()));
}

struct Truth {
    const char* pdf;
    double in_order;  ///< a little under what was measured
};

TEST(Corpus, TextAgreesWithGroundTruthInOrder) {
    const auto root = testData("pdf");
    if (!root) GTEST_SKIP() << "no test data";
    const Truth truths[] = {{"papers-layout/multi_page", 0.99},        {"papers-layout/code_and_formula", 0.985},
                            {"papers-layout/2305.03393v1-pg9", 0.85},  {"rtl-and-scripts/right_to_left_01", 0.9},
                            {"rtl-and-scripts/right_to_left_03", 0.9}, {"cjk/normal_4pages", 0.8}};
    for (const auto& truth : truths) {
        const auto document = readDocument(*root / (std::string(truth.pdf) + ".pdf"));
        ASSERT_TRUE(document) << messageOf(document);
        const auto name = std::filesystem::path(truth.pdf).filename().string();
        const double share =
            wordsInOrder(wordsOf(slurp(*root / "ground-truth" / (name + ".md"))), wordsOf(wholeText(*document)));
        std::printf("%-24s %.4f of the words in order\n", name.c_str(), share);
        EXPECT_GE(share, truth.in_order) << name;
    }
}

TEST(Corpus, TwoColumnsAreReadOneAfterTheOther) {
    const auto file = testData("pdf/papers-layout/tracemonkey.pdf");
    if (!file) GTEST_SKIP() << "no test data";
    const auto document = readDocument(*file);
    ASSERT_TRUE(document);
    const std::string& text = document->pages[0].text;
    const auto left =
        text.find("Dynamic languages such as JavaScript are more difficult to compile than statically typed ones.");
    const auto end = text.find("used for the application logic of browser-based");
    const auto right = text.find("We present a trace-based compilation technique");
    EXPECT_NE(left, std::string::npos);
    EXPECT_LT(left, end);
    EXPECT_LT(end, right);
    EXPECT_NE(right, std::string::npos);
}

TEST(Corpus, SpeedOfLongBooks) {
    for (const char* name : {"freeculture.pdf", "riscv-spec-v2.2.pdf"}) {
        const auto file = testData(std::string("pdf/long/") + name);
        if (!file) GTEST_SKIP() << "no test data";
        rusage before{}, after{};
        getrusage(RUSAGE_CHILDREN, &before);
        const auto start = std::chrono::steady_clock::now();
        const auto document = readDocument(*file);
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        getrusage(RUSAGE_CHILDREN, &after);
        ASSERT_TRUE(document);
        const double busy = double(after.ru_utime.tv_sec - before.ru_utime.tv_sec) +
                            double(after.ru_utime.tv_usec - before.ru_utime.tv_usec) * 1e-6;
        const auto pages = double(document->pages.size());
        std::printf("%-22s %.0f pages/s (%.0f per processor second of the worker)\n", name, pages / seconds,
                    pages / busy);
        EXPECT_GT(pages / seconds, 5) << name;
    }
}

}  // namespace
}  // namespace lectern::test
