// SPDX-License-Identifier: GPL-3.0-or-later
// Speed of the kernels against what this machine can do: every figure comes with its ratio to the peak of fused
// multiply-adds or of reading memory, both measured in the same run on one core.
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstring>
#include <ctime>
#include <random>
#include <vector>

#include "kernels/dispatch.h"
#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace lectern::bench {
namespace {

using namespace lectern::kernels;

/// Processor time, not wall time: other programs may share the core.
double seconds() {
    return double(std::clock()) / CLOCKS_PER_SEC;
}

/// The best rate of `work` (units a second) out of some repetitions.
template <class Work>
double bestRate(double units, Work work) {
    double best = 0;
    for (int i = 0; i < 5; ++i) {
        const double start = seconds();
        work();
        best = std::max(best, units / (seconds() - start));
    }
    return best;
}

/// Twelve independent chains of multiply-adds hide their latency; they differ, equal ones would be computed once.
#ifdef __x86_64__
__attribute__((target("avx512f"))) void chains512(long rounds) {
    __m512 acc[12];
    for (int k = 0; k < 12; ++k) acc[k] = _mm512_set1_ps(float(k));
    for (long i = 0; i < rounds; ++i) {
#pragma GCC unroll 12
        for (int k = 0; k < 12; ++k) acc[k] = _mm512_fmadd_ps(acc[k], _mm512_set1_ps(0.9F), _mm512_set1_ps(0.1F));
    }
    benchmark::DoNotOptimize(acc);
}
__attribute__((target("avx2,fma"))) void chains256(long rounds) {
    __m256 acc[12];
    for (int k = 0; k < 12; ++k) acc[k] = _mm256_set1_ps(float(k));
    for (long i = 0; i < rounds; ++i) {
#pragma GCC unroll 12
        for (int k = 0; k < 12; ++k) acc[k] = _mm256_fmadd_ps(acc[k], _mm256_set1_ps(0.9F), _mm256_set1_ps(0.1F));
    }
    benchmark::DoNotOptimize(acc);
}
#endif
void chains128(long rounds) {
    using V = float __attribute__((vector_size(16)));
    V acc[12];
    for (int k = 0; k < 12; ++k) acc[k] = V{} + float(k);
    for (long i = 0; i < rounds; ++i) {
#pragma GCC unroll 12
        for (int k = 0; k < 12; ++k) acc[k] = acc[k] * 0.9F + 0.1F;
    }
    benchmark::DoNotOptimize(acc);
}

/// FLOP/s of fused multiply-adds in the widest registers the chosen table uses.
double peakFlops() {
    static const double peak = [] {
        constexpr long kRounds = 10'000'000;
        const Isa isa = bestKernels().isa;
        const int lanes = isa >= Isa::Avx512 ? 16 : isa == Isa::Avx2 ? 8 : 4;
        return bestRate(2.0 * 12 * lanes * kRounds, [&] {
#ifdef __x86_64__
            if (isa >= Isa::Avx512) return chains512(kRounds);
            if (isa == Isa::Avx2) return chains256(kRounds);
#endif
            chains128(kRounds);
        });
    }();
    return peak;
}

/// Bytes/s of one core adding up 256 MiB with the f32 dot product, the plainest sequential reader at hand.
double peakBytes() {
    static const double peak = [] {
        constexpr int kRows = 1 << 14, kCols = 1 << 12;
        const std::vector<float> memory(std::size_t(kRows) * kCols, 1.0F), x(kCols, 1.0F);
        std::vector<float> y(kRows);
        const WeightView view{reinterpret_cast<const std::byte*>(memory.data()), WeightType::F32, kRows, kCols};
        return bestRate(double(memory.size()) * 4, [&] { bestKernels().matvec(view, 0, kRows, x.data(), y.data()); });
    }();
    return peak;
}

void reportBytes(benchmark::State& state, double bytes) {
    state.counters["GB/s"] = benchmark::Counter(bytes * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
    state.counters["of_memory"] =
        benchmark::Counter(bytes / peakBytes(), benchmark::Counter::kIsIterationInvariantRate);
}
void reportFlops(benchmark::State& state, double flops) {
    state.counters["GFLOP/s"] = benchmark::Counter(flops * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
    state.counters["of_fma"] = benchmark::Counter(flops / peakFlops(), benchmark::Counter::kIsIterationInvariantRate);
}

std::vector<float> normals(std::size_t n, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::vector<float> x(n);
    for (float& v : x) v = normal(random);
    return x;
}

/// One layer of keys or values, a packed page of it repeated over more memory than caches hold.
struct Pages {
    static constexpr KvShape kShape{8, 128};
    KvBlockLayout layout;
    std::vector<float> offset = std::vector<float>(1024, 0.1F), range = std::vector<float>(1024, 2.5F);
    std::vector<float> book, midpoints;
    CodecParams params;
    std::size_t count, step;
    std::vector<std::byte> memory;

    Pages(KvKind kind, int bits, std::size_t total) : layout{kShape, kind, bits, bits == kRawBits ? 0 : 12} {
        const int size = 1 << (bits == kRawBits ? 1 : bits);
        for (int i = 0; i < size; ++i) book.push_back(-1.0F + 2.0F * float(i) / float(size - 1));
        for (int i = 0; i + 1 < size; ++i) midpoints.push_back((book[std::size_t(i)] + book[std::size_t(i) + 1]) / 2);
        params = {offset.data(), range.data(), book.data(), midpoints.data()};
        step = (layout.bytes() + 63) / 64 * 64;
        count = std::max<std::size_t>(1, total / step);
        memory.resize(count * step + 64);
        std::vector<float> scratch(packScratchFloats(kShape.channels()));
        const auto x = normals(64 * 1024, 1);
        bestKernels().pack(layout, params, x.data(), 0, kPageTokens, scratch.data(), block(0));
        for (std::size_t i = 1; i < count; ++i) std::memcpy(block(i), block(0), layout.bytes());
    }
    std::byte* block(std::size_t i) {
        const auto at = reinterpret_cast<std::uintptr_t>(memory.data());
        return memory.data() + ((at + 63) / 64 * 64 - at) + i * step;
    }
};

/// Decode: all pages of all heads, codes to attention. Arguments: bits, query heads per KV head.
void decode(benchmark::State& state) {
    const int bits = int(state.range(0)), rows = int(state.range(1)), head_dim = Pages::kShape.head_dim;
    Pages keys(KvKind::Key, bits, 96 << 20), values(KvKind::Value, bits, 96 << 20);
    const auto turns = normals(64 * kPageTokens, 2);
    std::vector<float> cos(turns.size()), sin(turns.size());
    for (std::size_t i = 0; i < turns.size(); ++i) cos[i] = std::cos(turns[i]), sin[i] = std::sin(turns[i]);
    const RopeOffsets rope{cos.data(), sin.data(), 64, false};
    const auto q = normals(std::size_t(rows * head_dim), 3);
    alignas(64) static float key_tile[kMaxHeadDim * 64], value_tile[kMaxHeadDim * 64];
    std::vector<float> m(64, -INFINITY), l(64), o(64 * 128), turned(q.size()), mass(64 * kMassGroups);
    AttendArgs args{turned.data(), rows, head_dim, key_tile, value_tile};
    args.group_lse = mass.data();
    const KernelTable& table = bestKernels();
    const std::size_t pages = std::min(keys.count, values.count);
    for (auto _ : state) {
        for (std::size_t page = 0; page < pages; ++page) {
            for (int head = 0; head < Pages::kShape.kv_heads; ++head) {
                table.rotate(q.data(), rows, head_dim, head_dim, cos.data(), sin.data(), 64, false, true,
                             turned.data());
                table.keyTile(keys.layout, keys.params, keys.block(page), head, rope, key_tile);
                table.valueTile(values.layout, values.params, values.block(page), head, value_tile);
                table.attend(args, {m.data(), l.data(), o.data()});
            }
        }
    }
    reportBytes(state, double(pages) * double(keys.layout.bytes() + values.layout.bytes()));
    state.counters["ns/page-head"] =
        benchmark::Counter(double(pages) * Pages::kShape.kv_heads * 1e-9,
                           benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(decode)->ArgNames({"bits", "G"})->ArgsProduct({{2, 3, 4, 16}, {1, 4, 8}});

/// Only one tile, from memory that lies in the cache. Argument: bits.
void keyTile(benchmark::State& state) {
    Pages keys(KvKind::Key, int(state.range(0)), 1);
    const std::vector<float> ones(64 * kPageTokens, 0.7F);
    const RopeOffsets rope{ones.data(), ones.data(), 64, false};
    alignas(64) static float tile[kMaxHeadDim * 64];
    for (auto _ : state) bestKernels().keyTile(keys.layout, keys.params, keys.block(0), 3, rope, tile);
    reportBytes(state, double(keys.layout.bytes()) / Pages::kShape.kv_heads);
}
BENCHMARK(keyTile)->ArgName("bits")->Arg(2)->Arg(3)->Arg(4)->Arg(16);

void valueTile(benchmark::State& state) {
    Pages values(KvKind::Value, int(state.range(0)), 1);
    alignas(64) static float tile[kMaxHeadDim * 64];
    for (auto _ : state) bestKernels().valueTile(values.layout, values.params, values.block(0), 3, tile);
    reportBytes(state, double(values.layout.bytes()) / Pages::kShape.kv_heads);
}
BENCHMARK(valueTile)->ArgName("bits")->Arg(2)->Arg(3)->Arg(4)->Arg(16);

/// Many rows against one page. Arguments: rows, head dimension, whether it comes from codes.
void attend(benchmark::State& state) {
    const int rows = int(state.range(0)), head_dim = int(state.range(1));
    const auto q = normals(std::size_t(rows * head_dim), 1);
    alignas(64) static float keys[kMaxHeadDim * 64], values[kMaxHeadDim * 64];
    const auto data = normals(kMaxHeadDim * 64, 2);
    std::copy(data.begin(), data.end(), keys);
    std::copy(data.rbegin(), data.rend(), values);
    const auto n = std::size_t(rows);
    std::vector<float> m(n, -INFINITY), l(n), o(n * std::size_t(head_dim));
    AttendArgs args{q.data(), rows, head_dim, keys, values};
    args.coded = state.range(2) != 0;
    for (auto _ : state) bestKernels().attend(args, {m.data(), l.data(), o.data()});
    reportFlops(state, 4.0 * rows * kPageTokens * head_dim);
}
BENCHMARK(attend)->ArgNames({"rows", "d", "coded"})->ArgsProduct({{1, 4, 8, 64, 256}, {32, 64, 80, 128, 256}, {0, 1}});

/// Appending pages. Arguments: kind (0 keys, 1 values), bits.
void pack(benchmark::State& state) {
    Pages pages(KvKind(state.range(0)), int(state.range(1)), 1);
    const auto x = normals(64 * 1024, 5);
    std::vector<float> scratch(packScratchFloats(1024));
    for (auto _ : state)
        bestKernels().pack(pages.layout, pages.params, x.data(), 0, kPageTokens, scratch.data(), pages.block(0));
    state.SetItemsProcessed(std::int64_t(state.iterations()) * kPageTokens);
}
BENCHMARK(pack)->ArgNames({"kind", "bits"})->ArgsProduct({{0, 1}, {2, 3, 4, 16}});

/// One vector through a matrix larger than the caches. Argument: WeightType.
void matvec(benchmark::State& state) {
    const auto type = WeightType(state.range(0));
    constexpr int kCols = 4096;
    const int rows = int((std::size_t(96) << 20) / rowBytes(type, kCols));
    const std::vector<std::byte> data(rowBytes(type, kCols) * std::size_t(rows));
    const auto x = normals(kCols, 1);
    std::vector<float> y(std::size_t(rows), 0.0F);
    for (auto _ : state) bestKernels().matvec({data.data(), type, rows, kCols}, 0, rows, x.data(), y.data());
    reportBytes(state, double(data.size()));
    state.SetLabel(weightBlock(type).name);
}
BENCHMARK(matvec)->ArgName("type")->DenseRange(0, int(kWeightTypes.size()) - 1);

}  // namespace
}  // namespace lectern::bench

BENCHMARK_MAIN();
