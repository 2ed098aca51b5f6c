// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/house/source_tree.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>

namespace lectern::test {

namespace fs = std::filesystem;

namespace {

// In the direction of the arrows: a room may include itself and those before it.
constexpr std::array<std::string_view, 4> kRooms = {"kernels", "engine", "ui", "app"};
constexpr std::array<std::string_view, 7> kExtensions = {".cpp", ".h", ".cu", ".cuh", ".cmake", ".py", ".sh"};

std::size_t placeOf(std::string_view room) {
    return std::size_t(std::find(kRooms.begin(), kRooms.end(), room) - kRooms.begin());
}

bool interesting(const fs::path& file) {
    if (file.filename() == "CMakeLists.txt") return true;
    const std::string extension = file.extension().string();
    return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

/// Standard headers have no dot and no slash: <vector>. POSIX ones may appear in sources only.
bool standardHeader(const std::string& name) {
    return std::all_of(name.begin(), name.end(),
                       [](unsigned char c) { return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '_'; });
}

std::string place(const SourceFile& file, const Include& include) {
    return file.path + ":" + std::to_string(include.line) + " includes " + include.name;
}

SourceFile readSource(const fs::path& root, const fs::path& path) {
    SourceFile file{fs::relative(path, root).generic_string(), {}};
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) file.lines.push_back(line);
    return file;
}

}  // namespace

std::vector<SourceFile> sourceTree(const fs::path& root) {
    std::vector<SourceFile> files;
    for (const char* room : {"kernels", "engine", "ui", "app", "tests", "installer", "resources"}) {
        if (!fs::exists(root / room)) continue;
        for (const auto& entry : fs::recursive_directory_iterator(root / room)) {
            if (entry.is_regular_file() && interesting(entry.path())) files.push_back(readSource(root, entry.path()));
        }
    }
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
    return files;
}

std::vector<Include> includesOf(const SourceFile& file) {
    std::vector<Include> includes;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
        std::string_view line = file.lines[i];
        const auto skip_space = [&] { line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size())); };
        skip_space();
        if (!line.starts_with('#')) continue;
        line.remove_prefix(1);
        skip_space();
        if (!line.starts_with("include")) continue;
        line.remove_prefix(7);
        skip_space();
        if (line.empty() || (line[0] != '"' && line[0] != '<')) continue;
        const std::size_t end = line.find(line[0] == '"' ? '"' : '>', 1);
        includes.push_back({std::string(line.substr(1, end - 1)), line[0] == '"', i + 1});
    }
    return includes;
}

std::vector<std::string> arrowProblems(const SourceFile& file) {
    std::vector<std::string> problems;
    const std::size_t own = placeOf(file.room());
    for (const Include& include : includesOf(file)) {
        const std::string room = include.name.substr(0, include.name.find('/'));
        const std::size_t theirs = placeOf(room);
        if (own < kRooms.size() && ((theirs < kRooms.size() && theirs > own) || room == "tests")) {
            problems.push_back(place(file, include) + ", against the arrow");
        }
        const bool qt = !include.quoted && include.name.size() > 1 && include.name[0] == 'Q' &&
                        std::isupper(static_cast<unsigned char>(include.name[1])) != 0;
        if (qt && own < placeOf("ui")) problems.push_back(place(file, include) + ": no Qt here");
    }
    return problems;
}

std::vector<std::string> headerProblems(const SourceFile& file) {
    std::vector<std::string> problems;
    if (file.room() != "engine" || !file.header()) return problems;
    for (const Include& include : includesOf(file)) {
        const bool own = include.quoted && placeOf(include.name.substr(0, include.name.find('/'))) <= placeOf("engine");
        if (!own && (include.quoted || !standardHeader(include.name))) {
            problems.push_back(place(file, include) + ": engine headers use the standard library only");
        }
    }
    return problems;
}

std::vector<std::string> pathProblems(const SourceFile& file) {
    std::vector<std::string> problems;
    for (const Include& include : includesOf(file)) {
        if (include.name.ends_with(".moc")) continue;  // generated beside the source
        const std::string room = include.name.substr(0, include.name.find('/'));
        if (include.quoted && (room == include.name || (placeOf(room) == kRooms.size() && room != "tests"))) {
            problems.push_back(place(file, include) + ", which does not begin at the root");
        }
    }
    return problems;
}

}  // namespace lectern::test
