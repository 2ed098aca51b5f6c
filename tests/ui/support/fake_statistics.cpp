// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/support/fake_statistics.h"

#include <algorithm>
#include <cmath>

namespace lectern::test {
namespace {

/// Repeatable noise, 0 … 1.
double noise(int seed) {
    const double wave = std::sin(seed * 12.9898) * 43758.5453;
    return wave - std::floor(wave);
}

void fillHistogram(KvStatistics& s, double spread) {
    s.histogram.resize(kHistogramBins);
    for (int bin = 0; bin < kHistogramBins; ++bin) {
        const double u = -kHistogramEdge + (bin + 0.5) * 2 * kHistogramEdge / kHistogramBins;
        s.histogram[std::size_t(bin)] = std::uint64_t(1e5 * std::exp(-u * u / (2 * spread * spread)));
    }
}

void fillCodes(KvStatistics& s, int bits) {
    const int codes = 1 << bits;
    for (int code = 0; code < codes; ++code) {
        const double place = (code + 0.5) / codes * 2 - 1;
        s.codebook.push_back(float(place * (0.55 + 0.45 * std::abs(place))));
        s.codes_used.push_back(std::uint64_t(1e5 * std::exp(-place * place * 0.9)));
    }
}

void fillChannels(KvStatistics& s, int layer, bool keys) {
    for (int channel = 0; channel < kFakeHeads * kFakeHeadDim; ++channel) {
        const bool large = keys && channel % kFakeHeadDim > kFakeHeadDim - 6;
        const double size = (large ? 6.5 : 1.1) * (0.7 + 0.6 * noise(layer * 997 + channel)), shift = large ? size : 0;
        s.magnitude.push_back(float(0.8 * size + shift * 0.3));
        if (!keys) continue;
        s.low.push_back(float(shift * 0.5 - 2.4 * size));
        s.high.push_back(float(shift * 0.5 + 2.4 * size));
    }
}

KvStatistics fakeKind(const KvSettings& settings, int layer, bool keys, std::uint64_t tokens) {
    KvStatistics s;
    const MemoryLedger ledger = fakeLedger(settings, tokens);
    s.bytes = (keys ? ledger.key_codes : ledger.value_codes) / kFakeLayers +
              (ledger.corrections + ledger.raw) / (2 * kFakeLayers);
    const int bits = keys ? settings.keyBits(layer) : settings.valueBits(layer);
    const std::uint64_t raw = std::uint64_t(settings.sinks + settings.window);
    if (bits == 16 || tokens <= raw) return s;
    s.tokens = tokens - raw;
    s.sampled = s.tokens / 17;
    s.outlier_share = settings.outliers * (0.92 + 0.08 * noise(layer));
    s.snr_db = 6.02 * bits - 3.2 + 2.5 * noise(layer * 7 + (keys ? 1 : 2)) - (layer == 0 ? 2.5 : 0);
    s.drift = keys ? settings.outliers * (0.8 + 0.9 * noise(layer * 3)) : 0;
    std::uint64_t length = 512;
    while (s.tokens > 128 * length) length *= 2;
    s.outliers_over_time.run = s.drift_over_time.run = length;
    for (std::uint64_t run = 0; run * length < s.tokens; ++run) {
        s.outliers_over_time.points.push_back(s.outlier_share * (0.96 + 0.08 * noise(int(run) + layer)));
        if (keys) s.drift_over_time.points.push_back(s.drift * (0.7 + 0.6 * noise(int(run) * 5 + layer)));
    }
    s.tokens_by_outliers = {s.tokens / 20, s.tokens / 10, s.tokens / 5,
                            s.tokens - s.tokens / 20 - s.tokens / 10 - s.tokens / 5};
    fillHistogram(s, 0.3 + 0.1 * noise(layer + 50));
    fillCodes(s, bits);
    fillChannels(s, layer, keys);
    return s;
}

}  // namespace

MemoryLedger fakeLedger(const KvSettings& kv, std::uint64_t tokens) {
    MemoryLedger ledger;
    const std::uint64_t raw_tokens = kv.raw() ? tokens : std::min<std::uint64_t>(tokens, 133);
    const std::uint64_t half = kFakeFp16PerToken / 2, packed = tokens - raw_tokens;
    ledger.weights = kFakeWeights;
    ledger.tokens = tokens;
    ledger.raw = raw_tokens * kFakeFp16PerToken;
    ledger.key_codes = packed * half * std::uint64_t(kv.key_bits) / 16;
    ledger.value_codes = packed * (half * std::uint64_t(kv.value_bits) / 16 + 96);
    ledger.corrections = std::uint64_t(double(packed * kFakeFp16PerToken) * kv.outliers * 1.5);
    ledger.tables = tokens == 0 ? 0 : 420'000;
    ledger.activations = 8'400'000;
    ledger.fp16_bytes = tokens * kFakeFp16PerToken;
    ledger.file_bytes = ledger.kvBytes() + 300'000;
    ledger.peak = ledger.weights + ledger.kvBytes() + ledger.activations;
    return ledger;
}

Comparison fakeComparison(const std::vector<KvSettings>& settings, std::uint64_t tokens) {
    Comparison comparison{{}, 4096, tokens, 1'700'000'000};
    for (const KvSettings& kv : settings) {
        ComparedSetting row{.kv = kv, .calibrated = kv.outliers == 0.01};
        const double bits = (kv.key_bits + kv.value_bits) / 2.0;
        if (!kv.raw()) {
            row.kl_mean = 1.6 * std::exp(-1.35 * bits) * (kv.outliers > 0 ? 1 : 2.3) * (kv.sinks > 0 ? 1 : 1.4) *
                          (kv.qnorm == QNorm::Auto ? 1 : 1.2);
            row.kl_p99 = 9 * row.kl_mean;
        }
        row.perplexity = 11.42 * std::exp(0.4 * row.kl_mean);
        row.top1_agreement = 1 - 0.9 * row.kl_mean;
        row.bytes_per_token =
            2.0 * kFakeLayers * kFakeHeads * kFakeHeadDim * (bits + (kv.raw() ? 0 : 33 * kv.outliers)) / 8;
        comparison.settings.push_back(row);
    }
    return comparison;
}

std::vector<LayerStatistics> fakeStatistics(const KvSettings& settings, std::uint64_t tokens) {
    std::vector<LayerStatistics> layers;
    for (int layer = 0; layer < kFakeLayers; ++layer)
        layers.push_back({fakeKind(settings, layer, true, tokens), fakeKind(settings, layer, false, tokens)});
    return layers;
}

}  // namespace lectern::test
