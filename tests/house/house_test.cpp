// SPDX-License-Identifier: GPL-3.0-or-later
// The rules of the house that a machine can check.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "tests/house/source_tree.h"

namespace lectern::test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::size_t kMostLines = 500;

const std::vector<SourceFile>& tree() {
    static const std::vector<SourceFile> files = sourceTree(LECTERN_SOURCE_DIR);
    return files;
}

bool isCode(const SourceFile& file) {
    return file.has(".cpp") || file.has(".h") || file.has(".cu") || file.has(".cuh");
}

template <typename Rule>
std::vector<std::string> breaches(Rule rule) {
    std::vector<std::string> all;
    for (const SourceFile& file : tree()) {
        if (!isCode(file)) continue;
        for (auto& problem : rule(file)) all.push_back(std::move(problem));
    }
    return all;
}

TEST(House, TreeIsThere) {
    std::set<std::string> rooms;
    for (const SourceFile& file : tree()) rooms.insert(file.room());
    EXPECT_THAT(rooms, testing::IsSupersetOf({"kernels", "engine", "app", "tests"}));
    EXPECT_GT(tree().size(), 100U);
}

TEST(House, NothingIsIncludedAgainstTheArrows) {
    EXPECT_THAT(breaches(arrowProblems), IsEmpty());
}

TEST(House, EngineHeadersUseTheStandardLibraryOnly) {
    EXPECT_THAT(breaches(headerProblems), IsEmpty());
}

TEST(House, IncludesBeginAtTheRoot) {
    EXPECT_THAT(breaches(pathProblems), IsEmpty());
}

TEST(House, RulesSeeWhatTheyAreThereFor) {
    const SourceFile engine{"engine/kv/x.h",
                            {"#include <vector>", "# include \"ui/y.h\"", "  #include <sqlite3.h>",
                             "#include <QString>", "#include \"engine/base/result.h\"", "#include \"kernels/attend.h\"",
                             "#include \"result.h\"", "#include \"tests/support/test_data.h\""}};
    EXPECT_THAT(arrowProblems(engine),
                ElementsAre(HasSubstr("engine/kv/x.h:2 includes ui/y.h"), HasSubstr("no Qt"), HasSubstr("tests/")));
    EXPECT_THAT(headerProblems(engine), ElementsAre(HasSubstr("ui/y.h"), HasSubstr("sqlite3.h"), HasSubstr("QString"),
                                                    HasSubstr("result.h"), HasSubstr("test_data.h")));
    EXPECT_THAT(pathProblems(engine), ElementsAre(HasSubstr(":7 includes result.h")));
    const SourceFile kernel{"kernels/x.h", {"#include \"engine/base/result.h\""}};
    EXPECT_THAT(arrowProblems(kernel), ElementsAre(HasSubstr("against the arrow")));
    const SourceFile app{"app/main.cpp", {"#include \"ui/y.h\"", "#include \"engine/engine.h\"", "#include <QString>"}};
    EXPECT_THAT(arrowProblems(app), IsEmpty());
}

TEST(House, NoFileIsLong) {
    std::vector<std::string> longer;
    for (const SourceFile& file : tree()) {
        if (isCode(file) && file.lines.size() > kMostLines) longer.push_back(file.path);
    }
    EXPECT_THAT(longer, IsEmpty());
}

TEST(House, EveryKernelHasItsReference) {
    std::vector<std::string> missing;
    for (const SourceFile& file : tree()) {
        for (const std::string twin : {"_simd.cpp", "_cuda.cu"}) {
            if (file.room() != "kernels" || !file.has(twin)) continue;
            const std::string stem = fs::path(file.path).filename().string();
            const std::string reference = "kernels/" + stem.substr(0, stem.size() - twin.size()) + "_ref.cpp";
            if (!fs::exists(fs::path(LECTERN_SOURCE_DIR) / reference)) missing.push_back(file.path);
        }
    }
    EXPECT_THAT(missing, IsEmpty());
}

TEST(House, EverySourceNamesItsLicenceFirst) {
    std::vector<std::string> without;
    for (const SourceFile& file : tree()) {
        const bool first = !file.lines.empty() && file.lines[0].find("SPDX-License-Identifier: GPL-3.0-or-later") <= 3;
        const bool second = file.lines.size() > 1 && file.lines[0].starts_with("#!") &&
                            file.lines[1] == "# SPDX-License-Identifier: GPL-3.0-or-later";
        if (!first && !second) without.push_back(file.path);
    }
    EXPECT_THAT(without, IsEmpty());
}

TEST(House, HeadersAreGuardedByPragmaOnce) {
    std::vector<std::string> without;
    for (const SourceFile& file : tree()) {
        const auto once = std::find(file.lines.begin(), file.lines.end(), "#pragma once");
        if (file.header() && once == file.lines.end()) without.push_back(file.path);
    }
    EXPECT_THAT(without, IsEmpty());
}

TEST(House, LicenceIsTheWholeGpl) {
    std::ifstream in(fs::path(LECTERN_SOURCE_DIR) / "LICENSE");
    const std::string text(std::istreambuf_iterator<char>(in), {});
    EXPECT_THAT(text, HasSubstr("GNU GENERAL PUBLIC LICENSE\n                       Version 3, 29 June 2007"));
    EXPECT_THAT(text, HasSubstr("END OF TERMS AND CONDITIONS"));
}

}  // namespace
}  // namespace lectern::test
