// SPDX-License-Identifier: GPL-3.0-or-later
// What fuzzing began with and what it found, without a fuzzer: every file of corpus/ goes through its target.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "tests/fuzz/targets.h"

namespace lectern::test {
namespace {

namespace fs = std::filesystem;

const fs::path kCorpus = LECTERN_SOURCE_DIR "/tests/fuzz/corpus";

std::vector<std::byte> contents(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), {});
    const auto view = std::as_bytes(std::span(bytes));
    return {view.begin(), view.end()};
}

std::vector<fs::path> filesOf(const NamedFuzzTarget& target) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(kCorpus / target.name)) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

class FuzzCorpus : public testing::TestWithParam<NamedFuzzTarget> {};

TEST_P(FuzzCorpus, IsReadOrRefusedAndNothingElseHappens) {
    const auto files = filesOf(GetParam());
    EXPECT_GE(files.size(), 3U) << "what the fuzzer begins with";
    for (const fs::path& file : files) {
        SCOPED_TRACE(file.string());
        GetParam().run(contents(file));
    }
}

/// The same with every file cut short, and with single bytes changed: cheap, and the same in every run.
TEST_P(FuzzCorpus, IsReadOrRefusedWhereItIsDamagedToo) {
    for (const fs::path& file : filesOf(GetParam())) {
        SCOPED_TRACE(file.string());
        const auto whole = contents(file);
        const std::size_t step = whole.size() / 20 + 1;
        for (std::size_t at = 0; at < whole.size(); at += step) {
            GetParam().run(std::span(whole).first(at));
            auto changed = whole;
            changed[at] ^= std::byte(0x81);
            GetParam().run(changed);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(All, FuzzCorpus, testing::ValuesIn(kFuzzTargets),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(FuzzCorpora, AreSmallAndEachHasItsTarget) {
    std::set<std::string> targets, folders;
    for (const NamedFuzzTarget& target : kFuzzTargets) targets.insert(target.name);
    std::uintmax_t bytes = 0;
    for (const auto& entry : fs::recursive_directory_iterator(kCorpus)) {
        if (entry.is_directory()) folders.insert(entry.path().filename().string());
        if (entry.is_regular_file()) bytes += entry.file_size();
    }
    EXPECT_EQ(folders, targets);
    EXPECT_LT(bytes, 200U << 10);
}

}  // namespace
}  // namespace lectern::test
