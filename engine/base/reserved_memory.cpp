// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/reserved_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cstdint>

namespace lectern {

namespace {

#ifdef MADV_POPULATE_WRITE
constexpr int kPopulate = MADV_POPULATE_WRITE;
#else
constexpr int kPopulate = 23;  // Linux 5.14; headers may be older than the system
#endif

std::uintptr_t pageBytes() {
    static const auto bytes = std::uintptr_t(::sysconf(_SC_PAGESIZE));
    return bytes;
}

/// The page that `address` lies in.
std::uintptr_t pageOf(std::uintptr_t address) {
    return address - address % pageBytes();
}

void* pointer(std::uintptr_t address) {
    return reinterpret_cast<void*>(address);  // NOLINT(performance-no-int-to-ptr): arithmetic of addresses
}

}  // namespace

std::shared_ptr<ReservedMemory> ReservedMemory::make(std::size_t bytes) {
    if (bytes == 0) return std::shared_ptr<ReservedMemory>(new ReservedMemory(nullptr, 0));
    void* begin = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (begin == MAP_FAILED) return nullptr;
    return std::shared_ptr<ReservedMemory>(new ReservedMemory(static_cast<std::byte*>(begin), bytes));
}

ReservedMemory::~ReservedMemory() {
    if (m_bytes > 0) ::munmap(m_begin, m_bytes);
}

std::shared_ptr<std::byte> ReservedMemory::piece(std::size_t at, std::size_t bytes) {
    assert(at <= m_bytes && bytes <= m_bytes - at);
    std::byte* begin = m_begin + at;
    const auto first = std::uintptr_t(begin), end = first + bytes;
    int populated = 0;
    do populated = ::madvise(pointer(pageOf(first)), end - pageOf(first), kPopulate);
    while (populated != 0 && errno == EINTR);
    // After any other failure (a system that does not know the call) pages come one by one when they are touched.
    if (populated != 0 && errno == ENOMEM) return nullptr;
    const auto give_back = [own = shared_from_this(), first, end](std::byte*) {
        const auto from = pageOf(first + pageBytes() - 1), to = pageOf(end);  // whole pages inside
        if (from < to) ::madvise(pointer(from), to - from, MADV_DONTNEED);
    };
    return {begin, give_back};
}

}  // namespace lectern
