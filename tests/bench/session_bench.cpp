// SPDX-License-Identifier: GPL-3.0-or-later
// How fast sessions are written and read, against a plain file on the same disk in the same run.
//   session_bench [FOLDER] [MIB]      FOLDER: where to write (default: .), MIB: payload (default 256)
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "engine/base/crc32c.h"
#include "engine/session/session_store.h"

namespace fs = std::filesystem;
using namespace lectern;

namespace {

constexpr std::size_t kMiB = std::size_t(1) << 20;
constexpr std::size_t kCommitBytes = 16 * kMiB;
constexpr int kLayers = 16;  // times key and value: 32 blocks a page

/// Of this process, user and system: what counts where others use the machine too.
double cpuSeconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto s = [](const timeval& t) { return double(t.tv_sec) + 1e-6 * double(t.tv_usec); };
    return s(usage.ru_utime) + s(usage.ru_stime);
}

double seconds(const std::function<void()>& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

[[noreturn]] void fail(const std::string& message) {
    std::fprintf(stderr, "session_bench: %s\n", message.c_str());
    std::exit(1);
}

void check(bool ok, const char* what) {
    if (!ok) fail(what);
}

/// Asks the system to forget what it has cached of a file; as cold as an ordinary user can make it.
void forget(const fs::path& file) {
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    check(descriptor >= 0, "open");
    ::fdatasync(descriptor);
    ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
    ::close(descriptor);
}

/// Words that do not compress and are quick to make.
std::vector<std::byte> noise(std::size_t size, std::uint64_t seed) {
    std::vector<std::byte> bytes(size);
    for (auto& b : bytes) {
        seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
        b = std::byte(seed >> 56);
    }
    return bytes;
}

struct Times {
    double mib, write, write_cpu, cold, warm, read_cpu;
};

void report(const std::string& what, const Times& t) {
    std::printf(
        "%-24s MiB/s: write %5.0f (per CPU second %5.0f)   read cold %5.0f   warm %5.0f (per CPU second %5.0f)\n",
        what.c_str(), t.mib / t.write, t.mib / t.write_cpu, t.mib / t.cold, t.mib / t.warm, t.mib / t.read_cpu);
}

void plainFile(const fs::path& file, std::size_t payload) {
    const auto data = noise(kCommitBytes, 1);
    const double cpu = cpuSeconds();
    const double write = seconds([&] {
        const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        check(descriptor >= 0, "open");
        for (std::size_t at = 0; at < payload; at += kCommitBytes) {
            check(::write(descriptor, data.data(), data.size()) == ssize_t(data.size()), "write");
            check(::fdatasync(descriptor) == 0, "fdatasync");
        }
        ::close(descriptor);
    });
    const double write_cpu = cpuSeconds() - cpu;
    std::vector<std::byte> buffer(kMiB);
    const auto read = [&] {
        const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
        while (::read(descriptor, buffer.data(), buffer.size()) > 0) {
        }
        ::close(descriptor);
    };
    forget(file);
    const double cold = seconds(read), before = cpuSeconds(), warm = seconds(read), read_cpu = cpuSeconds() - before;
    report("plain file, fdatasync", {double(payload) / double(kMiB), write, write_cpu, cold, warm, read_cpu});
    fs::remove(file);
}

std::vector<SessionCommit> commits(std::size_t payload, std::size_t block_bytes) {
    std::vector<SessionCommit> all;
    std::uint32_t page = 0;
    const auto data = noise(block_bytes + 4096, block_bytes);
    for (std::size_t at = 0; at < payload; at += kCommitBytes) {
        SessionCommit c;
        for (std::size_t bytes = 0; bytes < kCommitBytes; ++page) {
            for (int b = 0; b < 2 * kLayers; ++b, bytes += block_bytes) {
                const auto* from = data.data() + (page * 32 + std::uint32_t(b)) % 4096;
                c.blocks.push_back({0, b / 2, b % 2, page, 4, 64, {from, from + block_bytes}});
            }
        }
        all.push_back(std::move(c));
    }
    return all;
}

void session(const fs::path& file, std::size_t wanted, std::size_t block_bytes) {
    const auto all = commits(wanted, block_bytes);
    std::size_t payload = 0;
    for (const auto& c : all) {
        for (const auto& b : c.blocks) payload += b.bytes.size();
    }
    auto store = SessionStore::create(file, {});
    if (!store) fail(store.error().message);
    double slowest = 0;
    const double cpu = cpuSeconds();
    const double write = seconds([&] {
        for (const auto& c : all) {
            slowest = std::max(slowest, seconds([&] {
                                   if (auto done = store->commit(c); !done) fail(done.error().message);
                               }));
        }
    });
    const double write_cpu = cpuSeconds() - cpu;
    const auto size = store->fileBytes();
    { const SessionStore closed = std::move(*store); }
    const auto read = [&] {
        auto opened = SessionStore::open(file, OpenMode::ReadOnly);
        if (!opened) fail(opened.error().message);
        std::size_t found = 0;
        const auto done = opened->readBlocks(0, [&](BlockRecord&& b) -> Status {
            found += b.bytes.size();
            return {};
        });
        if (!done) fail(done.error().message);
        check(found == payload, "not everything came back");
    };
    forget(file);
    const double cold = seconds(read), before = cpuSeconds(), warm = seconds(read), read_cpu = cpuSeconds() - before;
    report("blocks of " + std::to_string(block_bytes) + " bytes",
           {double(payload) / double(kMiB), write, write_cpu, cold, warm, read_cpu});
    std::printf("    bytes on disk / payload %.3f, slowest commit %.0f ms\n", double(size) / double(payload),
                slowest * 1e3);
    fs::remove(file);
}

void checksum() {
    const auto data = noise(16 * kMiB, 3);
    std::uint32_t crc = 0;
    const double fast = seconds([&] { crc = crc32c(data); });
    const double tables = seconds([&] { crc ^= crc32cPortable(data); });
    std::printf("crc32c %.0f MiB/s, from tables %.0f MiB/s%s\n", 16 / fast, 16 / tables,
                crc == 0 ? "" : " (THEY DIFFER)");
}

}  // namespace

int main(int argc, char** argv) {
    const fs::path folder = argc > 1 ? argv[1] : ".";
    const auto payload = std::size_t(argc > 2 ? std::max(16, std::atoi(argv[2])) : 256) * kMiB;
    checksum();
    for (int run = 0; run < 2; ++run) {
        plainFile(folder / "session-bench.bin", payload);
        for (const std::size_t block : {3'000, 24'000, 100'000})
            session(folder / "session-bench.lectern", payload, block);
    }
    plainFile(folder / "session-bench.bin", payload);
}
