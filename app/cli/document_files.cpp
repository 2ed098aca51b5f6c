// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/document_files.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace lectern::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::array kExtensions = {".pdf", ".txt", ".text", ".md", ".markdown"};

bool isDocument(const fs::path& file) {
    std::string extension = file.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

bool hidden(const fs::path& file) {
    return file.filename().string().starts_with('.');
}

std::string quoted(const fs::path& path) {
    return "\"" + path.string() + "\"";
}

void walk(const fs::path& folder, DocumentFiles& found) {
    std::vector<fs::path> inside;
    std::size_t others = 0;
    std::error_code error;
    fs::recursive_directory_iterator entry(folder, error);
    for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
        std::error_code ignored;
        if (hidden(entry->path())) {
            entry.disable_recursion_pending();
        } else if (entry->is_regular_file(ignored)) {
            if (isDocument(entry->path()))
                inside.push_back(entry->path());
            else
                ++others;
        }
    }
    if (error) found.problems.push_back("The folder " + quoted(folder) + " cannot be listed: " + error.message() + ".");
    if (others > 0) {
        found.notes.push_back(std::to_string(others) + " files in " + quoted(folder) +
                              " are no PDF, text or Markdown by their names and are left out.");
    }
    if (inside.empty() && !error) {
        found.problems.push_back("The folder " + quoted(folder) + " holds no PDF, text or Markdown file.");
    }
    std::sort(inside.begin(), inside.end());
    found.files.insert(found.files.end(), inside.begin(), inside.end());
}

}  // namespace

DocumentFiles findDocuments(const std::vector<std::string>& names) {
    DocumentFiles found;
    for (const std::string& name : names) {
        std::error_code ignored;
        if (fs::is_directory(name, ignored))
            walk(name, found);
        else
            found.files.emplace_back(name);
    }
    return found;
}

}  // namespace lectern::cli
