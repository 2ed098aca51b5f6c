// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/document/source_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "engine/base/content_hash.h"
#include "engine/document/document_error.h"
#include "engine/document/unicode.h"

namespace lectern {
namespace {

constexpr std::size_t kBlock = std::size_t{1} << 20;

class Descriptor {
public:
    explicit Descriptor(const std::filesystem::path& path)
        : m_fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
    ~Descriptor() {
        if (m_fd >= 0) close(m_fd);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return m_fd; }

private:
    int m_fd;
};

}  // namespace

SourceFile::Stamp SourceFile::stampOf(const void* stat_result) {
    const auto& s = *static_cast<const struct stat*>(stat_result);
    return {std::uint64_t(s.st_size), std::uint64_t(s.st_dev), std::uint64_t(s.st_ino), s.st_mtim.tv_sec,
            s.st_mtim.tv_nsec};
}

Result<SourceFile> SourceFile::inspect(const std::filesystem::path& file) {
    SourceFile source;
    std::error_code failed;
    source.m_path = std::filesystem::absolute(file, failed);
    source.m_name = unicode::repaired(file.filename().string());
    if (source.m_name.empty()) source.m_name = unicode::repaired(file.string());
    struct stat status {};
    if (stat(file.c_str(), &status) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) return documentError::missing(source.m_name);
        return documentError::cannotOpen(source.m_name, std::strerror(errno));
    }
    if (S_ISDIR(status.st_mode)) return documentError::isFolder(source.m_name);
    if (!S_ISREG(status.st_mode)) return documentError::notAFile(source.m_name);
    if (access(file.c_str(), R_OK) != 0) return documentError::cannotOpen(source.m_name, std::strerror(errno));
    if (status.st_size == 0) return documentError::empty(source.m_name);
    source.m_stamp = stampOf(&status);
    return source;
}

Result<std::string> SourceFile::contentHash(const std::stop_token& stop) const {
    const Descriptor file(m_path);
    if (file.get() < 0) return documentError::cannotOpen(m_name, std::strerror(errno));
    std::vector<std::byte> block(kBlock);
    ContentHash hash;
    for (;;) {
        if (stop.stop_requested()) return documentError::interrupted(m_name);
        const auto got = read(file.get(), block.data(), block.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return documentError::cannotOpen(m_name, std::strerror(errno));
        if (got == 0) return hash.digest().hex();
        hash.add({block.data(), std::size_t(got)});
    }
}

bool SourceFile::isUnchanged() const {
    struct stat now {};
    return stat(m_path.c_str(), &now) == 0 && stampOf(&now) == m_stamp;
}

}  // namespace lectern
