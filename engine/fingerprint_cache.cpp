// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/fingerprint_cache.h"

#include <fstream>

#include "engine/model_files.h"

namespace lectern {
namespace {

namespace fs = std::filesystem;

/// A line has no room for these: such a model is hashed each time.
bool fitsALine(const std::string& text) {
    return !text.empty() && text.find_first_of("\t\n") == std::string::npos;
}

}  // namespace

FingerprintCache::FingerprintCache(fs::path file) : m_file(std::move(file)) {
    read();
}

void FingerprintCache::read() {
    std::ifstream in(m_file);
    for (std::string fingerprint, stamp, path; std::getline(in, fingerprint, '\t');) {
        if (!std::getline(in, stamp, '\t') || !std::getline(in, path)) break;
        m_known[path] = {fingerprint, stamp};
    }
}

void FingerprintCache::write() const {
    std::error_code ignored;
    fs::create_directories(m_file.parent_path(), ignored);
    const fs::path draft = m_file.string() + ".part";
    std::ofstream out(draft);
    for (const auto& [path, known] : m_known) out << known.fingerprint << '\t' << known.stamp << '\t' << path << '\n';
    out.close();
    if (out) fs::rename(draft, m_file, ignored);
}

std::string FingerprintCache::find(const fs::path& model) const {
    const auto known = m_known.find(model.string());
    return known != m_known.end() && known->second.stamp == modelStamp(model) ? known->second.fingerprint
                                                                              : std::string();
}

void FingerprintCache::note(const fs::path& model, const std::string& fingerprint) {
    if (m_file.empty() || !fitsALine(model.string()) || !fitsALine(fingerprint) || find(model) == fingerprint) return;
    read();  // what others have noted since
    m_known[model.string()] = {fingerprint, modelStamp(model)};
    write();
}

}  // namespace lectern
