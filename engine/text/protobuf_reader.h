// SPDX-License-Identifier: GPL-3.0-or-later
// The wire format of Protocol Buffers, as much as reading a message needs.
// https://protobuf.dev/programming-guides/encoding
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

namespace lectern {

/// One field of a message. `bytes` is a view of the message (strings, inner messages); `number` the other kinds' bits.
struct ProtobufField {
    enum class Wire { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };
    std::uint32_t id = 0;
    Wire wire = Wire::Varint;
    std::uint64_t number = 0;
    std::string_view bytes;

    float asFloat() const { return std::bit_cast<float>(std::uint32_t(number)); }
    std::int32_t asInt() const { return std::int32_t(std::uint32_t(number)); }
};

/// Walks the fields of one message; every length is checked against what is left.
class ProtobufReader {
public:
    explicit ProtobufReader(std::string_view message) : m_rest(message) {}

    /// The next field, or false at the end and at damage: then broken() tells which.
    bool next(ProtobufField& field) {
        std::uint64_t key = 0;
        if (m_rest.empty() || m_broken) return false;
        field = {};
        if (!varint(key) || key >> 3 == 0 || key >> 3 > 0x1FFFFFFF) return fail();
        field.id = std::uint32_t(key >> 3);
        field.wire = ProtobufField::Wire(key & 7);
        switch (field.wire) {
            case ProtobufField::Wire::Varint:
                return varint(field.number) || fail();
            case ProtobufField::Wire::Fixed64:
                return fixed(8, field.number) || fail();
            case ProtobufField::Wire::Fixed32:
                return fixed(4, field.number) || fail();
            case ProtobufField::Wire::Bytes:
                return counted(field.bytes) || fail();
        }
        return fail();
    }
    bool broken() const { return m_broken; }

private:
    bool fail() {
        m_broken = true;
        return false;
    }
    bool varint(std::uint64_t& value) {
        value = 0;
        for (int shift = 0; shift < 64 && !m_rest.empty(); shift += 7) {
            const auto byte = static_cast<unsigned char>(m_rest.front());
            m_rest.remove_prefix(1);
            value |= std::uint64_t(byte & 0x7F) << shift;
            if (byte < 0x80) return true;
        }
        return false;
    }
    bool fixed(std::size_t size, std::uint64_t& value) {
        if (m_rest.size() < size) return false;
        for (std::size_t i = 0; i < size; ++i) value |= std::uint64_t(static_cast<unsigned char>(m_rest[i])) << 8 * i;
        m_rest.remove_prefix(size);
        return true;
    }
    bool counted(std::string_view& bytes) {
        std::uint64_t size = 0;
        if (!varint(size) || size > m_rest.size()) return false;
        bytes = m_rest.substr(0, std::size_t(size));
        m_rest.remove_prefix(std::size_t(size));
        return true;
    }

    std::string_view m_rest;
    bool m_broken = false;
};

}  // namespace lectern
