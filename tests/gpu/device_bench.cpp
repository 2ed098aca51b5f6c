// SPDX-License-Identifier: GPL-3.0-or-later
// Speed and memory of a whole model on the GPU, with the cache that sessions have.
//   device_bench [--quick | --few] [--long] [--out FILE]   JSON rows, appended to FILE or printed; a table at the end
// --quick: 4,096 tokens in the place of 16,384. --few: Llama-3-8B's shape alone, 2,048 tokens of fp16, for a profiler,
// under which every launch is slow. --long: also the long contexts, whose cache is random valid codes that were never
// computed: 1,000,000 tokens of LLaMA-7B's shape and 4,000,000 of Llama-3-8B's.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>

#include "engine/device/device_transformer.h"
#include "engine/infer/transformer.h"
#include "tests/gpu/kernel_check.cuh"
#include "tests/support/made_up_model.h"

extern "C" const LecternCudaModule* lecternCudaModule();

namespace lectern::gpu {
namespace {

double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

template <class T>
T need(Result<T> result) {
    if (result) return std::move(*result);
    std::printf("device_bench: %s\n", result.error().message.c_str());
    std::exit(1);
}
void need(const Status& done) {
    if (done) return;
    std::printf("device_bench: %s\n", done.error().message.c_str());
    std::exit(1);
}

struct Row {
    std::string model, kv;
    std::uint64_t tokens = 0;
    double prefill = 0, decode = 0, first = 0;  ///< tokens/s, tokens/s, seconds of the first token decoded
    std::uint64_t weights = 0, pages = 0, scratch = 0, kv_bytes = 0;
};

class Bench {
public:
    explicit Bench(std::FILE* out) : m_out(out), m_device(need(Device::open(*lecternCudaModule(), 0))) {}

    void read(const std::string& name, const test::MadeUpShape& shape, const std::vector<std::string>& kvs,
              std::size_t tokens, int steps = 64) {
        const test::MadeUpModel made(shape);
        auto pass = need(DeviceTransformer::make(m_device, made.model, m_pool, Transformer::kChunk));
        DeviceTransformer& on_device = *pass;
        Transformer transformer(made.model, m_pool, kernels::bestKernels(), std::move(pass));
        std::mt19937 random(3);
        std::vector<std::int32_t> ids(tokens);
        for (auto& id : ids) id = std::int32_t(random() % unsigned(shape.vocab));
        for (const std::string& kv : kvs) {
            Row row{name, kv, tokens};
            KvCache cache = transformer.makeCache(need(parseKvSettings(kv)));
            need(transformer.prefill(cache, std::span(ids).first(512), nullptr, {}));  // warm
            cache.rewind(0);
            auto before = on_device.seconds();
            const double begin = now();
            need(transformer.prefill(cache, ids, nullptr, {}));
            row.prefill = double(tokens) / (now() - begin);
            tell(row, "prefill", before, on_device.seconds());
            before = on_device.seconds();
            decode(transformer, cache, row, steps);
            tell(row, "decoded", before, on_device.seconds());
            finish(on_device, cache, row);
        }
    }

    /// A context of random codes, straight into a cache and from there onto the device.
    void longContext(const std::string& name, const test::MadeUpShape& shape, const std::string& kv,
                     std::uint64_t tokens) {
        Row row{name, kv, tokens};
        const KvSettings settings = need(parseKvSettings(kv));
        const KvShape kv_shape{shape.kv_heads, shape.head_dim};
        const std::uint64_t bytes = tokens / 64 * lectern::pageBytes(settings, shape.layers, kv_shape);
        const test::MadeUpModel made(shape);
        const std::uint64_t weights = DeviceModel::bytes(*made.model), left = need(m_device->memoryFree());
        if (weights + bytes + (std::uint64_t(2) << 30) > left) {
            std::printf("%s %s at %llu tokens: does not fit (weights %.1f GB, pages %.1f GB, free %.1f GB)\n",
                        name.c_str(), kv.c_str(), (unsigned long long)tokens, double(weights) * 1e-9,
                        double(bytes) * 1e-9, double(left) * 1e-9);
            return;
        }
        auto pass = need(DeviceTransformer::make(m_device, made.model, m_pool, Transformer::kChunk));
        DeviceTransformer& on_device = *pass;
        Transformer transformer(made.model, m_pool, kernels::bestKernels(), std::move(pass));
        KvCache cache = transformer.makeCache(settings);
        const double begin = now();
        fill(cache, tokens);
        std::printf("%s %s: %.1f GB of codes made in %.1f s\n", name.c_str(), kv.c_str(), double(bytes) * 1e-9,
                    now() - begin);
        std::fflush(stdout);
        decode(transformer, cache, row, 2);
        const auto before = on_device.seconds();
        const double first = row.first;
        decode(transformer, cache, row, 24);
        row.first = first;
        tell(row, "24 decoded", before, on_device.seconds());
        finish(on_device, cache, row);
    }

