// SPDX-License-Identifier: GPL-3.0-or-later
// Made-up layers, data with the shapes that hurt, and memory aligned as the kernels ask for.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "kernels/dispatch.h"

namespace lectern::test {

using namespace lectern::kernels;

/// Tables of every instruction set this machine runs.
inline std::vector<const KernelTable*> allTables() {
    std::vector<const KernelTable*> tables;
    for (const Isa isa : kIsas)
        if (const KernelTable* table = kernelsFor(isa)) tables.push_back(table);
    return tables;
}
inline std::string tableName(const ::testing::TestParamInfo<const KernelTable*>& info) {
    return info.param->name;
}

/// Tests that run once per instruction set.
class PerIsa : public ::testing::TestWithParam<const KernelTable*> {
protected:
    const KernelTable& m_table = *GetParam();
};

/// 64-byte aligned floats or bytes.
template <class T>
class Aligned {
public:
    explicit Aligned(std::size_t n, T fill = T{}) : m_size(n), m_data(new (std::align_val_t(64)) T[n == 0 ? 1 : n]) {
        std::fill_n(m_data.get(), n, fill);
    }
    T* data() { return m_data.get(); }
    const T* data() const { return m_data.get(); }
    std::size_t size() const { return m_size; }
    T& operator[](std::size_t i) { return m_data[i]; }
    std::span<const T> span() const { return {m_data.get(), m_size}; }

private:
    struct Free {
        void operator()(T* p) const { ::operator delete[](p, std::align_val_t(64)); }
    };
    std::size_t m_size;
    std::unique_ptr<T[], Free> m_data;
};

enum class Data { Normal, OutlierHeavy, Constant, Huge, Zeros, Ties };
inline constexpr Data kAllData[] = {Data::Normal, Data::OutlierHeavy, Data::Constant,
                                    Data::Huge,   Data::Zeros,        Data::Ties};

/// [tokens][channels] values of one kind.
inline std::vector<float> makeData(Data kind, int tokens, int channels, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::vector<float> x(std::size_t(tokens) * std::size_t(channels));
    for (std::size_t i = 0; i < x.size(); ++i) {
        const float v = normal(random);
        switch (kind) {
            case Data::Normal:
                x[i] = v;
                break;
            case Data::OutlierHeavy:
                x[i] = random() % 5 == 0 ? v * 100 : v;
                break;
            case Data::Constant:
                x[i] = 0.25F * float(i % std::size_t(channels));
                break;
            case Data::Huge:
                x[i] = (random() % 2 == 0 ? 1.0F : -1.0F) * (random() % 3 == 0 ? 1e30F : 65504.0F);
                break;
            case Data::Zeros:
                x[i] = random() % 2 == 0 ? 0.0F : -0.0F;
                break;
            case Data::Ties:
                x[i] = float(int(random() % 5)) - 2.0F;
                break;
        }
    }
    return x;
}

/// Codec parameters with storage. Some channels have range 0; the codebook is irregular.
struct Layer {
    KvBlockLayout layout;
    std::vector<float> offset, range, book, midpoints;
    CodecParams params;

    Layer(KvKind kind, int kv_heads, int head_dim, int bits, int slots, unsigned seed = 1) {
        layout = {{kv_heads, head_dim}, kind, bits, slots};
        std::mt19937 random(seed);
        std::uniform_real_distribution<float> unit(0, 1);
        for (int c = 0; c < kv_heads * head_dim; ++c) {
            offset.push_back(c % 7 == 3 ? 0.25F * float(c) : unit(random) - 0.5F);
            range.push_back(c % 7 == 3 ? 0.0F : c % 11 == 5 ? 1e-3F : 1.5F * unit(random) + 0.5F);
        }
        if (bits != kRawBits) {
            for (int i = 0; i < 1 << bits; ++i) book.push_back(2 * unit(random) - 1);
            std::sort(book.begin(), book.end());
            for (std::size_t i = 0; i + 1 < book.size(); ++i) midpoints.push_back((book[i] + book[i + 1]) / 2);
            params.book = book.data();
            params.midpoints = midpoints.data();
        }
        if (kind == KvKind::Key) params.offset = offset.data(), params.range = range.data();
    }
    Layer(const Layer&) = delete;
    Layer& operator=(const Layer&) = delete;

    std::string name() const {
        return (layout.kind == KvKind::Key ? "keys " : "values ") + std::to_string(layout.bits) + " bits, " +
               std::to_string(layout.shape.kv_heads) + " heads of " + std::to_string(layout.shape.head_dim) + ", " +
               std::to_string(layout.slots) + " slots";
    }
    /// A block that holds junk, as fresh or reused memory does.
    Aligned<std::byte> junkBlock(int junk = 0xa5) const { return Aligned<std::byte>(layout.bytes(), std::byte(junk)); }
    void pack(PackFn* fn, const float* x, int first, int tokens, std::byte* block) const {
        std::vector<float> scratch(packScratchFloats(layout.shape.channels()));
        fn(layout, params, x, first, tokens, scratch.data(), block);
    }
};

/// Layers over all widths, kinds and awkward shapes.
template <class What>
void forEachLayer(What what) {
    const struct { int heads, dim; } shapes[] = {{1, 8}, {3, 8}, {1, 24}, {1, 40}, {1, 32}, {2, 32}, {2, 64}, {8, 128}};
    for (const auto& shape : shapes)
        for (const KvKind kind : {KvKind::Key, KvKind::Value})
            for (const int bits : {2, 3, 4, kRawBits})
                for (const int slots : {0, 2, 5, 12, shape.heads * shape.dim}) {
                    if ((bits == kRawBits && slots != 0) || slots > 64) continue;
                    what(Layer(kind, shape.heads, shape.dim, bits, slots));
                    if (::testing::Test::HasFatalFailure()) return;
                }
}

/// Largest difference over the largest magnitude of the reference; infinite where one has NaN or another infinity.
inline double normalisedError(std::span<const float> got, std::span<const float> want) {
    double difference = 0, size = 1e-30;
    for (std::size_t i = 0; i < want.size(); ++i) {
        if (got[i] == want[i]) continue;
        const double d = std::fabs(double(got[i]) - want[i]);
        if (!std::isfinite(d)) return INFINITY;
        difference = std::max(difference, d);
    }
    for (const float w : want)
        if (std::isfinite(w)) size = std::max(size, std::fabs(double(w)));
    return difference / size;
}

}  // namespace lectern::test
