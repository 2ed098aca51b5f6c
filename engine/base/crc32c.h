// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace lectern {

/// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78, as in iSCSI, RFC 3720 appendix B.4) of `bytes`.
/// Incremental: crc32c(b, crc32c(a)) is the checksum of a followed by b; 0 begins. Uses the SSE4.2 instruction where
/// the processor has it. Any thread; no errors.
std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t crc = 0);

/// The same from tables alone, eight bytes at a time. What crc32c() is tested against.
std::uint32_t crc32cPortable(std::span<const std::byte> bytes, std::uint32_t crc = 0);

}  // namespace lectern
