// SPDX-License-Identifier: GPL-3.0-or-later
// The sources of the project, as the house tests look at them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace lectern::test {

struct SourceFile {
    std::string path;  ///< from the root, as in "engine/kv/kv_cache.h"
    std::vector<std::string> lines;

    std::string room() const { return path.substr(0, path.find('/')); }
    bool header() const { return path.ends_with(".h") || path.ends_with(".cuh"); }
    bool has(std::string_view extension) const { return path.ends_with(extension); }
};

/// An #include line: what it names, and whether in quotes.
struct Include {
    std::string name;
    bool quoted = false;
    std::size_t line = 0;  ///< 1-based
};

std::vector<SourceFile> sourceTree(const std::filesystem::path& root);
std::vector<Include> includesOf(const SourceFile& file);

/// The rules, each as a sentence for everything that breaks it.
std::vector<std::string> arrowProblems(const SourceFile& file);   ///< kernels ← engine ← ui ← app, tests see all
std::vector<std::string> headerProblems(const SourceFile& file);  ///< engine headers: standard library and own only
std::vector<std::string> pathProblems(const SourceFile& file);    ///< includes from the root

}  // namespace lectern::test
