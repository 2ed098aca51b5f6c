// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <memory>

namespace lectern {

/// Addresses for a known number of bytes, given out in pieces. A piece gets its memory at once, in one call, which
/// costs the system a fraction of what a fault for every page does; the system has it back when the last holder of the
/// piece lets go (a page that two pieces share: when both have, and the rest). Any thread.
class ReservedMemory : public std::enable_shared_from_this<ReservedMemory> {
public:
    /// Null where there are no such addresses; 0 bytes are no error.
    static std::shared_ptr<ReservedMemory> make(std::size_t bytes);
    ~ReservedMemory();
    ReservedMemory(const ReservedMemory&) = delete;
    ReservedMemory& operator=(const ReservedMemory&) = delete;

    /// Bytes at … at + bytes - 1 of what was reserved, zeros; each piece is asked for once. It keeps the reservation.
    /// Null where there is not enough memory.
    std::shared_ptr<std::byte> piece(std::size_t at, std::size_t bytes);

private:
    ReservedMemory(std::byte* begin, std::size_t bytes) : m_begin(begin), m_bytes(bytes) {}

    std::byte* m_begin = nullptr;
    std::size_t m_bytes = 0;
};

}  // namespace lectern
