// SPDX-License-Identifier: GPL-3.0-or-later
// A disk that fails on purpose, below SQLite. Empty where SQLite is not installed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace lectern::test {

/// While it lives, every database opened in this process goes through it to the real disk. A step is a write, truncate,
/// sync or delete. Any thread.
class FaultyVfs {
public:
    FaultyVfs();
    ~FaultyVfs();
    FaultyVfs(const FaultyVfs&) = delete;
    FaultyVfs& operator=(const FaultyVfs&) = delete;

    long steps() const;            ///< taken so far
    std::uint64_t bytes() const;   ///< written so far
    void failFromStep(long step);  ///< this step and all after it report an input/output error; -1: none does
    void fullAfterBytes(std::int64_t bytes);  ///< that files grow by from now on; -1: there is always room
    void readOnly(bool on);                   ///< files open as on a read-only disk
    /// Called before each step with its number: a test may wait or end the process there.
    void beforeStep(std::function<void(long)> call);

    enum class Survives { Nothing, Everything, Random };
    /// The power goes: of what was not synced, sector by sector, this much survives; folders' entries alike. Every
    /// later step fails. Databases still open must be closed and forgotten, then powerOn().
    void cutPower(Survives unsynced, std::uint32_t seed);
    void powerOn();

    struct Disk;

private:
    std::unique_ptr<Disk> m_disk;
};

}  // namespace lectern::test