    void table() const {
        std::printf("\n%-14s %-9s %9s %12s %12s %11s %9s %9s %9s %9s\n", "model", "kv", "tokens", "prefill t/s",
                    "decode t/s", "ms/token", "first s", "weights", "pages", "scratch");
        for (const Row& r : m_rows)
            std::printf("%-14s %-9s %9llu %12.1f %12.2f %11.2f %9.2f %6.2f GB %6.2f GB %6.2f GB\n", r.model.c_str(),
                        r.kv.c_str(), (unsigned long long)r.tokens, r.prefill, r.decode, 1000 / r.decode, r.first,
                        double(r.weights) * 1e-9, double(r.pages) * 1e-9, double(r.scratch) * 1e-9);
    }

private:
    /// Median time of a token; the first one, which brings the pages, apart.
    void decode(Transformer& transformer, KvCache& cache, Row& row, int steps) {
        std::vector<float> logits(std::size_t(transformer.model().config.vocab));
        std::vector<double> seconds;
        std::int32_t id = 1;
        for (int i = 0; i < steps; ++i) {
            const double begin = now();
            AttentionMass mass;
            need(transformer.forward(cache, {&id, 1}, Logits::Last, logits.data(), &mass));
            if (i == 0) row.first = now() - begin;
            if (i > 0) seconds.push_back(now() - begin);
            id = std::int32_t(std::max_element(logits.begin(), logits.end()) - logits.begin());
        }
        std::sort(seconds.begin(), seconds.end());
        row.decode = 1 / seconds[seconds.size() / 2];
    }

    static void tell(const Row& row, const char* what, const DeviceTransformer::Seconds& a,
                     const DeviceTransformer::Seconds& b) {
        std::printf("%s %s %s: bring %.3f, compute %.3f, take back %.3f, settle %.3f s\n", row.model.c_str(),
                    row.kv.c_str(), what, b.bring - a.bring, b.compute - a.compute, b.take_back - a.take_back,
                    b.settle - a.settle);
    }

    void finish(const DeviceTransformer& on_device, const KvCache& cache, Row& row) {
        row.weights = on_device.weightBytes(), row.pages = on_device.pageBytes();
        row.scratch = on_device.scratchBytes();
        row.kv_bytes = cache.ledger().kvBytes();
        std::fprintf(m_out,
                     "{\"benchmark\": \"device\", \"model\": \"%s\", \"kv\": \"%s\", \"tokens\": %llu, "
                     "\"prefill_tokens_per_s\": %.1f, \"decode_tokens_per_s\": %.3f, \"first_token_s\": %.3f, "
                     "\"weight_bytes\": %llu, \"page_bytes\": %llu, \"scratch_bytes\": %llu, \"kv_bytes\": %llu}\n",
                     row.model.c_str(), row.kv.c_str(), (unsigned long long)row.tokens, row.prefill, row.decode,
                     row.first, (unsigned long long)row.weights, (unsigned long long)row.pages,
                     (unsigned long long)row.scratch, (unsigned long long)row.kv_bytes);
        std::fflush(m_out);
        m_rows.push_back(row);
        std::printf("%s %s: prefill %.1f tokens/s, decode %.2f tokens/s\n", row.model.c_str(), row.kv.c_str(),
                    row.prefill, row.decode);
        std::fflush(stdout);
    }

    static Quantizer quantizer(const KvCache& cache) {
        Quantizer made;
        const KvSettings& settings = cache.settings();
        for (int layer = 0; layer < cache.layers(); ++layer) {
            LayerCodec key = valueCodec(settings, layer);  // books alike
            key.offset.assign(std::size_t(cache.shape().channels()), 0.0F);
            key.range.assign(key.offset.size(), 2.0F);
            made.keys.push_back(std::move(key));
            made.values.push_back(valueCodec(settings, layer));
        }
        return made;
    }

