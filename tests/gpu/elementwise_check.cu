// SPDX-License-Identifier: GPL-3.0-or-later
// Weights and what lies between matrix products on a real GPU: against the references, and times.
// Sources: this file, kernels/cuda/{matvec,matvec_tiles,elementwise,elementwise_largest}.cu,
// kernels/{matvec,elementwise}_ref.cpp, tests/support/weight_bytes.cpp. Heads: heads_check.cu.
#include "kernels/cuda/elementwise.h"
#include "kernels/elementwise.h"
#include "kernels/half.h"
#include "tests/gpu/random_weights.cuh"

namespace {

using namespace lectern::kernels;
using namespace lectern::gpu;

/// Several vectors and matrices at once: the bits of each alone, in every run.
void checkTokens(Report& report, const Weights& weights) {
    const int rows = weights.view.rows, cols = weights.view.cols;
    const std::string name = weightBlock(weights.view.type).name;
    for (int tokens = 1; tokens <= MatvecArgs::kMostTokens; ++tokens) {
        const std::size_t size = std::size_t(tokens * rows);
        const DeviceArray<float> x(normalValues(std::size_t(tokens * cols), 6, 50)), alone(size);
        DeviceArray<float> first(size), second(size);
        for (int token = 0; token < tokens; ++token)
            done(matvec(weights.device, x.data() + token * cols, alone.data() + token * rows, nullptr), "matvec");
        bool same = true;
        for (int run = 0; run < 20; ++run) {
            MatvecArgs args;
            args.w[0] = args.w[1] = weights.device, args.y[0] = first.data(), args.y[1] = second.data();
            args.count = 2, args.tokens = tokens, args.x = x.data();
            first.fill(0xff), second.fill(0xff);
            done(matvecs(args, nullptr), "matvecs");
            same = same && first.get() == alone.get() && second.get() == first.get();
        }
        report.check("matvec " + name + ", vectors at once: " + std::to_string(tokens), same, "bits differ");
    }
}

/// Norm, biases and gate in the launch of the products, of every number of vectors: near the references.
void checkEnds(Report& report, const Weights& weights) {
    const int rows = weights.view.rows, cols = weights.view.cols;
    const std::string name = weightBlock(weights.view.type).name;
    const auto norm = normalValues(std::size_t(cols), 8), bias = normalValues(std::size_t(rows), 9);
    const DeviceArray<float> device_norm(norm), device_bias(bias);
    for (int tokens = 1; tokens <= MatvecArgs::kMostTokens; ++tokens) {
        const auto x = normalValues(std::size_t(tokens * cols), 6, 50);
        std::vector<float> normed(x.size()), want(std::size_t(tokens * rows));
        for (int t = 0; t < tokens; ++t) {
            rmsNormRef(x.data() + t * cols, norm.data(), 1e-5F, cols, normed.data() + t * cols);
            matvecRef(weights.view, 0, rows, normed.data() + t * cols, want.data() + t * rows);
            addRef(want.data() + t * rows, bias.data(), rows);
        }
        const DeviceArray<float> device_x(x);
        DeviceArray<float> first(want.size()), second(want.size());
        MatvecArgs args;
        args.w[0] = args.w[1] = weights.device, args.bias[0] = args.bias[1] = device_bias.data();
        args.y[0] = first.data(), args.y[1] = second.data(), args.count = 2, args.tokens = tokens;
        args.x = device_x.data(), args.norm = device_norm.data(), args.eps = 1e-5F;
        first.fill(0xff), second.fill(0xff);
        done(matvecs(args, nullptr), "matvecs");
        report.near("matvec " + name + ", norm and bias, vectors: " + std::to_string(tokens), first.get(), want, 2e-5);
        report.check("matvec " + name + ", both matrices", first.get() == second.get());
        for (const Gate gate : {Gate::Silu, Gate::Gelu}) {
            auto act = want;
            (gate == Gate::Silu ? siluMulRef : geluMulRef)(act.data(), want.data(), int(act.size()));
            args.gate = gate;
            first.fill(0xff);
            done(matvecs(args, nullptr), "matvecs");
            report.near("matvec " + name + ", gate, vectors: " + std::to_string(tokens), first.get(), act, 4e-5);
        }
    }
}

void checkWeights(Report& report, WeightType type) {
    const std::string name = weightBlock(type).name;
    const int rows = 515, cols = weightBlock(type).elements > 32 ? 4352 : 4128;
    const Weights weights(type, rows, cols);
    const auto x = normalValues(std::size_t(cols), 4);
    const DeviceArray<float> device_x(x), y(std::size_t(rows) + 0), embedded(std::size_t(3 * cols));
    std::vector<float> want(y.size()), rows_want(std::size_t(rows) * std::size_t(cols));
    matvecRef(weights.view, 0, rows, x.data(), want.data());
    weightRowsRef(weights.view, 0, rows, rows_want.data());
    done(matvec(weights.device, device_x.data(), y.data(), nullptr), "matvec");
    report.near("matvec " + name, y.get(), want, 1e-5);
    checkTokens(report, weights);
    checkEnds(report, weights);
    const std::vector<std::int32_t> ids = {514, 0, 77};
    const DeviceArray<std::int32_t> device_ids(ids);
    done(embedRows(weights.device, device_ids.data(), 3, 1, embedded.data(), nullptr), "embedRows");
    const auto got = embedded.get();
    bool same = true;
    for (std::size_t i = 0; i < ids.size(); ++i)
        same = same && std::equal(got.begin() + std::ptrdiff_t(i) * cols, got.begin() + std::ptrdiff_t(i + 1) * cols,
                                  rows_want.begin() + std::ptrdiff_t(ids[i]) * cols);
    report.check("embedding rows " + name, same);
    const DeviceArray<std::uint16_t> halves(std::size_t(2 * cols));
    done(halfRows(weights.device, 100, 2, halves.data(), nullptr), "halfRows");
    const auto got_halves = halves.get();
    same = true;
    for (std::size_t i = 0; i < got_halves.size(); ++i)
        same = same && got_halves[i] == floatToHalfClamped(rows_want[std::size_t(100 * cols) + i]);
    report.check("rows as fp16 " + name, same);
}

void checkElementwise(Report& report) {
    const int rows = 5, n = 4096;
    const auto x = normalValues(std::size_t(rows * n), 1, 50), w = normalValues(std::size_t(rows * n), 2);
    const DeviceArray<float> device_x(x), device_w(w), out(x.size());
    std::vector<float> want(x.size());
    for (int r = 0; r < rows; ++r) rmsNormRef(x.data() + r * n, w.data(), 1e-5F, n, want.data() + r * n);
    done(rmsNorm(device_x.data(), device_w.data(), 1e-5F, rows, n, {out.data(), nullptr}, nullptr), "rmsNorm");
    report.near("RMSNorm", out.get(), want, 4e-6);
    want = x;
    siluMulRef(want.data(), w.data(), rows * n);
    done(siluMul(device_x.data(), device_w.data(), x.size(), {out.data(), nullptr}, nullptr), "siluMul");
    report.near("SiLU", out.get(), want, 2e-6);
    want = x;
    geluMulRef(want.data(), w.data(), rows * n);
    done(geluMul(device_x.data(), device_w.data(), x.size(), {out.data(), nullptr}, nullptr), "geluMul");
    report.near("GELU", out.get(), want, 2e-6);
    for (int r = 0; r < rows; ++r) rmsNormRef(x.data() + r * n, w.data(), 1e-5F, n, want.data() + r * n);
    addRef(want.data(), w.data(), rows * n);
    const DeviceArray<float> stream(w);
    done(addNorm(stream.data(), device_x.data(), device_w.data(), 1e-5F, rows, n, nullptr), "addNorm");
    report.near("RMSNorm added", stream.get(), want, 4e-6);
    want = x;
    std::vector<float> lse_want(std::size_t(rows) + 0);
    for (int r = 0; r < rows; ++r) lse_want[std::size_t(r)] = softmaxRef(want.data() + r * n, n);
    const DeviceArray<float> soft(x), lse(lse_want.size());
    done(softmax(soft.data(), rows, n, lse.data(), nullptr), "softmax");
    report.near("softmax", soft.get(), want, 4e-6);
    report.near("log-sum-exp", lse.get(), lse_want, 2e-6);
}

void checkLargest(Report& report, std::vector<float> x, int k, const char* what) {
    const int n = int(x.size());
    const DeviceArray<float> device_x(x), values(std::size_t(k) + 0), lse(1);
    const DeviceArray<std::int32_t> indices(values.size());
    std::vector<float> want(values.size());
    std::vector<std::int32_t> want_at(values.size());
    largestRef(x.data(), n, k, want.data(), want_at.data());
    done(largest(device_x.data(), n, k, values.data(), indices.data(), lse.data(), nullptr), "largest");
    report.check(std::string("largest, ") + what, values.get() == want && indices.get() == want_at);
    const double time =
        microseconds([&] { largest(device_x.data(), n, k, values.data(), indices.data(), lse.data(), nullptr); });
    std::printf("{\"timing\": \"largest\", \"data\": \"%s\", \"n\": %d, \"k\": %d, \"microseconds\": %.1f}\n", what, n,
                k, time);
}

void timeElementwise(double copy_rate) {
    const int rows = 4096, n = 4096;
    const DeviceArray<float> x(normalValues(std::size_t(rows) * n, 1)), y(x.size());
    const DeviceArray<std::uint16_t> halves(x.size());
    const double elements = double(x.size());
    const auto row = [&](const char* name, double bytes, double time) {
        std::printf(
            "{\"timing\": \"%s\", \"rows\": %d, \"n\": %d, \"microseconds\": %.1f, \"share_of_bandwidth\": %.3f}\n",
            name, rows, n, time, bytes / time / copy_rate);
    };
    row("rms_norm", elements * 6, microseconds([&] {
            rmsNorm(x.data(), y.data(), 1e-5F, rows, n, {nullptr, halves.data()}, nullptr);
        }));
    row("silu_mul", elements * 10, microseconds([&] {
            siluMul(x.data(), y.data(), x.size(), {nullptr, halves.data()}, nullptr);
        }));
    row("add", elements * 12, microseconds([&] { add(x.data(), y.data(), x.size(), nullptr); }));
}

}  // namespace

int main() {
    if (!deviceThere()) return kNoDevice;
    Report report;
    for (const WeightType type : kWeightTypes) checkWeights(report, type);
    checkElementwise(report);
    checkLargest(report, normalValues(128256, 3), 1, "argmax");
    checkLargest(report, normalValues(128256, 4), 40, "normal");
    checkLargest(report, std::vector<float>(128256, 1.0F), 1000, "all equal");
    std::vector<float> crowded(128256);
    for (std::size_t i = 0; i < crowded.size(); ++i) crowded[i] = float(i % 1024 < 60 ? 1000 + i / 1024 : i % 1024);
    checkLargest(report, crowded, 50, "crowded");
    const double copy_rate = copyBytesPerMicrosecond();
    timeElementwise(copy_rate);
    return report.finish();
}
