// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/plain_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <memory>
#include <thread>
#include <vector>

namespace lectern {

namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kPiece = std::size_t(1) << 20;

double secondsSince(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

Error cannot(const char* what, const fs::path& file, int reason) {
    return {reason == ENOSPC || reason == EDQUOT ? ErrorCode::NoRoom : ErrorCode::Failed,
            "\"" + file.string() + "\" cannot be " + what + " (" + std::strerror(reason) +
                "); choose a folder with room that you may write to.",
            reason == ENOSPC || reason == EDQUOT ? ErrorParts{Obstacle::DiskFull, {file.string()}} : ErrorParts()};
}

class Descriptor {
public:
    Descriptor(const fs::path& file, int flags) : m_number(::open(file.c_str(), flags | O_CLOEXEC, 0644)) {}
    ~Descriptor() {
        if (m_number >= 0) ::close(m_number);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int number() const { return m_number; }

private:
    int m_number;
};

using Pieces = std::vector<std::unique_ptr<std::byte[]>>;

/// Reads bytes begin … end into the last of `pieces`, or each into one of its own; false where the file cannot be read
/// or ends before.
bool readPart(const fs::path& file, std::uint64_t begin, std::uint64_t end, bool keep, Pieces& pieces) {
    const Descriptor in(file, O_RDONLY);
    while (in.number() >= 0 && begin < end) {
        if (keep || pieces.empty()) pieces.emplace_back(new std::byte[kPiece]);
        const auto got =
            ::pread(in.number(), pieces.back().get(), std::min<std::uint64_t>(kPiece, end - begin), off_t(begin));
        if (got <= 0) return false;
        begin += std::uint64_t(got);
    }
    return begin == end;
}

}  // namespace

Result<double> writePlainFile(const fs::path& file, std::uint64_t bytes, std::uint64_t sync_bytes) {
    std::vector<std::uint32_t> piece(kPiece / sizeof(std::uint32_t));
    std::uint32_t number = 1;
    for (auto& word : piece) word = number = number * 1664525U + 1013904223U;
    const auto started = Clock::now();
    const Descriptor out(file, O_WRONLY | O_CREAT | O_TRUNC);
    if (out.number() < 0) return cannot("made", file, errno);
    std::uint64_t unsynced = 0;
    for (std::uint64_t done = 0; done < bytes;) {
        const auto sent = ::write(out.number(), piece.data(), std::min<std::uint64_t>(kPiece, bytes - done));
        if (sent < 0) return cannot("written", file, errno);
        done += std::uint64_t(sent);
        unsynced += std::uint64_t(sent);
        if (unsynced < sync_bytes && done < bytes) continue;
        if (::fdatasync(out.number()) != 0) return cannot("written", file, errno);
        unsynced = 0;
    }
    return secondsSince(started);
}

Result<double> readPlainFile(const fs::path& file, int threads, bool keep) {
    std::error_code failed;
    const auto size = fs::file_size(file, failed);
    if (failed) return cannot("read", file, failed.value());
    std::atomic<bool> whole = true;
    std::vector<std::thread> readers;
    std::vector<Pieces> memory(static_cast<std::size_t>(threads));
    const auto started = Clock::now();
    for (int reader = 0; reader < threads; ++reader) {
        const auto begin = size / std::uint64_t(threads) * std::uint64_t(reader);
        const auto end = reader + 1 == threads ? size : begin + size / std::uint64_t(threads);
        readers.emplace_back([&, begin, end, reader] {
            if (!readPart(file, begin, end, keep, memory[std::size_t(reader)])) whole = false;
        });
    }
    for (auto& reader : readers) reader.join();
    if (!whole) return cannot("read", file, EIO);
    return secondsSince(started);
}

void forgetFile(const fs::path& file) {
    const Descriptor open(file, O_RDONLY);
    if (open.number() < 0) return;
    ::fdatasync(open.number());
    ::posix_fadvise(open.number(), 0, 0, POSIX_FADV_DONTNEED);
}

std::uint64_t bytesToDisk() {
    std::ifstream in("/proc/self/io");
    std::string key;
    for (std::uint64_t value = 0; in >> key >> value;) {
        if (key == "write_bytes:") return value;
    }
    return 0;
}

}  // namespace lectern
