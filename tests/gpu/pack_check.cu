// SPDX-License-Identifier: GPL-3.0-or-later
// Appending on a real GPU: bytes against packRef, and the time of a 4,096-token chunk.
// Sources: this file, kernels/cuda/pack.cu, kernels/kv_codes_ref.cpp (with -ffp-contract=off).
#include <cstring>

#include "tests/gpu/made_up_layer.cuh"

namespace {

using namespace lectern::kernels;
using namespace lectern::gpu;

std::vector<std::byte> reference(const Layer& layer, const std::vector<float>& x, int tokens) {
    const int channels = layer.layout.shape.channels();
    std::vector<std::byte> memory(layer.pitch() * std::size_t((tokens + 63) / 64), std::byte(0xa5));
    for (int done = 0; done < tokens; done += 64)
        packRef(layer.layout, layer.params(false), x.data() + std::size_t(done) * std::size_t(channels), 0,
                std::min(64, tokens - done), nullptr, memory.data() + layer.pitch() * std::size_t(done / 64));
    return memory;
}

void checkLayer(Report& report, const Layer& layer) {
    const int channels = layer.layout.shape.channels(), tokens = 150;
    const auto n = std::size_t(channels) * std::size_t(tokens);
    std::vector<std::vector<float>> inputs = {normalValues(n, 1), normalValues(n, 2, 5), normalValues(n, 3, 100)};
    for (float& v : inputs[2]) v = std::round(v);  // ties everywhere
    inputs.push_back(std::vector<float>(n, 0.25F));
    bool whole = true, pieces = true;
    for (const auto& input : inputs) {
        const DeviceArray<float> x(input);
        const auto want = reference(layer, input, tokens);
        const Pages once(layer, 3, tokens), parts(layer, 3, tokens);
        once.append(x.data(), 0, tokens);
        int first = 0;
        for (const int count : {1, 1, 14, 33, 15, 70, 1, 15}) {
            parts.append(x.data() + std::size_t(first) * std::size_t(channels), first, count);
            first += count;
        }
        whole = whole && once.memory.get() == want;
        pieces = pieces && parts.memory.get() == want;
    }
    report.check("pack " + layer.name(), whole);
    report.check("pack in pieces " + layer.name(), pieces);
}

void timeLayer(const Layer& layer, double copy_rate) {
    const int channels = layer.layout.shape.channels(), tokens = 4096;
    const DeviceArray<float> x(normalValues(std::size_t(channels) * std::size_t(tokens), 9, 100));
    const Pages pages(layer, tokens / 64, tokens);
    const double time = microseconds([&] { pages.append(x.data(), 0, tokens); });
    const double one = microseconds([&] { pages.append(x.data(), 37, 1); });
    const double bytes = double(x.size()) * 4 + double(layer.layout.bytes()) * tokens / 64;
    std::printf(
        "{\"timing\": \"append\", \"kind\": \"%s\", \"bits\": %d, \"kv_heads\": %d, \"head_dim\": %d, \"slots\": %d, "
        "\"tokens\": %d, \"microseconds\": %.1f, \"gb_per_s\": %.1f, \"share_of_bandwidth\": %.3f, "
        "\"one_token_microseconds\": %.1f}\n",
        layer.layout.kind == KvKind::Key ? "key" : "value", layer.layout.bits, layer.layout.shape.kv_heads,
        layer.layout.shape.head_dim, layer.layout.slots, tokens, time, bytes / time / 1000, bytes / time / copy_rate,
        one);
}

}  // namespace

int main() {
    if (!deviceThere()) return kNoDevice;
    Report report;
    const KvShape shapes[] = {{32, 128}, {8, 128}, {4, 128}, {12, 64}, {32, 80}, {8, 96}, {4, 256}};
    for (const KvShape& shape : shapes)
        for (const KvKind kind : {KvKind::Key, KvKind::Value})
            for (const int bits : {2, 3, 4, kRawBits})
                checkLayer(report, Layer(shape, kind, bits, slotsOf(shape, bits)));
    checkLayer(report, Layer({8, 128}, KvKind::Key, 3, 0));
    checkLayer(report, Layer({8, 128}, KvKind::Value, 2, 0));
    checkLayer(report, Layer({8, 128}, KvKind::Value, 4, 600));
    const double copy_rate = copyBytesPerMicrosecond();
    std::printf("{\"timing\": \"copy\", \"gb_per_s\": %.1f}\n", copy_rate / 1000);
    for (const KvShape& shape : {KvShape{32, 128}, KvShape{8, 128}, KvShape{4, 128}})
        for (const KvKind kind : {KvKind::Key, KvKind::Value})
            for (const int bits : {2, 3, 4, kRawBits})
                timeLayer(Layer(shape, kind, bits, slotsOf(shape, bits), false), copy_rate);
    return report.finish();
}
