// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/model/gguf_fields.h"

#include <array>
#include <limits>

#include "engine/model/byte_cursor.h"
#include "engine/model/model_limits.h"

namespace lectern {
namespace {

constexpr std::uint64_t kLongestArray = std::uint64_t(limits::kVocab) * 4;  // merges outnumber tokens in some models

std::string_view nameOf(GgufType type) {
    constexpr std::array<std::string_view, 13> kNames = {
        "an 8-bit number", "an 8-bit number", "a 16-bit number", "a 16-bit number", "a 32-bit number",
        "a 32-bit number", "a 32-bit float",  "a truth value",   "a text",          "an array",
        "a 64-bit number", "a 64-bit number", "a 64-bit float"};
    return kNames[std::size_t(type)];
}

/// The integer at the cursor, or nothing where the type is no integer type or the value does not fit 64 signed bits.
std::optional<std::int64_t> readInteger(GgufType type, ByteCursor& at) {
    switch (type) {
        case GgufType::U8:
            return at.number<std::uint8_t>();
        case GgufType::I8:
            return at.number<std::int8_t>();
        case GgufType::U16:
            return at.number<std::uint16_t>();
        case GgufType::I16:
            return at.number<std::int16_t>();
        case GgufType::U32:
            return at.number<std::uint32_t>();
        case GgufType::I32:
            return at.number<std::int32_t>();
        case GgufType::I64:
            return at.number<std::int64_t>();
        case GgufType::U64: {
            const auto value = at.number<std::uint64_t>();
            if (value > std::uint64_t(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
            return std::int64_t(value);
        }
        default:
            return std::nullopt;
    }
}

}  // namespace

void GgufFields::fail(const std::string& sentence) {
    if (m_status) m_status = Error{ErrorCode::BadInput, m_file.path().string() + ": " + sentence};
}

const GgufValue* GgufFields::value(std::string_view key, GgufType type, std::string_view expected) {
    const GgufValue* found = m_status ? m_file.find(key) : nullptr;
    if (found == nullptr || found->type == type) return found;
    fail(std::string(key) + " is " + std::string(nameOf(found->type)) + ", expected " + std::string(expected) + ".");
    return nullptr;
}

std::optional<std::int64_t> GgufFields::integer(std::string_view key) {
    const GgufValue* found = m_status ? m_file.find(key) : nullptr;
    if (found == nullptr) return std::nullopt;
    ByteCursor at(found->bytes);
    const auto number = readInteger(found->type, at);
    if (!number) fail(std::string(key) + " is " + std::string(nameOf(found->type)) + ", expected a sane integer.");
    return number;
}

int GgufFields::count(std::string_view key, int fallback) {
    const auto number = integer(key);
    if (!number) return fallback;
    if (*number >= 0 && *number <= std::numeric_limits<int>::max()) return int(*number);
    fail(std::string(key) + " is " + std::to_string(*number) + ", no sane number.");
    return fallback;
}

int GgufFields::count(std::string_view key) {
    if (!has(key)) fail(std::string(key) + " is missing.");
    return count(key, 0);
}

double GgufFields::real(std::string_view key, double fallback) {
    const GgufValue* found = m_status ? m_file.find(key) : nullptr;
    if (found == nullptr) return fallback;
    ByteCursor at(found->bytes);
    if (found->type == GgufType::F32) return double(at.number<float>());
    if (found->type == GgufType::F64) return at.number<double>();
    if (const auto number = readInteger(found->type, at)) return double(*number);
    fail(std::string(key) + " is " + std::string(nameOf(found->type)) + ", expected a number.");
    return fallback;
}

bool GgufFields::flag(std::string_view key, bool fallback) {
    const GgufValue* found = value(key, GgufType::Bool, "a truth value");
    if (found == nullptr) return fallback;
    const auto byte = ByteCursor(found->bytes).number<std::uint8_t>();
    if (byte > 1) fail(std::string(key) + " is " + std::to_string(byte) + ", expected a truth value (0 or 1).");
    return byte == 1;
}

std::string GgufFields::text(std::string_view key, std::string_view fallback) {
    const GgufValue* found = value(key, GgufType::String, "a text");
    if (found == nullptr) return std::string(fallback);
    return {reinterpret_cast<const char*>(found->bytes.data()), found->bytes.size()};
}

const GgufValue* GgufFields::array(std::string_view key, std::string_view expected) {
    const GgufValue* found = value(key, GgufType::Array, expected);
    if (found == nullptr || found->count <= kLongestArray) return found;
    fail(std::string(key) + " has " + std::to_string(found->count) + " entries, more than any vocabulary.");
    return nullptr;
}

std::vector<std::string> GgufFields::texts(std::string_view key) {
    const GgufValue* found = array(key, "an array of texts");
    if (found == nullptr) return {};
    if (found->element != GgufType::String) {
        fail(std::string(key) + " holds " + std::string(nameOf(found->element)) + " per entry, expected a text.");
        return {};
    }
    std::vector<std::string> out(found->count);
    ByteCursor at(found->bytes);
    for (std::string& text : out) text = at.text();
    return out;
}

std::vector<float> GgufFields::reals(std::string_view key) {
    const GgufValue* found = array(key, "an array of 32-bit floats");
    if (found == nullptr) return {};
    if (found->element != GgufType::F32) {
        fail(std::string(key) + " holds " + std::string(nameOf(found->element)) +
             " per entry, expected a 32-bit float.");
        return {};
    }
    std::vector<float> out(found->count);
    ByteCursor at(found->bytes);
    for (float& number : out) number = at.number<float>();
    return out;
}

std::vector<std::int64_t> GgufFields::integers(std::string_view key) {
    const GgufValue* found = array(key, "an array of integers");
    if (found == nullptr) return {};
    std::vector<std::int64_t> out(found->count);
    ByteCursor at(found->bytes);
    for (std::int64_t& number : out) {
        const auto read = readInteger(found->element, at);
        if (!read) {
            fail(std::string(key) + " holds " + std::string(nameOf(found->element)) + " per entry, expected integers.");
            return {};
        }
        number = *read;
    }
    return out;
}

std::vector<bool> GgufFields::flags(std::string_view key) {
    const GgufValue* found = array(key, "an array of truth values");
    if (found == nullptr) return {};
    if (found->element != GgufType::Bool) {
        fail(std::string(key) + " holds " + std::string(nameOf(found->element)) + " per entry, expected truth values.");
        return {};
    }
    std::vector<bool> out(found->count);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = found->bytes[i] != std::byte(0);
    return out;
}

bool GgufFields::isArray(std::string_view key) const {
    const GgufValue* found = m_file.find(key);
    return found != nullptr && found->type == GgufType::Array;
}

}  // namespace lectern
