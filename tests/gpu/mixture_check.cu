// SPDX-License-Identifier: GPL-3.0-or-later
// Layers with experts on a real GPU: the router and the rows of an expert against the references, products of a token's
// experts against those of each alone, and times.
// Sources: this file, kernels/cuda/{mixture,matvec,matvec_tiles}.cu, kernels/{mixture,matvec,elementwise}_ref.cpp,
// tests/support/weight_bytes.cpp.
#include "kernels/cuda/mixture.h"

#include "kernels/elementwise.h"
#include "tests/gpu/random_weights.cuh"

namespace {

using namespace lectern::kernels;
using namespace lectern::gpu;

constexpr int kExperts = 8, kUsed = 3;

/// A router, and tokens that it is asked for.
struct Router {
    Weights weights;
    std::vector<float> x, norm;
    DeviceArray<float> device_x, device_norm;
    int used;
    DeviceArray<ExpertChoice> choices;

    Router(WeightType type, int experts, int used_, int cols, std::vector<float> x_)
        : weights(type, experts, cols),
          x(std::move(x_)),
          norm(normFor(weights.view)),
          device_x(x),
          device_norm(norm),
          used(used_),
          choices(x.size() / std::size_t(cols) * std::size_t(used)) {}
    int tokens() const { return int(x.size()) / weights.view.cols; }
    /// With which logits are about 1, whatever the type of the weights.
    static std::vector<float> normFor(const WeightView& view) {
        std::vector<float> row(std::size_t(view.cols) + 0), norm = normalValues(row.size(), 8);
        weightRowsRef(view, 0, 1, row.data());
        double squares = 0;
        for (const float w : row) squares += double(w) * w;
        for (float& v : norm) v /= float(std::sqrt(squares));
        return norm;
    }
    void ask() {
        RouteArgs args;
        args.router = weights.device, args.tokens = tokens(), args.used = used;
        args.x = device_x.data(), args.norm = device_norm.data(), args.eps = 1e-5F, args.choices = choices.data();
        done(route(args, nullptr), "route");
    }
    std::vector<ExpertChoice> want() const {
        const int experts = weights.view.rows, cols = weights.view.cols;
        std::vector<float> normed(std::size_t(cols) + 0), logits(std::size_t(experts) + 0);
        std::vector<ExpertChoice> all(choices.size());
        for (int t = 0; t < tokens(); ++t) {
            rmsNormRef(x.data() + t * cols, norm.data(), 1e-5F, cols, normed.data());
            matvecRef(weights.view, 0, experts, normed.data(), logits.data());
            chooseExpertsRef(logits.data(), experts, used, all.data() + t * used);
        }
        return all;
    }
};

void checkRouter(Report& report, WeightType type) {
    const int cols = weightBlock(type).elements > 32 ? 4352 : 4128;
    const struct { int experts, used, tokens; } shapes[] = {{8, 2, 512}, {8, 2, 1}, {60, 6, 33}, {512, 40, 3}};
    for (const auto& [experts, used, tokens] : shapes) {
        Router router(type, experts, used, cols, normalValues(std::size_t(tokens * cols), 5, 50));
        router.choices.fill(0xff);
        router.ask();
        const auto got = router.choices.get(), want = router.want();
        std::vector<float> got_weights, want_weights;
        int others = 0;
        for (std::size_t i = 0; i < want.size(); ++i) {
            others += got[i].expert != want[i].expert ? 1 : 0;
            got_weights.push_back(got[i].weight), want_weights.push_back(want[i].weight);
        }
        const std::string name = std::string("router ") + weightBlock(type).name + ", " + std::to_string(used) +
                                 " of " + std::to_string(experts) + ", tokens " + std::to_string(tokens);
        // Logits that are as good as equal may change places.
        report.check(name, others <= int(want.size()) / 500, std::to_string(others) + " places differ");
        report.near(name + ", weights", got_weights, want_weights, 1e-3);
    }
}

/// Of vectors that are nothing all logits are equal.
void checkTies(Report& report) {
    Router router(WeightType::F32, 40, 7, 256, std::vector<float>(3 * 256));
    router.ask();
    const auto got = router.choices.get();
    bool good = true;
    for (std::size_t i = 0; i < got.size(); ++i)
        good = good && got[i].expert == int(i % 7) && std::fabs(got[i].weight - 1 / 7.0F) < 1e-6F;
    report.check("router, ties", good);
}

/// The same matrix of all experts, as far apart as each other.
struct Stack {
    std::vector<Weights> experts;
    DeviceArray<std::byte> memory;
    DeviceWeights first;

