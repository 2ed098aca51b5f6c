// SPDX-License-Identifier: GPL-3.0-or-later
// Speed of products of weights with one to eight vectors as a share of the copy bandwidth measured in the same run:
// the shapes of Llama-3-8B, alone and as a layer launches them.
//   matvec_bench [--quick] [--out FILE]   one JSON row per case, appended to FILE or printed
// --quick: Q4_0, Q8_0, Q4_K and Q6_K in the place of every type.

#include "kernels/cuda/matvec.h"
#include "tests/gpu/graph_timing.h"

namespace lectern::gpu {
namespace {

using namespace lectern::kernels;

/// Matrices that share their vectors, as one launch.
struct Shape {
    const char* name;
    std::vector<int> rows;
    int cols;
    bool normed = false;
    Gate gate = Gate::None;
};

const std::vector<Shape> kShapes = {
    {"k", {1024}, 4096},
    {"q", {4096}, 4096},
    {"qkv", {4096, 1024, 1024}, 4096},
    {"qkv behind a norm", {4096, 1024, 1024}, 4096, true},
    {"gate", {14336}, 4096},
    {"gate+up", {14336, 14336}, 4096},
    {"gate·up behind a norm", {14336, 14336}, 4096, true, Gate::Silu},
    {"down", {4096}, 14336},
    {"output", {128256}, 4096},
};

class Bench {
public:
    Bench(std::FILE* out, double copy) : m_out(out), m_copy(copy), m_elements(kRoom), m_scales(kRoom / 4) {
        std::vector<std::byte> noise(std::size_t(1) << 26);
        std::mt19937 random(5);
        for (std::size_t i = 0; i < noise.size(); i += 4) {
            const std::uint32_t word = std::uint32_t(random()) & 0xbfbfbfbfU;  // no fp16 in it is infinite
            std::memcpy(&noise[i], &word, 4);
        }
        for (std::size_t at = 0; at < kRoom; at += noise.size())
            must(cudaMemcpy(m_elements.data() + at, noise.data(), noise.size(), cudaMemcpyHostToDevice), "weights");
        must(cudaMemcpy(m_scales.data(), m_elements.data(), kRoom / 2, cudaMemcpyDeviceToDevice), "weights");
    }

    /// One copy of the matrices after another, so that they come from memory and not from the cache.
    void run(WeightType type, const Shape& shape, int tokens) {
        std::vector<MatvecArgs> calls;
        std::size_t elements = 0, scales = 0, bytes = 0;
        while (calls.size() < 64) {
            MatvecArgs args;
            bytes = 0;
            for (const int rows : shape.rows) {
                const std::size_t size = elementBytes(type, shape.cols) * std::size_t(rows);
                args.w[args.count] = {type, rows, shape.cols, m_elements.data() + elements, m_scales.data() + scales};
                args.y[args.count++] = m_y.data();
                elements += (size + 255) / 256 * 256;
                scales += std::size_t(rows) * std::size_t(shape.cols / weightBlock(type).elements + 128) / 128 * 128;
                bytes += rowBytes(type, shape.cols) * std::size_t(rows);
            }
            if (elements > kRoom || (scales > kRoom / 4 && scaleApart(type) != ScaleApart::None)) break;
            calls.push_back(args);
        }
        if (calls.empty()) return;
        const double seconds = medianSeconds(int(calls.size()), [&](int i, cudaStream_t stream) {
            for (int first = 0; first < tokens; first += MatvecArgs::kMostTokens) {
                MatvecArgs args = calls[std::size_t(i)];
                args.tokens = std::min(tokens - first, MatvecArgs::kMostTokens);
                args.x = m_x.data() + std::size_t(first) * std::size_t(shape.cols);
                args.norm = shape.normed ? m_x.data() : nullptr, args.eps = 1e-5F, args.gate = shape.gate;
                const LaunchStatus status = matvecs(args, stream);
                must(cudaError_t(-status), "matvecs");
            }
        });
        std::fprintf(m_out,
                     "{\"benchmark\": \"matvec\", \"type\": \"%s\", \"shape\": \"%s\", \"cols\": %d, \"tokens\": %d, "
                     "\"microseconds\": %.2f, \"gb_per_s\": %.1f, \"share_of_bandwidth\": %.3f}\n",
                     weightBlock(type).name, shape.name, shape.cols, tokens, seconds * 1e6,
                     double(bytes) / seconds * 1e-9, double(bytes) / seconds / m_copy);
        std::fflush(m_out);
    }

private:
    static constexpr std::size_t kRoom = std::size_t(5) << 28;  ///< bytes of elements; as many of half the scales

    std::FILE* m_out;
    double m_copy;
    DeviceArray<std::byte> m_elements;
    DeviceArray<std::uint16_t> m_scales;
    DeviceArray<float> m_x{normalValues(std::size_t(8) * 14336, 5)}, m_y{std::size_t(4) * 128256};
};

void runAll(bool quick, std::FILE* out) {
    const double copy = copyBandwidth();
    std::fprintf(out, "{\"benchmark\": \"copy\", \"gb_per_s\": %.1f}\n", copy * 1e-9);
    Bench bench(out, copy);
    const WeightType few[] = {WeightType::Q4_0, WeightType::Q8_0, WeightType::Q4_K, WeightType::Q6_K};
    for (const WeightType type : few)
        for (const Shape& shape : kShapes)
            for (const int tokens : {1, 2, 4, 8}) bench.run(type, shape, tokens);
    for (const WeightType type : kWeightTypes)
        if (!quick && std::find(std::begin(few), std::end(few), type) == std::end(few))
            for (const Shape& shape : kShapes) bench.run(type, shape, 1);
}

}  // namespace
}  // namespace lectern::gpu

int main(int argc, char** argv) {
    return lectern::gpu::benchmarkMain(argc, argv, lectern::gpu::runAll);
}
