// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/paths.h"

#include <algorithm>
#include <cstdlib>
#include <initializer_list>
#include <string>
#include <string_view>

namespace lectern {
namespace {

namespace fs = std::filesystem;

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

fs::path programFolder() {
    std::error_code ignored;
    return fs::read_symlink("/proc/self/exe", ignored).parent_path();
}

/// The first of `relative` (to the executable's folder) that is a file.
fs::path firstFile(std::initializer_list<std::string_view> relative) {
    const fs::path folder = programFolder();
    for (const std::string_view candidate : relative) {
        std::error_code ignored;
        fs::path file = (folder / candidate).lexically_normal();
        if (fs::is_regular_file(file, ignored)) return file;
    }
    return {};
}

/// The non-empty parts of a colon-separated list, each with `below` appended.
void appendFolders(std::vector<fs::path>& folders, std::string_view list, std::string_view below) {
    while (!list.empty()) {
        const std::size_t end = std::min(list.find(':'), list.size());
        if (end > 0) {
            const fs::path folder =
                below.empty() ? fs::path(list.substr(0, end)) : list.substr(0, end) / fs::path(below);
            if (std::find(folders.begin(), folders.end(), folder) == folders.end()) folders.push_back(folder);
        }
        list.remove_prefix(std::min(end + 1, list.size()));
    }
}

/// The user's folder of a kind, as the XDG base directories have it; empty where there is no home.
fs::path ownFolder(const char* variable, const char* below_home) {
    if (const std::string set = environment(variable); !set.empty()) return set;
    const std::string home = environment("HOME");
    return home.empty() ? fs::path() : fs::path(home) / below_home;
}

}  // namespace

fs::path ownModelFolder() {
    const fs::path data = ownFolder("XDG_DATA_HOME", ".local/share");
    return data.empty() ? data : data / "lectern/models";
}

fs::path fingerprintFile() {
    const fs::path cache = ownFolder("XDG_CACHE_HOME", ".cache");
    return cache.empty() ? cache : cache / "lectern/fingerprints";
}

fs::path workerProgram() {
    if (const std::string set = environment("LECTERN_WORKER"); !set.empty()) return set;
    return firstFile({"lectern-document-worker", "../libexec/lectern/lectern-document-worker",
                      "../lib/lectern/lectern-document-worker"});
}

fs::path builtInModel() {
    return firstFile({"../share/lectern/models/lectern-reader.gguf", "lectern-reader.gguf"});
}

fs::path sampleDocument() {
    return firstFile({"../share/lectern/samples/sample.pdf", "sample.pdf"});
}

fs::path calibrationText() {
    return firstFile({"../share/lectern/samples/calibration.txt", "calibration.txt"});
}

std::vector<fs::path> modelFolders() {
    std::vector<fs::path> folders;
    appendFolders(folders, environment("LECTERN_MODELS"), {});
    appendFolders(folders, ownModelFolder().string(), {});
    std::string system = environment("XDG_DATA_DIRS");
    if (system.empty()) system = "/usr/local/share:/usr/share";
    appendFolders(folders, system, "lectern/models");
    return folders;
}

}  // namespace lectern
