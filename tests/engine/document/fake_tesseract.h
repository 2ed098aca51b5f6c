// SPDX-License-Identifier: GPL-3.0-or-later
// A program "tesseract" of the tests' own, first on PATH as long as the object lives.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace lectern::test {

/// Puts PATH back as it was.
class PathChange {
public:
    explicit PathChange(const std::string& path) : m_before(std::getenv("PATH")) { setenv("PATH", path.c_str(), 1); }
    ~PathChange() { setenv("PATH", m_before.c_str(), 1); }
    PathChange(const PathChange&) = delete;
    PathChange& operator=(const PathChange&) = delete;
    const std::string& before() const { return m_before; }

private:
    std::string m_before;
};

/// No program is found at all; those named with their folder are.
class EmptyPath : public PathChange {
public:
    explicit EmptyPath(const std::filesystem::path& folder) : PathChange((folder / "nothing").string()) {}
};

class FakeTesseract {
public:
    struct Word {
        int line, left, top, width, height;  ///< pixels
        const char* text;
    };

    /// Has the languages deu and eng, keeps the picture it is given, says `output`, then does `last` (shell).
    FakeTesseract(const std::filesystem::path& folder, const std::string& output, const std::string& last = "exit 0")
        : m_folder(folder / "fake"), m_path(m_folder.string() + ":" + std::getenv("PATH")) {
        std::filesystem::create_directories(m_folder);
        std::ofstream(m_folder / "output", std::ios::binary) << output;
        std::ofstream(m_folder / "tesseract") << "#!/bin/sh\ncd '" << m_folder.string() << "'\n"
                                              << "if [ \"$1\" = --list-langs ]; then\n"
                                              << "  printf 'List of available languages (3):\\ndeu\\neng\\nosd\\n'\n"
                                              << "  exit 0\nfi\n"
                                              << "echo \"$*\" > arguments\ncat > picture\ncat output\n"
                                              << last << "\n";
        std::filesystem::permissions(m_folder / "tesseract", std::filesystem::perms::owner_all);
    }

    /// The table that Tesseract writes, with its rows of structure.
    static std::string table(const std::vector<Word>& words) {
        std::string out =
            "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"
            "1\t1\t0\t0\t0\t0\t0\t0\t2550\t3300\t-1\t\n";
        int number = 0;
        for (const Word& word : words) {
            out += "5\t1\t1\t1";
            for (const int n : {word.line, ++number, word.left, word.top, word.width, word.height})
                out += '\t' + std::to_string(n);
            out += "\t96.512345\t" + std::string(word.text) + "\n";
        }
        return out;
    }

    std::string lastPicture() const { return contents("picture"); }
    std::string lastArguments() const { return contents("arguments"); }  ///< empty before the first

private:
    std::string contents(const char* name) const {
        std::ifstream in(m_folder / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    std::filesystem::path m_folder;
    PathChange m_path;
};

}  // namespace lectern::test
