// SPDX-License-Identifier: GPL-3.0-or-later
// Where tests find public test data (absent in many checkouts) and room for files of their own.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace lectern::test {

/// A file or folder of the public test data, or nothing where the data is absent: then GTEST_SKIP().
inline std::optional<std::filesystem::path> testData(std::string_view relative) {
    const char* set = std::getenv("LECTERN_TEST_DATA");
    const std::filesystem::path root = set != nullptr && *set != '\0'
                                           ? std::filesystem::path(set)
                                           : std::filesystem::path(LECTERN_SOURCE_DIR) / "../shared/data";
    std::error_code ignored;
    auto path = root / relative;
    if (!std::filesystem::exists(path, ignored)) return std::nullopt;
    return std::filesystem::canonical(path, ignored);
}

/// A fresh folder that goes away with the object.
class TempDir {
public:
    TempDir() {
        std::string pattern = (std::filesystem::temp_directory_path() / "lectern-test-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) std::abort();
        m_path = pattern;
    }
    ~TempDir() {
        std::error_code ignored;
        std::filesystem::remove_all(m_path, ignored);
    }
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    const std::filesystem::path& path() const { return m_path; }
    std::filesystem::path operator/(std::string_view name) const { return m_path / name; }

private:
    std::filesystem::path m_path;
};

}  // namespace lectern::test
