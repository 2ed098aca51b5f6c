// SPDX-License-Identifier: GPL-3.0-or-later
// Appending on a real GPU: bytes against packRef, and the time of a 4,096-token chunk.
// Sources: this file, kernels/cuda/pack.cu, kernels/kv_codes_ref.cpp (with -ffp-contract=off).
#include <cstring>

#include "kernels/cuda/pack.cuh"
#include "tests/gpu/kernel_check.cuh"

namespace {

using namespace lectern::kernels;
using namespace lectern::gpu;

/// A layer's parameters, on the host and on the device.
struct Layer {
    KvBlockLayout layout;
    std::vector<float> offset, range, book, midpoints;
    DeviceArray<float> device_offset, device_range, device_book, device_midpoints;

    static std::vector<float> offsets(int channels) {
        std::vector<float> z(std::size_t(channels), 0.0F);
        for (std::size_t c = 3; c < z.size(); c += 7) z[c] = 0.25F * float(c % 16);
        return z;
    }
    static std::vector<float> ranges(int channels, bool degenerate) {
        std::vector<float> r(std::size_t(channels), 2.5F);
        for (std::size_t c = 3; degenerate && c < r.size(); c += 97) r[c] = 0.0F;
        return r;
    }
    static std::vector<float> levels(int bits, bool middles) {
        std::vector<float> b;
        if (bits == kRawBits) return b;
        for (int i = 0; i < 1 << bits; ++i) b.push_back(std::sin(3.0F * (float(i) / float((1 << bits) - 1) - 0.5F)));
        if (!middles) return b;
        for (std::size_t i = 0; i + 1 < b.size(); ++i) b[i] = (b[i] + b[i + 1]) / 2;
        b.pop_back();
        return b;
    }
    Layer(KvShape shape, KvKind kind, int bits, int slots, bool degenerate = true)
        : layout{shape, kind, bits, slots},
          offset(offsets(shape.channels())),
          range(ranges(shape.channels(), degenerate)),
          book(levels(bits, false)),
          midpoints(levels(bits, true)),
          device_offset(offset),
          device_range(range),
          device_book(book),
          device_midpoints(midpoints) {}

    CodecParams params(bool device) const {
        if (device) return {device_offset.data(), device_range.data(), device_book.data(), device_midpoints.data()};
        return {offset.data(), range.data(), book.data(), midpoints.data()};
    }
    std::string name() const {
        return std::string(layout.kind == KvKind::Key ? "keys" : "values") + " " + std::to_string(layout.bits) +
               " bits " + std::to_string(layout.shape.kv_heads) + "x" + std::to_string(layout.shape.head_dim) + " " +
               std::to_string(layout.slots) + " slots";
    }
    std::size_t pitch() const { return (layout.bytes() + 255) / 256 * 256; }
};

/// Device pages of one layer.
struct Pages {
    const Layer& layer;
    DeviceArray<std::byte> memory, scratch;
    DeviceArray<std::byte*> pointers;

    Pages(const Layer& of, int pages, int most_tokens)
        : layer(of),
          memory(of.pitch() * std::size_t(pages)),
          scratch(packScratchBytes(of.layout, most_tokens)),
          pointers(std::size_t(pages)) {
        std::vector<std::byte*> at;
        for (int p = 0; p < pages; ++p) at.push_back(memory.data() + of.pitch() * std::size_t(p));
        pointers.set(at);
        memory.fill(0xa5);
        scratch.fill(0x3c);
    }
    void append(const float* x, int first, int tokens) const {
        PackArgs args;
        args.layout = layer.layout, args.params = layer.params(true);
        args.x = x, args.stride = layer.layout.shape.channels(), args.tokens = tokens, args.first = first;
        args.pages = pointers.data(), args.scratch = scratch.data();
        must(cudaError_t(-pack(args, nullptr)), "pack");
    }
};

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

int slotsOf(const KvShape& shape, int bits) {
    return bits == kRawBits ? 0 : 2 * ((shape.channels() + 199) / 200);  // 1%
}

}  // namespace

int main() {
    if (!deviceThere()) return 0;
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
