// SPDX-License-Identifier: GPL-3.0-or-later
// Sessions to store, and everything a store holds as one text to compare.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "engine/session/session_store.h"

namespace lectern::test {

SessionIdentity sampleIdentity();
std::vector<std::byte> sampleBytes(std::size_t size, std::uint32_t seed);
BlockRecord sampleBlock(int branch, std::uint32_t page, int layer, int kind, std::size_t size, std::uint32_t seed = 0);
/// All layers (2) and kinds of pages [begin, end).
std::vector<BlockRecord> sampleBlocks(int branch, std::uint32_t begin, std::uint32_t end, std::size_t size,
                                      std::uint32_t seed = 0);
DocumentRecord sampleDocument(int id);
PageRecord samplePage(int document, int page);
WordsRecord sampleWords(int document, int page);
MessageRecord sampleMessage(int branch, int index);

/// Commit number `n` of a session that grows: a document with pages and tokens, blocks with a recent window that is
/// written again, a branch with messages.
SessionCommit sampleCommit(int n);

/// Everything read through the public interface, or the first error.
Result<std::string> contentsOf(const SessionStore& store);
Result<std::string> contentsOf(const std::filesystem::path& file, OpenMode mode = OpenMode::ReadOnly);

/// Makes a session with sampleCommit(0) … (commits - 1).
void makeSession(const std::filesystem::path& file, int commits);

std::string readFile(const std::filesystem::path& file);
void writeFile(const std::filesystem::path& file, std::string_view bytes);

#define ASSERT_OK(expression)                                        \
    do {                                                             \
        const auto& result_ = (expression);                          \
        ASSERT_TRUE(result_.has_value()) << result_.error().message; \
    } while (false)

template <typename T>
std::string messageOf(const Result<T>& result) {
    return result ? "(no error)" : result.error().message;
}

template <typename T>
testing::AssertionResult failsWith(const Result<T>& result, ErrorCode code, std::string_view part) {
    if (result) return testing::AssertionFailure() << "it succeeded";
    if (result.error().code == code && result.error().message.find(part) != std::string::npos)
        return testing::AssertionSuccess();
    return testing::AssertionFailure() << "code " << int(result.error().code) << ": " << result.error().message;
}

}  // namespace lectern::test
