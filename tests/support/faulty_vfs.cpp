// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/faulty_vfs.h"

#if __has_include(<sqlite3.h>)

#include <sqlite3.h>
#include <cstddef>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <new>
#include <optional>
#include <random>
#include <vector>

namespace lectern::test {

namespace fs = std::filesystem;

namespace {

constexpr sqlite3_int64 kSector = 4096;
using Bytes = std::vector<char>;

/// What the disk would hold of a file if the power went now.
struct Shadow {
    bool entry_synced = true;                ///< the folder knows the file
    std::optional<sqlite3_int64> size;       ///< at the last sync, where it changed since
    std::map<sqlite3_int64, Bytes> sectors;  ///< content at the last sync of those written since
};

Bytes readFile(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void writeFile(const fs::path& path, const Bytes& bytes) {
    std::ofstream(path, std::ios::binary).write(bytes.data(), std::streamsize(bytes.size()));
}

}  // namespace

struct FaultyVfs::Disk {
    sqlite3_vfs vfs{};
    sqlite3_vfs* real = nullptr;
    sqlite3_io_methods methods{};

    std::mutex mutex;
    long steps = 0, fail_from = -1;
    std::uint64_t written = 0;
    std::int64_t room = -1;
    bool read_only = false, off = false;
    std::function<void(long)> before_step;
    std::map<std::string, Shadow> shadows;
    std::map<std::string, Bytes> deleted;  ///< and the folder not yet synced

