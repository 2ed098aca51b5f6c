// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/model/gguf_file_writer.h"

#include <algorithm>
#include <cstring>
#include <fstream>

#include "engine/model/gguf_types.h"
#include "engine/model/weight_encoder.h"

namespace lectern {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kAlignment = 32;
constexpr std::size_t kChunkFloats = std::size_t(1) << 20;  ///< at once in memory

template <class T>
void append(std::string& out, T value) {
    char raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    out.append(raw, sizeof raw);
}

void appendText(std::string& out, std::string_view text) {
    append(out, std::uint64_t(text.size()));
    out += text;
}

std::uint64_t padded(std::uint64_t bytes) {
    return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

std::uint32_t numberOf(kernels::WeightType type) {
    for (std::uint32_t number = 0; number < 64; ++number)
        if (const GgmlType* known = ggmlType(number); known != nullptr && known->weight == type) return number;
    return 0;
}

Error failed(const fs::path& path) {
    return {ErrorCode::Failed,
            "\"" + path.string() + "\" cannot be written: check the folder, its rights and its room."};
}

}  // namespace

void GgufFileWriter::key(std::string_view name, std::uint32_t type) {
    ++m_key_count;
    appendText(m_keys, name);
    append(m_keys, type);
}

void GgufFileWriter::number(std::string_view name, std::uint32_t value) {
    key(name, std::uint32_t(GgufType::U32));
    append(m_keys, value);
}

void GgufFileWriter::real(std::string_view name, float value) {
    key(name, std::uint32_t(GgufType::F32));
    append(m_keys, value);
}

void GgufFileWriter::flag(std::string_view name, bool value) {
    key(name, std::uint32_t(GgufType::Bool));
    append(m_keys, std::uint8_t(value));
}

void GgufFileWriter::text(std::string_view name, std::string_view value) {
    key(name, std::uint32_t(GgufType::String));
    appendText(m_keys, value);
}

void GgufFileWriter::texts(std::string_view name, const std::vector<std::string>& values) {
    key(name, std::uint32_t(GgufType::Array));
    append(m_keys, std::uint32_t(GgufType::String));
    append(m_keys, std::uint64_t(values.size()));
    for (const std::string& value : values) appendText(m_keys, value);
}

void GgufFileWriter::reals(std::string_view name, const std::vector<float>& values) {
    key(name, std::uint32_t(GgufType::Array));
    append(m_keys, std::uint32_t(GgufType::F32));
    append(m_keys, std::uint64_t(values.size()));
    for (const float value : values) append(m_keys, value);
}

void GgufFileWriter::integers(std::string_view name, const std::vector<std::int32_t>& values) {
    key(name, std::uint32_t(GgufType::Array));
    append(m_keys, std::uint32_t(GgufType::I32));
    append(m_keys, std::uint64_t(values.size()));
    for (const std::int32_t value : values) append(m_keys, value);
}

void GgufFileWriter::bytes(std::string_view name, std::string_view values) {
    key(name, std::uint32_t(GgufType::Array));
    append(m_keys, std::uint32_t(GgufType::U8));
    append(m_keys, std::uint64_t(values.size()));
    m_keys += values;
}

void GgufFileWriter::tensor(std::string name, int rows, int cols, kernels::WeightType type, Rows values, int stacked) {
    m_tensors.push_back({std::move(name), rows, cols, type, std::move(values), stacked});
}

std::string GgufFileWriter::header() const {
    std::string out = "GGUF";
    append(out, std::uint32_t(3));
    append(out, std::uint64_t(m_tensors.size()));
    append(out, m_key_count);
    out += m_keys;
    std::uint64_t offset = 0;
    for (const Tensor& tensor : m_tensors) {
        appendText(out, tensor.name);
        append(out, std::uint32_t(tensor.rows == 0 ? 1 : tensor.stacked == 0 ? 2 : 3));
        append(out, std::uint64_t(tensor.cols));
        if (tensor.rows != 0) append(out, std::uint64_t(tensor.rows / std::max(1, tensor.stacked)));
        if (tensor.stacked != 0) append(out, std::uint64_t(tensor.stacked));
        append(out, numberOf(tensor.type));
        append(out, offset);
        offset += padded(tensor.bytes());
    }
    out.resize(padded(out.size()), '\0');
    return out;
}

std::uint64_t GgufFileWriter::bytes() const {
    std::uint64_t sum = header().size();
    for (const Tensor& tensor : m_tensors) sum += padded(tensor.bytes());
    return sum;
}

Status GgufFileWriter::writeTensor(std::ostream& out, const Tensor& tensor, std::stop_token stop,
                                   ThreadPool* pool) const {
    const int rows = std::max(tensor.rows, 1);
    const int step = std::max(1, int(kChunkFloats / std::size_t(tensor.cols)));
    const std::size_t row_bytes = kernels::rowBytes(tensor.type, tensor.cols);
    std::vector<float> values;
    std::vector<std::byte> stored;
    for (int begin = 0; begin < rows && out; begin += step) {
        if (stop.stop_requested()) return Error{ErrorCode::Interrupted, "Converting was stopped; nothing was written."};
        const int end = std::min(rows, begin + step);
        values.resize(std::size_t(end - begin) * std::size_t(tensor.cols));
        stored.resize(std::size_t(end - begin) * row_bytes);
        const auto makeRow = [&](int row, int) {
            const std::span<float> made(values.data() + std::size_t(row) * std::size_t(tensor.cols),
                                        std::size_t(tensor.cols));
            tensor.values(begin + row, begin + row + 1, made.data());
            encodeWeights(tensor.type, made, stored.data() + std::size_t(row) * row_bytes);
        };
        if (pool != nullptr) pool->run(end - begin, makeRow);
        for (int row = 0; pool == nullptr && row < end - begin; ++row) makeRow(row, 0);
        out.write(reinterpret_cast<const char*>(stored.data()), std::streamsize(stored.size()));
    }
    const std::string padding(padded(tensor.bytes()) - tensor.bytes(), '\0');
    out.write(padding.data(), std::streamsize(padding.size()));
    return {};
}

Status GgufFileWriter::write(const fs::path& path, const std::function<void(double done)>& progress,
                             std::stop_token stop, ThreadPool* pool) const {
    std::error_code error;
    const std::uint64_t total = bytes();
    const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    const auto space = fs::space(folder, error);
    if (!error && space.available < total)
        return Error{ErrorCode::NoRoom, "\"" + path.string() + "\" takes " + std::to_string(total) + " bytes, and " +
                                            std::to_string(space.available) + " are free on its disk."};
    const fs::path part = path.string() + ".part";
    Status done;
    {
        std::ofstream out(part, std::ios::binary | std::ios::trunc);
        out << header();
        std::uint64_t written = 0;
        for (const Tensor& tensor : m_tensors) {
            if (done = writeTensor(out, tensor, stop, pool); !done || !out) break;
            written += tensor.bytes();
            if (progress) progress(double(written) / double(total));
        }
        out.close();
        if (done && !out) done = failed(path);
    }
    if (done) {
        fs::rename(part, path, error);
        if (error) done = failed(path);
    }
    if (!done) fs::remove(part, error);
    return done;
}

}  // namespace lectern
