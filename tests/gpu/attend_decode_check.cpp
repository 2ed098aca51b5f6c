// SPDX-License-Identifier: GPL-3.0-or-later
// Decode attention on the device against its definition.
#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/gpu/check.h"
#include "tests/gpu/decode_case.h"

namespace lectern::test {
namespace {

constexpr double kHalf = 1.0 / 2048;  ///< relative step of fp16 (half a unit in the last place)

/// Keys, queries and probabilities are fp16 in the products. Scores err by less than one rounding of the product of
/// norms; outputs by twice that, relative to the largest value.
struct Tolerance {
    double score = 0, output = 0;
};

Tolerance toleranceOf(const HostLayer& host) {
    const auto channels = std::size_t(host.key.shape.channels()), d = std::size_t(host.key.shape.head_dim);
    std::vector<float> page(channels * kernels::kPageTokens);
    double key = 0, value = 0, query = 0;
    for (std::size_t p = 0; p < host.key_blocks.size(); ++p) {
        const int tokens = std::min(kernels::kPageTokens, host.shape.tokens - int(p) * kernels::kPageTokens);
        kernels::unpackRef(host.key, host.key_codec.params(), host.key_blocks[p].data(), 0, tokens, page.data());
        for (std::size_t at = 0; at < std::size_t(tokens) * channels; at += d) {
            double sum = 0;
            for (std::size_t c = at; c < at + d; ++c) sum += double(page[c]) * page[c];
            key = std::max(key, std::sqrt(sum));
        }
        kernels::unpackRef(host.value, host.value_codec.params(), host.value_blocks[p].data(), 0, tokens, page.data());
        for (std::size_t c = 0; c < std::size_t(tokens) * channels; ++c)
            value = std::max(value, std::fabs(double(page[c])));
    }
    for (const float q : host.q) query = std::max(query, std::fabs(double(q)));
    const double score = kHalf * query * key + 1e-4;
    return {score, (2 * score + 2 * kHalf) * value + 1e-6};
}

struct Outputs {
    std::vector<float> m, l, o, lse;
};

Outputs runDevice(const HostLayer& host, int processors) {
    DeviceLayer layer(host);
    for (auto* out : {&layer.out_m, &layer.out_l, &layer.out_o, &layer.group_lse}) out->fill(0xff);
    const auto args = layer.args();
    int limit = 0;
    require(cudaDeviceGetAttribute(&limit, cudaDevAttrMaxSharedMemoryPerBlockOptin, 0), "shared memory");
    const auto plan = cuda::planDecode(args, processors, std::size_t(limit));
    DeviceArray<float> workspace(plan.workspace_floats);
    workspace.fill(0xff);
    require(cudaError_t(cuda::attendDecode(args, plan, workspace.data(), nullptr)), "attendDecode");
    require(cudaDeviceSynchronize(), "attendDecode runs");
    return {layer.out_m.toHost(), layer.out_l.toHost(), layer.out_o.toHost(), layer.group_lse.toHost()};
}

Outputs runReference(const HostLayer& host) {
    auto args = host.args();
    const auto heads = std::size_t(host.shape.kv_heads * host.shape.group);
    Outputs want{std::vector<float>(heads),
                 std::vector<float>(heads),
                 std::vector<float>(heads * std::size_t(host.shape.head_dim)),
                 {}};
    if (host.shape.mass) want.lse.resize(heads * std::size_t(host.shape.pages() * kernels::kMassGroups));
    args.out = {want.m.data(), want.l.data(), want.o.data()};
    args.group_lse = host.shape.mass ? want.lse.data() : nullptr;
    cuda::attendDecodeRef(args);
    return want;
}

/// Worst error over its tolerance, NaN where a result is.
double worst(const HostLayer& host, const Outputs& got, const Outputs& want) {
    const Tolerance allowed = toleranceOf(host);
    const auto d = std::size_t(host.shape.head_dim), pages = std::size_t(host.shape.pages());
    const auto group = std::size_t(host.shape.group);
    double error = 0;
    const auto note = [&](double e) { error = e <= error ? error : e; };  // keeps NaN
    for (std::size_t h = 0; h < want.m.size(); ++h) {
        if (want.l[h] == 0) {
            const bool empty = got.l[h] == 0 && got.m[h] == -std::numeric_limits<float>::infinity();
            note(empty ? 0 : 1e9);
            for (std::size_t c = 0; c < d; ++c) note(got.o[h * d + c] == 0 ? 0 : 1e9);
            continue;
        }
        const double total = got.m[h] + std::log(double(got.l[h]));
        note(std::fabs(total - (want.m[h] + std::log(double(want.l[h])))) / allowed.score);
        for (std::size_t c = 0; c < d; ++c)
            note(std::fabs(double(got.o[h * d + c]) / got.l[h] - double(want.o[h * d + c]) / want.l[h]) /
                 allowed.output);
        for (std::size_t g = 0; g < pages * 4 && !want.lse.empty(); ++g) {
            const std::size_t at = ((h / group * pages + g / 4) * group + h % group) * 4 + g % 4;
            const double all = want.m[h] + std::log(double(want.l[h]));
            note(std::fabs(std::exp(got.lse[at] - all) - std::exp(want.lse[at] - all)) / (4 * allowed.score));
        }
    }
    return error;
}

void check(Checks& checks, const DecodeShape& shape, int processors = 3) {
    const HostLayer host(shape);
    checks.add(shape.name(), worst(host, runDevice(host, processors), runReference(host)));
}

void checkWidths(Checks& checks) {
    for (const int key_bits : {2, 3, 4, 16})
        for (const int value_bits : {2, 3, 4, 16}) {
            DecodeShape shape;
            shape.key_bits = key_bits, shape.value_bits = value_bits;
            shape.group = 4, shape.key_slots = key_bits == 16 ? 0 : 4, shape.value_slots = value_bits == 16 ? 0 : 4;
            check(checks, shape);
            shape.key_slots = shape.value_slots = 0, shape.group = 1, shape.seed = 2;
            check(checks, shape);
            shape.head_dim = 256, shape.tokens = 200;
            check(checks, shape);
        }
}

void checkShapes(Checks& checks) {
    for (const int bits : {2, 3, 4, 16}) {
        for (const int head_dim : {64, 80, 96, 128, 256}) {
            DecodeShape shape;
            shape.key_bits = shape.value_bits = bits, shape.head_dim = head_dim, shape.group = 3;
            shape.key_slots = shape.value_slots = bits == 16 ? 0 : 3;
            shape.interleaved = head_dim % 64 == 0, shape.mass = true, shape.tokens = 257;
            check(checks, shape);
            shape.interleaved = !shape.interleaved, shape.pairs = head_dim / 4 + 1;
            check(checks, shape);
        }
        for (const int group : {1, 2, 5, 7, 8, 12, 16}) {
            DecodeShape shape;
            shape.key_bits = shape.value_bits = bits, shape.group = group, shape.mass = true;
            shape.key_slots = shape.value_slots = bits == 16 ? 0 : 6;
            check(checks, shape);
        }
    }
}

void checkData(Checks& checks) {
    for (const int bits : {2, 3, 4, 16})
        for (const Fill fill : {Fill::OutlierHeavy, Fill::Constant})
            for (const int slots : {0, 10, 64}) {
                if (bits == 16 && slots > 0) continue;
                DecodeShape shape;
                shape.key_bits = shape.value_bits = bits, shape.fill = fill, shape.group = 2;
                shape.key_slots = shape.value_slots = slots;
                check(checks, shape);
            }
}

void checkExtents(Checks& checks) {
    const struct {
        int begin, tokens;
    } extents[] = {{0, 1},      {0, 64},      {0, 65},   {63, 64},   {10, 20},
                   {100, 4000}, {3900, 4000}, {0, 5000}, {500, 500}, {0, 0}};
    for (const auto& extent : extents)
        for (const int bits : {3, 16}) {
            DecodeShape shape;
            shape.key_bits = shape.value_bits = bits, shape.begin = extent.begin, shape.tokens = extent.tokens;
            shape.key_slots = shape.value_slots = bits == 16 ? 0 : 2;
            shape.kv_heads = 1, shape.head_dim = 64, shape.mass = true;
            check(checks, shape, 132);
        }
}

void checkRefusals(Checks& checks) {
    DecodeShape shape;
    const HostLayer host(shape);
    auto args = host.args();
    checks.add("served arguments are not refused", cuda::decodeRefusal(args) == nullptr);
    args.key.bits = 5;
    checks.add("5 bits are refused", cuda::decodeRefusal(args) != nullptr);
    checks.add("refused arguments are not launched",
               cuda::attendDecode(args, {}, nullptr, nullptr) == cudaErrorInvalidValue);
    checks.add("16 KiB of shared memory have room for no warp", cuda::planDecode(host.args(), 3, 16384).warps == 0);
    args = host.args();
    args.key.shape.head_dim = args.value.shape.head_dim = 72;
    checks.add("head dimension 72 is refused", cuda::decodeRefusal(args) != nullptr);
    args = host.args();
    args.tokens = args.pages * 64 + 1;
    checks.add("more tokens than pages hold are refused", cuda::decodeRefusal(args) != nullptr);
}

}  // namespace
}  // namespace lectern::test

int main() {
    using namespace lectern::test;
    int devices = 0;
    if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) {
        std::printf("skipped: no CUDA device on this machine\n0 passed, 0 failed, 1 skipped\n");
        return 77;
    }
    Checks checks;
    checkRefusals(checks);
    checkExtents(checks);
    checkWidths(checks);
    checkShapes(checks);
    checkData(checks);
    return checks.finish();
}