    /// Counts a step and tells the test, before anything is locked.
    long announce() {
        std::unique_lock lock(mutex);
        const long now = steps++;
        const auto call = before_step;
        lock.unlock();
        if (call) call(now);
        return now;
    }
    /// What SQLite is told instead of the step's success. Only growth takes room.
    int refuse(long step, std::int64_t bytes, std::int64_t growth) {
        if (off || (fail_from >= 0 && step >= fail_from)) return SQLITE_IOERR_WRITE;
        if (room >= 0 && growth > room) return SQLITE_FULL;
        if (room >= 0) room -= growth;
        written += std::uint64_t(bytes);
        return SQLITE_OK;
    }
    void survive(const std::string& path, const Shadow& shadow, Survives what, std::mt19937& random);
};

namespace {

/// Ours, then the real VFS's file in the same allocation.
struct File {
    sqlite3_file base;
    FaultyVfs::Disk* disk;
    Shadow* shadow;
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

File& self(sqlite3_file* file) {
    return *reinterpret_cast<File*>(file);
}

FaultyVfs::Disk& diskOf(sqlite3_vfs* vfs) {
    return *static_cast<FaultyVfs::Disk*>(vfs->pAppData);
}

void noteSize(File& file) {
    if (file.shadow->size) return;
    sqlite3_int64 size = 0;
    file.real()->pMethods->xFileSize(file.real(), &size);
    file.shadow->size = size;
}

void noteSectors(File& file, sqlite3_int64 offset, sqlite3_int64 bytes) {
    noteSize(file);
    for (sqlite3_int64 s = offset / kSector; s * kSector < offset + bytes; ++s) {
        if (s * kSector >= *file.shadow->size || file.shadow->sectors.contains(s)) continue;
        Bytes old(std::size_t(std::min(kSector, *file.shadow->size - s * kSector)));
        file.real()->pMethods->xRead(file.real(), old.data(), int(old.size()), s * kSector);
        file.shadow->sectors.emplace(s, std::move(old));
    }
}

int closeFile(sqlite3_file* f) {
    return self(f).real()->pMethods->xClose(self(f).real());
}

int readAt(sqlite3_file* f, void* to, int bytes, sqlite3_int64 offset) {
    return self(f).real()->pMethods->xRead(self(f).real(), to, bytes, offset);
}

int writeAt(sqlite3_file* f, const void* from, int bytes, sqlite3_int64 offset) {
    File& file = self(f);
    const long step = file.disk->announce();
    const std::lock_guard lock(file.disk->mutex);
    sqlite3_int64 size = 0;
    file.real()->pMethods->xFileSize(file.real(), &size);
    const auto growth = std::max<sqlite3_int64>(0, offset + bytes - size);
    if (const int refused = file.disk->refuse(step, bytes, growth); refused != SQLITE_OK) return refused;
    noteSectors(file, offset, bytes);
    return file.real()->pMethods->xWrite(file.real(), from, bytes, offset);
}

int truncateTo(sqlite3_file* f, sqlite3_int64 size) {
    File& file = self(f);
    const long step = file.disk->announce();
    const std::lock_guard lock(file.disk->mutex);
    if (file.disk->refuse(step, 0, 0) != SQLITE_OK) return SQLITE_IOERR_TRUNCATE;
    sqlite3_int64 old = 0;
    file.real()->pMethods->xFileSize(file.real(), &old);
    if (old > size) noteSectors(file, size, old - size);
    return file.real()->pMethods->xTruncate(file.real(), size);
}

int syncFile(sqlite3_file* f, int) {
    File& file = self(f);
    const long step = file.disk->announce();
    const std::lock_guard lock(file.disk->mutex);
    if (file.disk->refuse(step, 0, 0) != SQLITE_OK) return SQLITE_IOERR_FSYNC;
    *file.shadow = Shadow{};
    return SQLITE_OK;  // only this disk loses power: the real one need not wait
}

int fileSize(sqlite3_file* f, sqlite3_int64* size) {
    return self(f).real()->pMethods->xFileSize(self(f).real(), size);
}

int lockFile(sqlite3_file* f, int level) {
    return self(f).real()->pMethods->xLock(self(f).real(), level);
}

int unlockFile(sqlite3_file* f, int level) {
    return self(f).real()->pMethods->xUnlock(self(f).real(), level);
}

int checkReserved(sqlite3_file* f, int* held) {
    return self(f).real()->pMethods->xCheckReservedLock(self(f).real(), held);
}

int control(sqlite3_file* f, int op, void* argument) {
    return self(f).real()->pMethods->xFileControl(self(f).real(), op, argument);
}

int sectorSize(sqlite3_file* f) {
    return self(f).real()->pMethods->xSectorSize(self(f).real());
}

int characteristics(sqlite3_file* f) {
    return self(f).real()->pMethods->xDeviceCharacteristics(self(f).real());
}

int openFile(sqlite3_vfs* vfs, const char* name, sqlite3_file* f, int flags, int* out_flags) {
    FaultyVfs::Disk& disk = diskOf(vfs);
    File& file = self(f);
    file.base.pMethods = nullptr;
    const std::lock_guard lock(disk.mutex);
    if (disk.read_only) {
        if ((flags & SQLITE_OPEN_CREATE) != 0 && (name == nullptr || !fs::exists(name))) return SQLITE_CANTOPEN;
        flags = (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) | SQLITE_OPEN_READONLY;
    }
    const bool fresh = name != nullptr && !fs::exists(name);
    const int code = disk.real->xOpen(disk.real, name, file.real(), flags, out_flags);
    if (file.real()->pMethods == nullptr) return code;
    file.disk = &disk;
    file.shadow = &disk.shadows[name != nullptr ? name : ""];
    if (fresh) file.shadow->entry_synced = false;
    file.base.pMethods = &disk.methods;
    return code;
}

int deleteFile(sqlite3_vfs* vfs, const char* name, int sync_folder) {
    FaultyVfs::Disk& disk = diskOf(vfs);
    const long step = disk.announce();
    const std::lock_guard lock(disk.mutex);
    if (disk.refuse(step, 0, 0) != SQLITE_OK) return SQLITE_IOERR_DELETE;
    if (sync_folder == 0 && fs::exists(name)) disk.deleted[name] = readFile(name);
    if (sync_folder != 0) disk.deleted.clear();
    disk.shadows[name] = Shadow{};
    return disk.real->xDelete(disk.real, name, 0);
}

int access(sqlite3_vfs* vfs, const char* name, int flags, int* out) {
    return diskOf(vfs).real->xAccess(diskOf(vfs).real, name, flags, out);
}

int fullPath(sqlite3_vfs* vfs, const char* name, int size, char* out) {
    return diskOf(vfs).real->xFullPathname(diskOf(vfs).real, name, size, out);
}

sqlite3_io_methods methodTable() {
    sqlite3_io_methods m{};
    m.iVersion = 1;
    m.xClose = closeFile, m.xRead = readAt, m.xWrite = writeAt, m.xTruncate = truncateTo, m.xSync = syncFile;
    m.xFileSize = fileSize, m.xLock = lockFile, m.xUnlock = unlockFile, m.xCheckReservedLock = checkReserved;
    m.xFileControl = control, m.xSectorSize = sectorSize, m.xDeviceCharacteristics = characteristics;
    return m;
}

}  // namespace

void FaultyVfs::Disk::survive(const std::string& path, const Shadow& shadow, Survives what, std::mt19937& random) {
    const auto lost = [&] { return what == Survives::Nothing || (what == Survives::Random && random() % 2 == 0); };
    if (!fs::exists(path)) return;
    if (!shadow.entry_synced && lost()) {
        fs::remove(path);
        return;
    }
    {
        std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
        for (const auto& [sector, bytes] : shadow.sectors) {
            if (!lost()) continue;
            file.seekp(sector * kSector);
            file.write(bytes.data(), std::streamsize(bytes.size()));
        }
    }
    const auto size = sqlite3_int64(fs::file_size(path));
    if (!shadow.size || size <= *shadow.size) return;
    if (lost()) return fs::resize_file(path, std::uintmax_t(*shadow.size));
    // The size survived: what was appended may or may not have.
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    for (sqlite3_int64 at = *shadow.size; at < size; at += kSector) {
        if (!lost()) continue;
        file.seekp(at);
        const Bytes zeros(std::size_t(std::min(kSector, size - at)));
        file.write(zeros.data(), std::streamsize(zeros.size()));
    }
}

FaultyVfs::FaultyVfs() : m_disk(std::make_unique<Disk>()) {
    sqlite3_initialize();
    Disk& disk = *m_disk;
    disk.real = sqlite3_vfs_find(nullptr);
    disk.methods = methodTable();
    disk.vfs = *disk.real;
    disk.vfs.iVersion = 2;
    disk.vfs.pNext = nullptr;
    disk.vfs.zName = "lectern-faulty";
    disk.vfs.szOsFile = int(sizeof(File)) + disk.real->szOsFile;
    disk.vfs.pAppData = &disk;
    disk.vfs.xOpen = openFile;
    disk.vfs.xDelete = deleteFile;
    disk.vfs.xAccess = access;
    disk.vfs.xFullPathname = fullPath;
    if (sqlite3_vfs_register(&disk.vfs, 1) != SQLITE_OK) std::abort();
}

FaultyVfs::~FaultyVfs() {
    sqlite3_vfs_unregister(&m_disk->vfs);
    sqlite3_vfs_register(m_disk->real, 1);
}

long FaultyVfs::steps() const {
    const std::lock_guard lock(m_disk->mutex);
    return m_disk->steps;
}

std::uint64_t FaultyVfs::bytes() const {
    const std::lock_guard lock(m_disk->mutex);
    return m_disk->written;
}

void FaultyVfs::failFromStep(long step) {
    const std::lock_guard lock(m_disk->mutex);
    m_disk->fail_from = step;
}

void FaultyVfs::fullAfterBytes(std::int64_t bytes) {
    const std::lock_guard lock(m_disk->mutex);
    m_disk->room = bytes;
}

void FaultyVfs::readOnly(bool on) {
    const std::lock_guard lock(m_disk->mutex);
    m_disk->read_only = on;
}

void FaultyVfs::beforeStep(std::function<void(long)> call) {
    const std::lock_guard lock(m_disk->mutex);
    m_disk->before_step = std::move(call);
}

void FaultyVfs::cutPower(Survives unsynced, std::uint32_t seed) {
    const std::lock_guard lock(m_disk->mutex);
    std::mt19937 random(seed);
    for (const auto& [path, shadow] : m_disk->shadows) m_disk->survive(path, shadow, unsynced, random);
    for (const auto& [path, bytes] : m_disk->deleted) {  // the entry may come back
        const bool back = unsynced == Survives::Nothing || (unsynced == Survives::Random && random() % 2 == 0);
        if (back && !fs::exists(path)) writeFile(path, bytes);
    }
    m_disk->off = true;
}

void FaultyVfs::powerOn() {
    const std::lock_guard lock(m_disk->mutex);
    m_disk->shadows.clear();
    m_disk->deleted.clear();
    m_disk->off = false;
}

}  // namespace lectern::test

#endif
