// SPDX-License-Identifier: GPL-3.0-or-later
// Decode attention on the device against its definition.
#include "tests/gpu/decode_layer.h"

namespace lectern::gpu {
namespace {

using test::DecodeOutputs;
using test::Fill;

DecodeOutputs runDevice(const HostLayer& host, int processors) {
    DeviceLayer layer(host);
    for (auto* out : {&layer.out, &layer.total, &layer.group_lse}) out->fill(0xff);
    int limit = 0;
    must(cudaDeviceGetAttribute(&limit, cudaDevAttrMaxSharedMemoryPerBlockOptin, 0), "shared memory");
    const auto plan = kernels::planDecode(layer.args(), processors, std::size_t(limit));
    DeviceArray<float> states(layer.stateFloats(plan));
    states.fill(0xff);
    layer.attend(plan, states.data(), nullptr);
    must(cudaDeviceSynchronize(), "attendDecode runs");
    return test::mergedOutputs(layer.out.get(), layer.total.get(), layer.group_lse.get());
}

void check(Report& report, const DecodeShape& shape, int processors = 3) {
    const HostLayer host(shape);
    const double error = worstError(host, runDevice(host, processors), referenceOutputs(host));
    report.check(shape.name(), error <= 1, std::to_string(error) + " times what is allowed");
}

void checkWidths(Report& report) {
    for (const int key_bits : {2, 3, 4, 16})
        for (const int value_bits : {2, 3, 4, 16}) {
            DecodeShape shape;
            shape.key_bits = key_bits, shape.value_bits = value_bits;
            shape.group = 4, shape.key_slots = key_bits == 16 ? 0 : 4, shape.value_slots = value_bits == 16 ? 0 : 4;
            check(report, shape);
            shape.key_slots = shape.value_slots = 0, shape.group = 1, shape.seed = 2;
            check(report, shape);
            shape.head_dim = 256, shape.tokens = 200;
            check(report, shape);
        }
}

void checkShapes(Report& report) {
    for (const int bits : {2, 3, 4, 16}) {
        for (const int head_dim : {64, 80, 96, 128, 256}) {
            DecodeShape shape;
            shape.key_bits = shape.value_bits = bits, shape.head_dim = head_dim, shape.group = 3;
            shape.key_slots = shape.value_slots = bits == 16 ? 0 : 3;
            shape.interleaved = head_dim % 64 == 0, shape.mass = true, shape.tokens = 257;
            check(report, shape);
            shape.interleaved = !shape.interleaved, shape.pairs = head_dim / 4 + 1;
            check(report, shape);
        }
        for (const int group : {1, 2, 5, 7, 8, 12, 16}) {
            DecodeShape shape;
            shape.key_bits = shape.value_bits = bits, shape.group = group, shape.mass = true;
            shape.key_slots = shape.value_slots = bits == 16 ? 0 : 6;
            check(report, shape);
            for (const int head_dim : {64, 128, 256}) {
                if (group > 2) break;
                shape.head_dim = head_dim, shape.cap = head_dim == 64 ? 1 : 50;
                check(report, shape);
            }
        }
    }
}

void checkData(Report& report) {
    for (const int bits : {2, 3, 4, 16})
        for (const Fill fill : {Fill::OutlierHeavy, Fill::Constant})
            for (const int slots : {0, 10, 64}) {
                if (bits == 16 && slots > 0) continue;
                DecodeShape shape;
                shape.key_bits = shape.value_bits = bits, shape.fill = fill, shape.group = 2;
                shape.key_slots = shape.value_slots = slots;
                check(report, shape);
            }
}

void checkExtents(Report& report) {
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
            check(report, shape, 132);
        }
}

void checkRefusals(Report& report) {
    DecodeShape shape;
    const HostLayer host(shape);
    auto args = host.args();
    report.check("served arguments are not refused", kernels::decodeRefusal(args) == nullptr);
    args.key.bits = 5;
    report.check("5 bits are refused", kernels::decodeRefusal(args) != nullptr);
    report.check("refused arguments are not launched",
                 kernels::attendDecode(args, {}, nullptr) == kernels::kDecodeRefused);
    report.check("16 KiB of shared memory have room for no warp",
                 kernels::planDecode(host.args(), 3, 16384).warps == 0);
    args = host.args();
    args.key.shape.head_dim = args.value.shape.head_dim = 72;
    report.check("head dimension 72 is refused", kernels::decodeRefusal(args) != nullptr);
    args = host.args();
    args.tokens = args.pages * 64 + 1;
    report.check("more tokens than pages hold are refused", kernels::decodeRefusal(args) != nullptr);
}

}  // namespace
}  // namespace lectern::gpu

int main() {
    using namespace lectern::gpu;
    if (!deviceThere()) return kNoDevice;
    Report report;
    checkRefusals(report);
    checkExtents(report);
    checkWidths(report);
    checkShapes(report);
    checkData(report);
    return report.finish();
}
