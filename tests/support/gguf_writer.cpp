// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/gguf_writer.h"

#include <cstring>

namespace lectern::test {
namespace {

template <typename T>
void put(std::string& out, T value) {
    char raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    out.append(raw, sizeof raw);
}

void putString(std::string& out, std::string_view text) {
    put(out, std::uint64_t(text.size()));
    out += text;
}

void putArrayHead(std::string& out, GgufKind kind, std::size_t count) {
    put(out, std::uint32_t(kind));
    put(out, std::uint64_t(count));
}

void pad(std::string& out, std::uint64_t alignment) {
    while (out.size() % alignment != 0) out += '\0';
}

}  // namespace

void GgufWriter::keyed(std::string_view key, GgufKind kind) {
    putString(m_metadata, key);
    put(m_metadata, std::uint32_t(kind));
    ++m_metadata_count;
}

void GgufWriter::u32(std::string_view key, std::uint32_t value) {
    keyed(key, GgufKind::U32);
    put(m_metadata, value);
}

void GgufWriter::f32(std::string_view key, float value) {
    keyed(key, GgufKind::F32);
    put(m_metadata, value);
}

void GgufWriter::boolean(std::string_view key, bool value) {
    keyed(key, GgufKind::Bool);
    put(m_metadata, std::uint8_t(value));
}

void GgufWriter::string(std::string_view key, std::string_view value) {
    keyed(key, GgufKind::String);
    putString(m_metadata, value);
}

void GgufWriter::strings(std::string_view key, const std::vector<std::string>& values) {
    keyed(key, GgufKind::Array);
    putArrayHead(m_metadata, GgufKind::String, values.size());
    for (const auto& value : values) putString(m_metadata, value);
}

void GgufWriter::floats(std::string_view key, const std::vector<float>& values) {
    keyed(key, GgufKind::Array);
    putArrayHead(m_metadata, GgufKind::F32, values.size());
    for (const float value : values) put(m_metadata, value);
}

void GgufWriter::ints(std::string_view key, const std::vector<int>& values) {
    keyed(key, GgufKind::Array);
    putArrayHead(m_metadata, GgufKind::I32, values.size());
    for (const int value : values) put(m_metadata, std::int32_t(value));
}

void GgufWriter::raw(std::string_view key, GgufKind kind, std::string_view payload) {
    keyed(key, kind);
    m_metadata += payload;
}

void GgufWriter::tensor(std::string_view name, const std::vector<std::uint64_t>& shape, std::uint32_t type,
                        std::string data) {
    pad(m_data, alignment);
    putString(m_tensors, name);
    put(m_tensors, std::uint32_t(shape.size()));
    for (const std::uint64_t extent : shape) put(m_tensors, extent);
    put(m_tensors, type);
    put(m_tensors, std::uint64_t(m_data.size()));
    ++m_tensor_count;
    m_data += data;
}

std::string GgufWriter::header() const {
    std::string out = "GGUF";
    put(out, version);
    put(out, m_tensor_count);
    put(out, m_metadata_count);
    return out + m_metadata + m_tensors;
}

std::string GgufWriter::bytes() const {
    std::string out = header();
    pad(out, alignment);
    out += m_data;
    pad(out, alignment);
    return out;
}

}  // namespace lectern::test