    /// Random codes, no corrections used.
    void fill(KvCache& cache, std::uint64_t tokens) {
        cache.setQuantizer(std::make_shared<const Quantizer>(quantizer(cache)));
        cache.reserve(tokens);
        std::vector<std::byte> noise(std::size_t(1) << 24);
        std::mt19937_64 random(9);
        for (std::size_t i = 0; i + 8 <= noise.size(); i += 8) {
            const std::uint64_t word = random();
            std::memcpy(&noise[i], &word, 8);
        }
        m_pool.run(cache.pageCount(tokens), [&](int page, int) {
            for (int layer = 0; layer < cache.layers(); ++layer)
                for (const KvKind kind : {KvKind::Key, KvKind::Value}) {
                    const auto coded = blockLayout(cache.settings(), layer, kind, cache.shape());
                    const auto layout = cache.sinkPage(page) ? rawLayout(kind, cache.shape()) : coded;
                    auto block = need(cache.blockFor(layer, kind, page, layout.bits, layout.bytes()));
                    std::byte* data = block->data();
                    const std::size_t from = std::size_t(page * 64 + layer) * 4096 % (noise.size() / 2);
                    if (!layout.raw()) std::memcpy(data, noise.data() + from, layout.scalesAt());
                    for (std::size_t t = 0; !layout.raw() && kind == KvKind::Value && t < 64; ++t) {
                        const kernels::ValueScale scale{0, 0x3c00};
                        std::memcpy(data + layout.scalesAt() + t * sizeof scale, &scale, sizeof scale);
                    }
                    cache.put(layer, kind, page, std::move(block));
                }
        });
        need(cache.finishRestore(tokens));
    }

    std::FILE* m_out;
    ThreadPool m_pool;
    std::shared_ptr<Device> m_device;
    std::vector<Row> m_rows;
};

test::MadeUpShape shaped(int layers, int hidden, int heads, int kv_heads, int ffn, int vocab, WeightType weights) {
    test::MadeUpShape shape;
    shape.layers = layers, shape.hidden = hidden, shape.heads = heads, shape.kv_heads = kv_heads;
    shape.head_dim = 128, shape.ffn = ffn, shape.vocab = vocab, shape.weights = weights;
    return shape;
}

void runFew(std::FILE* out) {
    Bench bench(out);
    bench.read("Llama-3-8B", shaped(32, 4096, 32, 8, 14336, 128256, WeightType::Q4_0), {"fp16"}, 2048, 6);
    bench.table();
}

void runAll(bool quick, bool with_long, std::FILE* out) {
    Bench bench(out);
    const std::size_t tokens = quick ? 4096 : 16384;
    bench.read("2048x16 GQA4", shaped(16, 2048, 16, 4, 5632, 32000, WeightType::Q8_0),
               {"fp16", "nuq4", "nuq3", "nuq2", "nuq2-0%"}, tokens);
    bench.read("Llama-3-8B", shaped(32, 4096, 32, 8, 14336, 128256, WeightType::Q4_0), {"fp16", "nuq3"},
               quick ? 2048 : 8192);
    auto super = shaped(32, 4096, 32, 8, 14336, 128256, WeightType::Q4_K);
    super.finer = WeightType::Q6_K;
    bench.read("Llama-3-8B Q4_K_M", super, {"fp16", "nuq3"}, 2048);
    auto mixture = shaped(32, 4096, 32, 8, 14336, 32000, WeightType::Q4_0);
    mixture.experts = 8;
    bench.read("Mixtral-8x7B", mixture, {"fp16", "nuq3"}, 2048);
    bench.table();
    std::fflush(stdout);
    if (!with_long) return;
    const auto llama = shaped(32, 4096, 32, 32, 11008, 32000, WeightType::Q4_0);
    const auto llama3 = shaped(32, 4096, 32, 8, 14336, 128256, WeightType::Q4_0);
    bench.longContext("LLaMA-7B", llama, "nuq2-0%", 1'000'005);
    bench.longContext("LLaMA-7B", llama, "nuq3", 1'000'005);
    bench.longContext("Llama-3-8B", llama3, "nuq2-0%", 4'000'005);
    bench.longContext("Llama-3-8B", llama3, "nuq3", 1'000'005);
    bench.table();
}

}  // namespace
}  // namespace lectern::gpu

int main(int argc, char** argv) {
    bool quick = false, with_long = false, few = false;
    std::FILE* out = stdout;
    for (int i = 1; i < argc; ++i) {
        if (std::strcmp(argv[i], "--quick") == 0) {
            quick = true;
        } else if (std::strcmp(argv[i], "--few") == 0) {
            few = true;
        } else if (std::strcmp(argv[i], "--long") == 0) {
            with_long = true;
        } else if (std::strcmp(argv[i], "--out") == 0 && i + 1 < argc) {
            out = std::fopen(argv[++i], "a");
            if (out == nullptr) return std::perror(argv[i]), 1;
        } else {
            std::fprintf(stderr, "usage: %s [--quick | --few] [--long] [--out FILE]\n", argv[0]);
            return 2;
        }
    }
    if (!lectern::gpu::deviceThere()) return lectern::gpu::kNoDevice;
    if (few)
        lectern::gpu::runFew(out);
    else
        lectern::gpu::runAll(quick, with_long, out);
    return 0;
}
