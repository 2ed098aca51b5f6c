// SPDX-License-Identifier: GPL-3.0-or-later
// A made-up layer of the cache for the checks on a GPU: parameters on both sides, pages that the device packs.
#pragma once

#include "kernels/cuda/pack.h"
#include "tests/gpu/kernel_check.cuh"

namespace lectern::gpu {

using namespace lectern::kernels;

/// Corrections per token at 1% outliers.
inline int slotsOf(const KvShape& shape, int bits) {
    return bits == kRawBits ? 0 : 2 * ((shape.channels() + 199) / 200);  // 1%
}

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

}  // namespace lectern::gpu
