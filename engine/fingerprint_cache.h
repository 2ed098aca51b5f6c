// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace lectern {

/// Fingerprints of models that were hashed before, a line each in a file, so that a list of models tells them apart
/// without reading all of their bytes. Sizes and times of a model's files stand for their content: good enough to show,
/// never used to decide whether a session's cache fits a model. A file that cannot be written is a cache less, no
/// failure. One thread at a time; several programs may share the file.
class FingerprintCache {
public:
    explicit FingerprintCache(std::filesystem::path file);  ///< empty: nothing is known and nothing kept

    std::string find(const std::filesystem::path& model) const;  ///< empty: not known as the files are now
    void note(const std::filesystem::path& model, const std::string& fingerprint);

private:
    struct Known {
        std::string fingerprint, stamp;  ///< stamp: sizes and times of the model's files
    };
    void read();
    void write() const;

    std::filesystem::path m_file;
    std::map<std::string, Known> m_known;  ///< by path
};

}  // namespace lectern
