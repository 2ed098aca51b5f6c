// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

namespace lectern {
namespace {

Error unreadable(const std::filesystem::path& path, const std::string& why) {
    return {ErrorCode::BadInput, path.string() + " cannot be read: " + why + "."};
}

std::string systemReason(int number) {
    return std::generic_category().message(number);
}

}  // namespace

Result<MappedFile> MappedFile::open(const std::filesystem::path& path) {
    MappedFile file;
    file.m_path = path;
    // O_NONBLOCK: opening a named pipe must not wait for a writer.
    file.m_descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file.m_descriptor < 0) return unreadable(path, systemReason(errno));
    struct stat info {};
    if (::fstat(file.m_descriptor, &info) != 0) return unreadable(path, systemReason(errno));
    if (!S_ISREG(info.st_mode)) return unreadable(path, "it is not a regular file");
    if (info.st_size == 0) return file;
    void* data = ::mmap(nullptr, std::size_t(info.st_size), PROT_READ, MAP_PRIVATE, file.m_descriptor, 0);
    if (data == MAP_FAILED) return unreadable(path, systemReason(errno));
    file.m_data = static_cast<const std::byte*>(data);
    file.m_size = std::size_t(info.st_size);
    return file;
}

MappedFile::MappedFile(MappedFile&& other) noexcept {
    swap(other);
}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
    MappedFile taken(std::move(other));
    swap(taken);
    return *this;
}

MappedFile::~MappedFile() {
    if (m_data != nullptr) ::munmap(const_cast<std::byte*>(m_data), m_size);
    if (m_descriptor >= 0) ::close(m_descriptor);
}

Status MappedFile::stillWhole() const {
    if (m_descriptor < 0) return {};
    struct stat info {};
    if (::fstat(m_descriptor, &info) != 0) return unreadable(m_path, systemReason(errno));
    if (std::uint64_t(info.st_size) < m_size)
        return Error{ErrorCode::BadInput, m_path.string() + " was cut short while it was open: open it again."};
    return {};
}

void MappedFile::swap(MappedFile& other) noexcept {
    std::swap(m_path, other.m_path);
    std::swap(m_data, other.m_data);
    std::swap(m_size, other.m_size);
    std::swap(m_descriptor, other.m_descriptor);
}

}  // namespace lectern
