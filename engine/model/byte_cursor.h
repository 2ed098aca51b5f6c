// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace lectern {

static_assert(std::endian::native == std::endian::little, "model files are read in place");

/// Reads little-endian numbers from bytes that may lie. Once a read would pass the end, failed() stays true and every
/// read gives zero or nothing.
class ByteCursor {
public:
    explicit ByteCursor(std::span<const std::byte> bytes) : m_bytes(bytes) {}

    template <typename T>
    T number() {
        T value{};
        const auto raw = take(sizeof value);
        if (!raw.empty()) std::memcpy(&value, raw.data(), sizeof value);
        return value;
    }

    std::span<const std::byte> take(std::uint64_t count) {
        if (m_failed || count > left()) {
            m_failed = true;
            return {};
        }
        const auto part = m_bytes.subspan(m_at, count);
        m_at += count;
        return part;
    }

    /// A 64-bit length and as many bytes.
    std::string_view text() {
        const auto raw = take(number<std::uint64_t>());
        return {reinterpret_cast<const char*>(raw.data()), raw.size()};
    }

    std::uint64_t left() const { return m_bytes.size() - m_at; }
    std::uint64_t place() const { return m_at; }
    bool failed() const { return m_failed; }

private:
    std::span<const std::byte> m_bytes;
    std::size_t m_at = 0;
    bool m_failed = false;
};

}  // namespace lectern
