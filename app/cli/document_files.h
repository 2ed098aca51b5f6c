// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace lectern::cli {

struct DocumentFiles {
    std::vector<std::filesystem::path> files;
    std::vector<std::string> problems;  ///< a sentence each: a folder without documents, one that cannot be listed
    std::vector<std::string> notes;     ///< a sentence each: what was left out on purpose
};

/// Files as they were named, and of folders all documents inside, at any depth, in the order of their paths. Links to
/// folders are not followed, hidden files and folders are left out.
DocumentFiles findDocuments(const std::vector<std::string>& names);

}  // namespace lectern::cli
