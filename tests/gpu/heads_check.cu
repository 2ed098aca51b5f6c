// SPDX-License-Identifier: GPL-3.0-or-later
// Heads between products and attention on a real GPU: norms, rotation and pages against the references, and times.
// Sources: this file, kernels/cuda/heads.cu, kernels/{attend,elementwise,kv_codes}_ref.cpp.
#include <cstring>

#include "kernels/attend.h"
#include "kernels/cuda/heads.h"
#include "kernels/elementwise.h"
#include "kernels/kv_codes.h"
#include "tests/gpu/kernel_check.cuh"

namespace {

using namespace lectern::kernels;
using namespace lectern::gpu;

constexpr int kHeads = 32, kKvHeads = 8;

/// Queries, keys and values of some tokens, on both sides.
struct Rows {
    int tokens, head_dim, pairs;
    bool interleaved, norms;
    std::vector<float> q, k, v, cos, sin, growth, q_norm, k_norm;
    DeviceArray<float> device_q, device_k, device_v, device_cos, device_sin, device_growth, device_q_norm,
        device_k_norm;

    Rows(int tokens_, int head_dim_, bool interleaved_, bool norms_)
        : tokens(tokens_),
          head_dim(head_dim_),
          pairs(head_dim_ / 2 - (interleaved_ ? 8 : 0)),
          interleaved(interleaved_),
          norms(norms_),
          q(normalValues(std::size_t(tokens * kHeads * head_dim), 1, 50)),
          k(normalValues(std::size_t(tokens * kKvHeads * head_dim), 2, 50)),
          v(normalValues(std::size_t(tokens * kKvHeads * head_dim), 3, 50)),
          cos(angles(&std::cos)),
          sin(angles(&std::sin)),
          growth(normalValues(std::size_t(tokens), 6)),
          q_norm(normalValues(std::size_t(head_dim), 4)),
          k_norm(normalValues(std::size_t(head_dim), 5)),
          device_q(q),
          device_k(k),
          device_v(v),
          device_cos(cos),
          device_sin(sin),
          device_growth(growth),
          device_q_norm(q_norm),
          device_k_norm(k_norm) {}
    std::vector<float> angles(double (*of)(double)) const {
        std::vector<float> all;
        for (int i = 0; i < tokens * pairs; ++i) all.push_back(float(of(i)));
        return all;
    }
    HeadsArgs args() const {
        HeadsArgs a;
        a.tokens = tokens, a.heads = kHeads, a.kv_heads = kKvHeads, a.head_dim = head_dim;
        a.q = device_q.data(), a.k = device_k.data(), a.v = device_v.data(), a.eps = 1e-5F;
        if (norms) a.q_norm = device_q_norm.data(), a.k_norm = device_k_norm.data();
        a.cos = device_cos.data(), a.sin = device_sin.data(), a.pairs = pairs, a.interleaved = interleaved;
        a.turned_scale = 0.5F, a.other_scale = 3, a.growth = device_growth.data();
        return a;
    }
    /// By the references, on the host.
    void finish() {
        const auto norm = [&](std::vector<float>& x, const std::vector<float>& weight) {
            for (std::size_t at = 0; norms && at < x.size(); at += weight.size())
                rmsNormRef(x.data() + at, weight.data(), 1e-5F, head_dim, x.data() + at);
        };
        norm(q, q_norm), norm(k, k_norm);
        for (int t = 0; t < tokens; ++t) {
            float* row = q.data() + t * kHeads * head_dim;
            rotateRef(row, kHeads, head_dim, head_dim, cos.data() + t * pairs, sin.data() + t * pairs, pairs,
                      interleaved, false, row);
        }
        for (std::size_t i = 0; i < q.size(); ++i)
            q[i] *= growth[i / std::size_t(kHeads * head_dim)] * (int(i) % head_dim < 2 * pairs ? 0.5F : 3.0F);
    }
};

void checkRotation(Report& report) {
    for (const int tokens : {1, 40})
        for (const int head_dim : {64, 80, 96, 128, 256})
            for (const bool interleaved : {false, true})
                for (const bool norms : {false, true}) {
                    Rows rows(tokens, head_dim, interleaved, norms);
                    must(cudaError_t(-finishHeads(rows.args(), nullptr)), "finishHeads");
                    rows.finish();
                    const std::string name = "heads of " + std::to_string(head_dim) + ", tokens " +
                                             std::to_string(tokens) + (interleaved ? ", interleaved" : "") +
                                             (norms ? ", norms" : "");
                    report.near(name + ", queries", rows.device_q.get(), rows.q, 4e-6);
                    report.near(name + ", keys", rows.device_k.get(), rows.k, 4e-6);
                }
}

void checkPages(Report& report) {
    for (const auto& [first, tokens] : {std::pair{0, 1}, {7, 1}, {62, 1}, {63, 1}, {64, 1}, {60, 16}})
        for (const bool norms : {false, true}) {
            Rows rows(tokens, 128, false, norms);
            const KvBlockLayout layouts[] = {{{kKvHeads, 128}, KvKind::Key, kRawBits, 0},
                                             {{kKvHeads, 128}, KvKind::Value, kRawBits, 0}};
            const std::size_t bytes = layouts[0].bytes();
            std::vector<std::byte> want(4 * bytes, std::byte(0xa5));
            const DeviceArray<std::byte> pages(want);
            std::vector<std::byte*> addresses;
            for (std::size_t i = 0; i < 4; ++i) addresses.push_back(pages.data() + i * bytes);
            const DeviceArray<std::byte*> device_addresses(addresses);
            const DeviceArray<int> device_first(std::vector<int>{first});
            HeadsArgs args = rows.args();
            args.key_pages = device_addresses.data(), args.value_pages = device_addresses.data() + 2;
            args.first = 12345, args.first_later = device_first.data();
            must(cudaError_t(-finishHeads(args, nullptr)), "finishHeads");
            const auto k = rows.device_k.get();
            for (int kind = 0; kind < 2; ++kind)
                for (int t = 0; t < tokens; ++t)
                    packRef(layouts[kind], {}, (kind == 0 ? k : rows.v).data() + t * kKvHeads * 128, (first + t) % 64,
                            1, nullptr, want.data() + std::size_t(2 * kind + (first + t) / 64) * bytes);
            report.check(
                "pages from " + std::to_string(first) + ", tokens " + std::to_string(tokens) + (norms ? ", norms" : ""),
                pages.get() == want);
        }
}

void time() {
    for (const int tokens : {1, 512}) {
        Rows rows(tokens, 128, false, true);
        std::printf("{\"timing\": \"heads\", \"tokens\": %d, \"heads\": %d, \"microseconds\": %.1f}\n", tokens, kHeads,
                    microseconds([&] { finishHeads(rows.args(), nullptr); }));
    }
}

}  // namespace

int main() {
    if (!deviceThere()) return kNoDevice;
    Report report;
    checkRotation(report);
    checkPages(report);
    time();
    return report.finish();
}
