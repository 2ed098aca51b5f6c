// SPDX-License-Identifier: GPL-3.0-or-later
// The bytes of a calibration file: see KVQ.md.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <span>

#include "engine/base/crc32c.h"
#include "engine/base/finite.h"
#include "engine/calibrate/calibration.h"

namespace lectern {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kMagic = "LKVQ";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kFingerprint = 32;
constexpr std::uint32_t kMaxLayers = 1024, kMaxChannels = 65536, kMaxText = 200, kMaxShares = 16;
constexpr double kMaxOutliers = 0.05;

std::uint32_t checksum(std::string_view bytes) {
    return crc32c(std::as_bytes(std::span(bytes.data(), bytes.size())));
}

class Writer {
public:
    template <class T>
    void put(T value) {
        m_bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    void put(std::string_view text) { m_bytes.append(text); }
    void put(const std::vector<float>& values) {
        m_bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
    }
    std::string take() { return std::move(m_bytes); }
    const std::string& bytes() const { return m_bytes; }

private:
    std::string m_bytes;
};

/// Takes parts off the front; once something is missing everything is, and nothing is allocated for it.
class Reader {
public:
    explicit Reader(std::string_view bytes) : m_rest(bytes) {}

    template <class T>
    T take() {
        T value{};
        if (const auto part = text(sizeof value); m_whole) std::memcpy(&value, part.data(), sizeof value);
        return value;
    }
    std::string_view text(std::size_t bytes) {
        m_whole = m_whole && m_rest.size() >= bytes;
        if (!m_whole) return {};
        const auto part = m_rest.substr(0, bytes);
        m_rest.remove_prefix(bytes);
        return part;
    }
    std::vector<float> floats(std::size_t count) {
        const auto part = text(count * sizeof(float));
        std::vector<float> values(part.size() / sizeof(float));
        if (!values.empty()) std::memcpy(values.data(), part.data(), part.size());
        return values;
    }
    bool whole() const { return m_whole; }
    bool atEnd() const { return m_whole && m_rest.empty(); }

private:
    std::string_view m_rest;
    bool m_whole = true;
};

void put(Writer& out, const CalibratedBook& book) {
    out.put(book.centroids);
    out.put(book.scale);
    out.put(book.shift);
}

/// What is wrong with the book, or nothing.
const char* take(Reader& in, int bits, CalibratedBook& book) {
    book.centroids = in.floats(std::size_t(1) << bits);
    book.scale = in.take<float>();
    book.shift = in.take<float>();
    if (!in.whole()) return nullptr;
    if (!allFinite(book.centroids) || !std::isfinite(book.scale) || !std::isfinite(book.shift))
        return "holds a number that is not finite";
    if (!std::is_sorted(book.centroids.begin(), book.centroids.end())) return "has an unsorted codebook";
    if (book.centroids.front() < -1 || book.centroids.back() > 1 || book.scale <= 0)
        return "has a codebook outside its limits";
    return nullptr;
}

const char* take(Reader& in, std::size_t channels, CalibratedLayer& layer) {
    layer.offset = in.floats(channels);
    layer.range = in.floats(channels);
    if (!allFinite(layer.offset) || !allFinite(layer.range)) return "holds a number that is not finite";
    if (std::any_of(layer.range.begin(), layer.range.end(), [](float r) { return r < 0; }))
        return "has a channel of negative range";
    for (auto* kind : {&layer.keys, &layer.values}) {
        for (int bits = 2; bits <= 4; ++bits) {
            if (const char* defect = take(in, bits, (*kind)[std::size_t(bits) - 2])) return defect;
        }
    }
    return nullptr;
}

bool isFingerprint(std::string_view text) {
    return text.size() == kFingerprint && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// What is wrong with the head, or nothing; then `layers` and `shares` are within their limits.
const char* takeHead(Reader& in, Calibration& c, std::uint32_t& layers, std::uint32_t& shares) {
    c.model = in.text(kFingerprint);
    layers = in.take<std::uint32_t>();
    const auto heads = in.take<std::uint32_t>(), dim = in.take<std::uint32_t>(), sinks = in.take<std::uint32_t>();
    c.tokens = in.take<std::uint64_t>();
    const auto text = in.take<std::uint32_t>();
    if (text > kMaxText) return "has a number outside its limits";
    c.text = in.text(text);
    shares = in.take<std::uint32_t>();
    if (!in.whole()) return nullptr;
    const bool sane = isFingerprint(c.model) && layers >= 1 && layers <= kMaxLayers && heads >= 1 && dim >= 8 &&
                      dim % 8 == 0 && dim <= std::uint32_t(kernels::kMaxHeadDim) && heads <= kMaxChannels / dim &&
                      sinks <= std::uint32_t(kMaxSinks) && shares >= 1 && shares <= kMaxShares;
    if (!sane) return "has a number outside its limits";
    c.shape = {int(heads), int(dim)};
    c.sinks = int(sinks);
    return nullptr;
}

const char* takeBody(Reader& in, Calibration& c) {
    std::uint32_t layers = 0, shares = 0;
    if (const char* defect = takeHead(in, c, layers, shares)) return defect;
    double last = -1;
    for (std::uint32_t share = 0; in.whole() && share < shares; ++share) {
        CalibratedShare& s = c.shares.emplace_back();
        s.outliers = in.take<double>();
        if (in.whole() && !(s.outliers > last && s.outliers >= 0 && s.outliers <= kMaxOutliers))
            return "has a share of outliers outside its limits";
        last = s.outliers;
        for (std::uint32_t layer = 0; in.whole() && layer < layers; ++layer) {
            if (const char* defect = take(in, std::size_t(c.shape.channels()), s.layers.emplace_back())) return defect;
        }
    }
    return nullptr;
}

}  // namespace

Status saveCalibration(const Calibration& c, const fs::path& file) {
    Writer out;
    out.put(kMagic);
    out.put(kVersion);
    out.put(std::string_view(c.model));
    out.put(std::uint32_t(c.shares.front().layers.size()));
    out.put(std::uint32_t(c.shape.kv_heads));
    out.put(std::uint32_t(c.shape.head_dim));
    out.put(std::uint32_t(c.sinks));
    out.put(c.tokens);
    const std::string text = c.text.substr(0, kMaxText);
    out.put(std::uint32_t(text.size()));
    out.put(std::string_view(text));
    out.put(std::uint32_t(c.shares.size()));
    for (const auto& share : c.shares) {
        out.put(share.outliers);
        for (const auto& layer : share.layers) {
            out.put(layer.offset);
            out.put(layer.range);
            for (const auto* kind : {&layer.keys, &layer.values})
                for (const auto& book : *kind) put(out, book);
        }
    }
    out.put(checksum(out.bytes()));
    const fs::path draft = file.string() + ".part";
    std::ofstream stream(draft, std::ios::binary);
    const std::string bytes = out.take();
    stream.write(bytes.data(), std::streamsize(bytes.size()));
    stream.close();
    std::error_code failed;
    if (stream) fs::rename(draft, file, failed);
    if (stream && !failed) return {};
    fs::remove(draft, failed);
    return Error{ErrorCode::Failed, "\"" + file.string() + "\" cannot be written; choose another place for it."};
}

Result<Calibration> loadCalibration(const fs::path& file) {
    const auto bad = [&](const std::string& what) {
        return Error{ErrorCode::BadInput, "\"" + file.string() + "\" " + what + "."};
    };
    std::ifstream stream(file, std::ios::binary);
    if (!stream || fs::is_directory(file)) return bad("cannot be opened");
    const std::string bytes((std::istreambuf_iterator<char>(stream)), {});
    Reader in(bytes);
    if (in.text(kMagic.size()) != kMagic) return bad("is not a calibration file (.kvq)");
    if (const auto version = in.take<std::uint32_t>(); version > kVersion)
        return bad("has version " + std::to_string(version) + ", this Lectern reads " + std::to_string(kVersion) +
                   "; install a newer Lectern");
    else if (version == 0)
        return bad("is cut short or damaged");
    const std::size_t body = bytes.size() - std::min(bytes.size(), sizeof(std::uint32_t));
    std::uint32_t stored = 0;
    std::memcpy(&stored, bytes.data() + body, bytes.size() - body);
    if (body < 8 || stored != checksum(std::string_view(bytes).substr(0, body)))
        return bad("is cut short or damaged: its checksum does not match");
    Calibration calibration;
    const char* defect = takeBody(in, calibration);
    in.take<std::uint32_t>();  // the checksum
    if (defect != nullptr) return bad(defect);
    if (!in.atEnd()) return bad("does not have the length it says");
    return calibration;
}

Result<Calibration> loadCalibration(const fs::path& file, const std::string& fingerprint, int layers, KvShape shape) {
    auto calibration = loadCalibration(file);
    if (!calibration) return calibration;
    const bool fits = calibration->model == fingerprint && int(calibration->shares.front().layers.size()) == layers &&
                      calibration->shape.kv_heads == shape.kv_heads && calibration->shape.head_dim == shape.head_dim;
    if (fits) return calibration;
    return Error{ErrorCode::BadInput, "\"" + file.string() + "\" was made for another model: calibrate this one."};
}

}  // namespace lectern
