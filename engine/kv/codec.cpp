// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/kv/codec.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "engine/base/finite.h"

namespace lectern {

namespace {

constexpr std::uint32_t kQuantizerMagic = 0x32515a4c;  // "LZQ2"
constexpr double kWidestCut = 4.0;                     // standard deviations, where no outliers are taken out

double normalDensity(double x) {
    return std::exp(-0.5 * x * x) * 0.3989422804014327;
}
double normalBelow(double x) {
    return 0.5 * std::erfc(-x * 0.7071067811865476);
}

/// x with normalBelow(x) = p, by bisection: exact enough and needed a few times only.
double normalQuantile(double p) {
    double low = -10, high = 10;
    for (int step = 0; step < 100; ++step) {
        const double middle = 0.5 * (low + high);
        (normalBelow(middle) < p ? low : high) = middle;
    }
    return 0.5 * (low + high);
}

/// Lloyd's fixed point for a normal variable cut at ±cut: each level is the mean of its cell. Converges fast from
/// quantiles.
std::vector<double> lloydLevels(int levels, double cut) {
    std::vector<double> centre(std::size_t(levels), 0.0);
    for (int i = 0; i < levels; ++i) centre[std::size_t(i)] = cut * (2.0 * (i + 0.5) / levels - 1);
    for (int round = 0; round < 2000; ++round) {
        double low = -cut;
        std::vector<double> next = centre;
        for (std::size_t i = 0; i < centre.size(); ++i) {
            const double high = i + 1 < centre.size() ? 0.5 * (centre[i] + centre[i + 1]) : cut;
            const double mass = normalBelow(high) - normalBelow(low);
            if (mass > 1e-300) next[i] = (normalDensity(low) - normalDensity(high)) / mass;
            low = high;
        }
        centre = next;
    }
    return centre;
}

float quantile(std::vector<float>& sorted, double share) {
    const double at = share * double(sorted.size() - 1);
    const auto below = std::size_t(at);
    const float rest = float(at - double(below));
    const float low = sorted[below], high = sorted[std::min(below + 1, sorted.size() - 1)];
    return low + (high - low) * rest;
}

void put(std::string& out, const std::vector<float>& values) {
    const auto count = std::uint32_t(values.size());
    out.append(reinterpret_cast<const char*>(&count), sizeof count);
    out.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
}

/// Takes a vector of exactly `expected` finite floats off the front of `in`.
bool take(std::string_view& in, std::size_t expected, std::vector<float>& out) {
    std::uint32_t count = 0;
    if (in.size() < sizeof count) return false;
    std::memcpy(&count, in.data(), sizeof count);
    in.remove_prefix(sizeof count);
    if (count != expected || in.size() < expected * sizeof(float)) return false;
    out.resize(expected);
    if (expected != 0) std::memcpy(out.data(), in.data(), expected * sizeof(float));
    in.remove_prefix(expected * sizeof(float));
    return allFinite(out);
}

bool takeBook(std::string_view& in, int bits, LayerCodec& codec) {
    const std::size_t levels = bits == kernels::kRawBits ? 0 : std::size_t(1) << bits;
    return take(in, levels, codec.book) && take(in, levels == 0 ? 0 : levels - 1, codec.midpoints) &&
           std::is_sorted(codec.book.begin(), codec.book.end()) &&
           std::is_sorted(codec.midpoints.begin(), codec.midpoints.end());
}

}  // namespace

kernels::CodecParams LayerCodec::params() const {
    const auto pointer = [](const std::vector<float>& v) { return v.empty() ? nullptr : v.data(); };
    return {pointer(offset), pointer(range), pointer(book), pointer(midpoints)};
}

void LayerCodec::setBook(std::vector<float> centroids) {
    book = std::move(centroids);
    midpoints.resize(book.empty() ? 0 : book.size() - 1);
    for (std::size_t i = 0; i < midpoints.size(); ++i) midpoints[i] = 0.5F * (book[i] + book[i + 1]);
}

std::vector<float> dataFreeBook(Codebook codebook, int bits, double outliers) {
    const int levels = 1 << bits;
    std::vector<float> book(std::size_t(levels), 0.0F);
    if (codebook == Codebook::Uniform) {
        for (int i = 0; i < levels; ++i) book[std::size_t(i)] = float(2.0 * i / (levels - 1) - 1);
        return book;
    }
    const double cut = outliers > 0 ? std::min(normalQuantile(1 - outliers / 2), kWidestCut) : kWidestCut;
    const auto centre = lloydLevels(levels, cut);
    std::transform(centre.begin(), centre.end(), book.begin(), [cut](double x) { return float(x / cut); });
    return book;
}

int sparseSlots(const KvSettings& settings, int bits, int channels) {
    if (bits == kernels::kRawBits || settings.outliers <= 0) return 0;
    return 2 * int(std::ceil(settings.outliers / 2 * channels));
}

KvBlockLayout blockLayout(const KvSettings& settings, int layer, KvKind kind, KvShape shape) {
    const int bits = kind == KvKind::Key ? settings.keyBits(layer) : settings.valueBits(layer);
    return {shape, kind, bits, sparseSlots(settings, bits, shape.channels())};
}

std::size_t pageBytes(const KvSettings& settings, int layers, KvShape shape) {
    std::size_t bytes = 0;
    for (int layer = 0; layer < layers; ++layer)
        for (const KvKind kind : {KvKind::Key, KvKind::Value})
            bytes += blockLayout(settings, layer, kind, shape).bytes();
    return bytes;
}

KvBlockLayout rawLayout(KvKind kind, KvShape shape) {
    return {shape, kind, kernels::kRawBits, 0};
}

LayerCodec fitKeyCodec(const KvSettings& settings, int layer, std::span<const float> k, int tokens, int channels) {
    LayerCodec codec;
    const int bits = settings.keyBits(layer);
    if (bits == kernels::kRawBits) return codec;
    codec.offset.resize(std::size_t(channels));
    codec.range.resize(std::size_t(channels));
    std::vector<float> column(static_cast<std::size_t>(tokens));
    for (int c = 0; c < channels; ++c) {
        for (int t = 0; t < tokens; ++t)
            column[std::size_t(t)] = k[std::size_t(t) * std::size_t(channels) + std::size_t(c)];
        std::sort(column.begin(), column.end());
        const float low = quantile(column, settings.outliers / 2), high = quantile(column, 1 - settings.outliers / 2);
        codec.offset[std::size_t(c)] = 0.5F * (high + low);
        codec.range[std::size_t(c)] = 0.5F * (high - low);
    }
    codec.setBook(dataFreeBook(settings.codebook, bits, settings.outliers));
    return codec;
}

LayerCodec valueCodec(const KvSettings& settings, int layer) {
    LayerCodec codec;
    const int bits = settings.valueBits(layer);
    if (bits != kernels::kRawBits) codec.setBook(dataFreeBook(settings.codebook, bits, settings.outliers));
    return codec;
}

std::string packQuantizer(const Quantizer& quantizer) {
    std::string out(reinterpret_cast<const char*>(&kQuantizerMagic), sizeof kQuantizerMagic);
    out.push_back(quantizer.calibrated ? '\1' : '\0');
    for (std::size_t layer = 0; layer < quantizer.keys.size(); ++layer) {
        put(out, quantizer.keys[layer].offset);
        put(out, quantizer.keys[layer].range);
        for (const auto* codec : {&quantizer.keys[layer], &quantizer.values[layer]}) {
            put(out, codec->book);
            put(out, codec->midpoints);
        }
    }
    return out;
}

Result<Quantizer> unpackQuantizer(const std::string& bytes, const KvSettings& settings, int layers, int channels) {
    const Error damaged{ErrorCode::Damaged, "The session's quantizer is damaged; verify the session or read it again."};
    std::string_view in = bytes;
    if (in.size() < 5 || std::memcmp(in.data(), &kQuantizerMagic, 4) != 0) return damaged;
    Quantizer quantizer;
    quantizer.calibrated = in[4] != 0;
    in.remove_prefix(5);
    for (int layer = 0; layer < layers; ++layer) {
        LayerCodec key, value;
        const int key_bits = settings.keyBits(layer), value_bits = settings.valueBits(layer);
        const std::size_t width = key_bits == kernels::kRawBits ? 0 : std::size_t(channels);
        const bool whole = take(in, width, key.offset) && take(in, width, key.range) && takeBook(in, key_bits, key) &&
                           takeBook(in, value_bits, value);
        const bool sane = whole && std::all_of(key.range.begin(), key.range.end(), [](float r) { return r >= 0; });
        if (!sane) return damaged;
        quantizer.keys.push_back(std::move(key));
        quantizer.values.push_back(std::move(value));
    }
    if (!in.empty()) return damaged;
    return quantizer;
}

}  // namespace lectern
