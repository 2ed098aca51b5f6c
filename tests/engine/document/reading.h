// SPDX-License-Identifier: GPL-3.0-or-later
// What the document tests share: the worker's place, short ways to read, promises that hold for every document.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cerrno>
#include <filesystem>
#include <string>

#include "engine/document/document.h"
#include "engine/document/unicode.h"

namespace lectern::test {

inline std::filesystem::path workerProgram() {
    return std::filesystem::path(LECTERN_BINARY_DIR) / "bin" / "lectern-document-worker";
}

inline Result<Document> readDocument(const std::filesystem::path& file, const std::string& password = {}) {
    ReadRequest request;
    request.file = file;
    request.password = password;
    return DocumentReader(workerProgram()).read(request);
}

inline std::string messageOf(const Result<Document>& result) {
    return result ? "no error" : result.error().message;
}

inline std::string wordText(const PageText& page, std::size_t i) {
    return page.text.substr(page.words[i].begin, page.words[i].end - page.words[i].begin);
}

inline bool hasNoChildren() {
    return waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD;
}

/// One clear sentence: starts with a quoted name, ends with a full stop, is one line.
inline void expectClearSentence(const Error& error, const std::string& name) {
    EXPECT_NE(error.message.find("\"" + name + "\""), std::string::npos) << error.message;
    EXPECT_TRUE(error.message.ends_with('.')) << error.message;
    EXPECT_EQ(error.message.find('\n'), std::string::npos) << error.message;
    EXPECT_TRUE(unicode::isValid(error.message));
    EXPECT_LT(error.message.size(), 500u) << error.message;
}

/// The promises of document.h that hold for every page.
inline void expectSound(const Document& document) {
    EXPECT_EQ(document.content_hash.size(), 32u);
    EXPECT_FALSE(document.pages.empty());
    for (std::size_t i = 0; i < document.pages.size(); ++i) {
        const PageText& page = document.pages[i];
        SCOPED_TRACE(document.name + " page " + std::to_string(i + 1));
        EXPECT_FALSE(page.label.empty());
        EXPECT_EQ(page.state == PageState::Unreadable, !page.problem.empty());
        EXPECT_EQ(page.state == PageState::Read, !page.text.empty());
        EXPECT_TRUE(page.text.empty() || page.text.ends_with('\n'));
        EXPECT_TRUE(unicode::isValid(page.text));
        EXPECT_TRUE(unicode::isNfc(page.text));
        std::uint32_t last = 0;
        for (std::size_t w = 0; w < page.words.size(); ++w) {
            const auto& word = page.words[w];
            ASSERT_LE(last, word.begin);
            ASSERT_LT(word.begin, word.end);
            ASSERT_LE(word.end, page.text.size());
            ASSERT_EQ(wordText(page, w).find_first_of(" \n\t"), std::string::npos) << wordText(page, w);
            const auto between = page.text.substr(last, word.begin - last);
            ASSERT_EQ(between.find_first_not_of(" \n"), std::string::npos) << "text without a box: " << between;
            last = word.end;
        }
    }
}

}  // namespace lectern::test