    Stack(WeightType type, int rows, int cols, unsigned seed) {
        for (int e = 0; e < kExperts; ++e) experts.emplace_back(type, rows, cols, seed + unsigned(e));
        const auto padded = [](std::size_t bytes) { return (bytes + 255) / 256 * 256; };
        const std::size_t elements = padded(experts[0].elements.size()), scales = experts[0].scales.size() * 2;
        const std::size_t apart = elements + padded(scales);
        memory = DeviceArray<std::byte>(apart * kExperts);
        for (std::size_t e = 0; e < kExperts; ++e) {
            copy(memory.data() + e * apart, experts[e].elements.data(), experts[e].elements.size());
            copy(memory.data() + e * apart + elements, experts[e].scales.data(), scales);
        }
        first = {type, rows, cols, memory.data(), reinterpret_cast<const std::uint16_t*>(memory.data() + elements),
                 apart};
    }
    static void copy(void* to, const void* from, std::size_t bytes) {
        must(cudaMemcpy(to, from, bytes, cudaMemcpyDeviceToDevice), "copy on the device");
    }
};

const std::vector<ExpertChoice> kChosen = {{6, 0.5F}, {0, 0.3125F}, {3, 0.1875F}};

void checkProducts(Report& report, WeightType type) {
    const std::string name = weightBlock(type).name;
    const int rows = 515, cols = weightBlock(type).elements > 32 ? 4352 : 4128;
    const Stack gate(type, rows, cols, 20), up(type, rows, cols, 40);
    const DeviceArray<float> x(normalValues(std::size_t(kUsed * cols), 6, 50)),
        norm(normalValues(std::size_t(cols), 8));
    const DeviceArray<ExpertChoice> chosen(kChosen);
    DeviceArray<float> y(std::size_t(kUsed * rows) + 0), alone(std::size_t(rows) + 0), sum(alone.size());
    for (const Gate kind : {Gate::None, Gate::Silu}) {
        MatvecArgs args;
        args.x = x.data(), args.norm = norm.data(), args.eps = 1e-5F;
        args.gate = kind, args.count = kind == Gate::None ? 1 : 2;
        MatvecArgs one = args;
        args.w[0] = gate.first, args.w[1] = up.first, args.y[0] = y.data();
        args.chosen = chosen.data(), args.experts = kUsed;
        y.fill(0xff);
        done(matvecs(args, nullptr), "matvecs");
        const auto got = y.get();
        bool same = true;
        for (std::size_t rank = 0; rank < kUsed; ++rank) {
            const auto expert = std::size_t(kChosen[rank].expert);
            one.w[0] = gate.experts[expert].device, one.w[1] = up.experts[expert].device, one.y[0] = alone.data();
            done(matvecs(one, nullptr), "matvecs");
            const auto want = alone.get();
            same = same && std::equal(want.begin(), want.end(), got.begin() + std::ptrdiff_t(rank) * rows);
        }
        report.check("experts " + name + (kind == Gate::None ? "" : ", gate"), same, "bits differ from each alone");
    }
    std::vector<float> want(std::size_t(rows) + 0);
    for (std::size_t rank = 0; rank < kUsed; ++rank) {
        const auto expert = std::size_t(kChosen[rank].expert);
        done(matvec(gate.experts[expert].device, x.data() + rank * std::size_t(cols), alone.data(), nullptr), "matvec");
        const auto product = alone.get();
        for (std::size_t r = 0; r < want.size(); ++r) want[r] += kChosen[rank].weight * product[r];
    }
    MatvecArgs args;
    args.w[0] = gate.first, args.y[0] = sum.data(), args.count = 1, args.x = x.data();
    args.chosen = chosen.data(), args.experts = kUsed, args.sum = true;
    sum.fill(0xff);
    done(matvecs(args, nullptr), "matvecs");
    const auto first = sum.get();
    report.near("experts " + name + ", summed", first, want, 1e-5);
    bool same = true;
    for (int run = 0; run < 20; ++run) {
        sum.fill(0xff);
        done(matvecs(args, nullptr), "matvecs");
        same = same && sum.get() == first;
    }
    report.check("experts " + name + ", the same in every run", same, "bits differ");
}

void checkRows(Report& report) {
    const int n = 4096, tokens = 40;
    std::vector<ExpertPlace> places;
    for (int t = 0; t < tokens; t += 1 + t % 3) places.push_back({t, 0.03F * float(t)});
    const auto count = int(places.size());
    const auto y = normalValues(std::size_t(count * n), 1);
    auto x = normalValues(std::size_t(tokens * n), 2);
    std::vector<std::uint16_t> halves, want(y.size());
    for (const float v : x) halves.push_back(floatToHalf(v));
    const DeviceArray<ExpertPlace> device_places(places);
    const DeviceArray<std::uint16_t> device_halves(halves), out(want.size());
    const DeviceArray<float> device_y(y), device_x(x);
    gatherRowsRef(places.data(), count, halves.data(), n, want.data());
    done(gatherRows(device_places.data(), count, device_halves.data(), n, out.data(), nullptr), "gatherRows");
    report.check("rows to an expert", out.get() == want);
    addExpertRowsRef(places.data(), count, y.data(), n, x.data());
    done(addExpertRows(device_places.data(), count, device_y.data(), n, device_x.data(), nullptr), "addExpertRows");
    report.near("rows from an expert", device_x.get(), x, 1e-6);
}

void time() {
    for (const int tokens : {1, 512}) {
        Router router(WeightType::F32, 8, 2, 4096, normalValues(std::size_t(tokens) * 4096, 5));
        std::printf("{\"timing\": \"router\", \"tokens\": %d, \"experts\": 8, \"microseconds\": %.1f}\n", tokens,
                    microseconds([&] { router.ask(); }));
    }
}

}  // namespace

int main() {
    if (!deviceThere()) return kNoDevice;
    Report report;
    for (const WeightType type : kWeightTypes) checkRouter(report, type);
    checkTies(report);
    for (const WeightType type : kWeightTypes) checkProducts(report, type);
    checkRows(report);
    time();
    return report.finish();
}
