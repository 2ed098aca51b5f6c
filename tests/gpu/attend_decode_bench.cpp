// SPDX-License-Identifier: GPL-3.0-or-later
// Speed of decode attention as a share of the copy bandwidth measured in the same run.
//   attend_decode_bench [--quick] [--out FILE]   one JSON row per case, appended to FILE or printed
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>

#include "tests/gpu/decode_layer.h"
#include "tests/gpu/graph_timing.h"

namespace lectern::gpu {
namespace {

constexpr std::size_t kBeyondCache = std::size_t(512) << 20;  ///< bytes between two uses of one input

struct Model {
    const char* name;
    int kv_heads, group;
};
struct Setting {
    const char* name;
    int bits;
    double outliers;
};

class Bench {
public:
    explicit Bench(std::FILE* out) : m_out(out), m_copy(copyBandwidth()) {
        cudaDeviceProp device{};
        must(cudaGetDeviceProperties(&device, 0), "cudaGetDeviceProperties");
        m_processors = device.multiProcessorCount;
        m_shared = device.sharedMemPerBlockOptin;
        std::fprintf(m_out, "{\"benchmark\": \"copy\", \"device\": \"%s\", \"gb_per_s\": %.1f}\n", device.name,
                     m_copy * 1e-9);
    }

    /// One row; returns seconds of one call.
    double row(const Model& model, const Setting& setting, int tokens, double raw_seconds) {
        DecodeShape shape;
        shape.key_bits = shape.value_bits = setting.bits;
        shape.kv_heads = model.kv_heads, shape.group = model.group, shape.tokens = tokens;
        const int channels = model.kv_heads * shape.head_dim;
        shape.key_slots = shape.value_slots = 2 * int(std::ceil(setting.outliers / 2 * channels));
        const HostLayer host(shape, 24);
        const std::size_t bytes = (host.key.bytes() + host.value.bytes()) * std::size_t(shape.pages());
        const int copies = int(std::clamp<std::size_t>(kBeyondCache / bytes + 1, 1, 64));
        std::vector<std::unique_ptr<DeviceLayer>> layers;
        for (int i = 0; i < copies; ++i) layers.push_back(std::make_unique<DeviceLayer>(host));
        const auto plan = kernels::planDecode(layers[0]->args(), m_processors, m_shared);
        DeviceArray<float> states(layers[0]->stateFloats(plan));
        const double seconds = medianSeconds(
            copies, [&](int i, cudaStream_t stream) { layers[std::size_t(i)]->attend(plan, states.data(), stream); });
        const double rate = double(bytes) / seconds;
        std::fprintf(m_out,
                     "{\"benchmark\": \"attend_decode\", \"model\": \"%s\", \"kv_heads\": %d, \"group\": %d, "
                     "\"head_dim\": %d, \"tokens\": %d, \"kv\": \"%s\", \"bytes\": %zu, \"microseconds\": %.2f, "
                     "\"gb_per_s\": %.1f, \"share_of_bandwidth\": %.3f, \"times_fp16\": %.2f, \"splits\": %d, "
                     "\"warps\": %d}\n",
                     model.name, model.kv_heads, model.group, shape.head_dim, tokens, setting.name, bytes,
                     seconds * 1e6, rate * 1e-9, rate / m_copy, raw_seconds > 0 ? raw_seconds / seconds : 1.0,
                     plan.splits, plan.warps);
        std::fflush(m_out);
        return seconds;
    }

private:
    std::FILE* m_out;
    double m_copy;
    int m_processors = 1;
    std::size_t m_shared = 0;
};

void runAll(bool quick, std::FILE* out) {
    const Model models[] = {{"llama-7b", 32, 1}, {"llama-3-8b", 8, 4}, {"qwen2.5-7b", 4, 7}};
    const Setting settings[] = {{"fp16", 16, 0},   {"nuq4", 4, 0.01}, {"nuq4-0%", 4, 0}, {"nuq3", 3, 0.01},
                                {"nuq3-0%", 3, 0}, {"nuq2", 2, 0.01}, {"nuq2-0%", 2, 0}};
    Bench bench(out);
    for (const int tokens : {32'768, 131'072, 1'048'576}) {
        if (quick && tokens != 131'072) continue;
        for (const Model& model : models) {
            double raw_seconds = 0;
            for (const Setting& setting : settings) {
                const double seconds = bench.row(model, setting, tokens, raw_seconds);
                if (setting.bits == kernels::kRawBits) raw_seconds = seconds;
            }
        }
    }
}

}  // namespace
}  // namespace lectern::gpu

int main(int argc, char** argv) {
    return lectern::gpu::benchmarkMain(argc, argv, lectern::gpu::runAll);
}
