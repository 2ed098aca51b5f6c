// SPDX-License-Identifier: GPL-3.0-or-later
// A whole model on the GPU against the CPU's forward pass: logits, mass, and the bytes of the pages.
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "engine/device/device_room.h"
#include "engine/device/device_transformer.h"
#include "engine/infer/transformer.h"
#include "tests/gpu/kernel_check.cuh"
#include "tests/support/made_up_model.h"

extern "C" const LecternCudaModule* lecternCudaModule();

namespace lectern::gpu {
namespace {

constexpr double kTolerance = 1e-2;   ///< of the logits' largest: fp16 factors on the device
constexpr double kMostCodes = 0.005;  ///< of the bytes of codes: those near a threshold

/// Ends the program where nothing that follows would mean anything.
template <class T>
T need(Result<T> result, const char* what) {
    if (result) return std::move(*result);
    std::printf("%s: failed, %s\n0 passed, 1 failed, 0 skipped\n", what, result.error().message.c_str());
    std::exit(1);
}
void need(const Status& done, const char* what) {
    if (done) return;
    std::printf("%s: failed, %s\n0 passed, 1 failed, 0 skipped\n", what, done.error().message.c_str());
    std::exit(1);
}

class Case {
public:
    /// The device has room for `raw_pages` pages in fp16; 0: for all there are.
    Case(Report& report, std::shared_ptr<Device> device, ThreadPool& pool, std::string name,
         const test::MadeUpShape& shape, int raw_pages = 0)
        : m_report(report), m_pool(pool), m_name(std::move(name)), m_made(shape), m_device(device) {
        const ModelConfig& config = m_made.model->config;
        const KvSettings fp16 = need(parseKvSettings("fp16"), "the settings");
        const auto page = splitContext(fp16, config.layers, {config.kv_heads, config.head_dim}, 64, 0).page;
        const std::uint64_t budget = page * std::uint64_t(raw_pages);
        auto pass = need(DeviceTransformer::make(device, m_made.model, pool, Transformer::kChunk, budget), "the model");
        m_divided = raw_pages > 0;
        m_cpu = std::make_unique<Transformer>(m_made.model, pool, kernels::bestKernels());
        m_gpu = std::make_unique<Transformer>(m_made.model, pool, kernels::bestKernels(), std::move(pass));
        std::mt19937 random(5);
        for (int i = 0; i < 3000; ++i) m_ids.push_back(std::int32_t(random() % unsigned(shape.vocab)));
    }

    /// Reads and quantizes on the CPU, then the device goes on.
    void run(const std::string& kv, int window) {
        KvSettings settings = need(parseKvSettings(kv), "the settings");
        settings.window = window;
        KvCache cache = m_cpu->makeCache(settings);
        need(m_cpu->prefill(cache, tokens(0, 700), nullptr, {}), "reading on the CPU");
        cache.finish(m_pool);
        KvCache own = cache;
        same(cache, tokens(700, 1), kv + " one token");
        same(cache, tokens(701, 3), kv + " three tokens");
        if (window == 0) return;
        same(cache, tokens(704, 7), kv + " seven tokens");
        same(cache, tokens(711, 12), kv + " a chunk back as rows");
        same(cache, tokens(723, 120), kv + " a chunk back as pages");
        pages(cache, kv);
        codes(cache, own, tokens(700, 143), kv);
        if (m_divided) {
            const auto* table = static_cast<const DeviceTable*>(cache.deviceTable().get());
            m_report.check(m_name + " " + kv + " leaves pages with the host", table->hostPages() > 0, "all have room");
        }
        KvCache fork = cache;
        same(fork, tokens(1000, 2), kv + " a fork");
        cache.hide({{10, 20}, {64, 200}, {300, 301}, {600, 640}});
        same(cache, tokens(1100, 1), kv + " hidden positions", true);
        same(cache, tokens(1200, 90), kv + " a chunk with hidden positions");
    }

    /// Everything on the device from the first token on.
    void alone(const std::string& kv) {
        KvCache cache = m_gpu->makeCache(need(parseKvSettings(kv), "the settings"));
        for (std::size_t at = 0; at < 1500; at += 500)
            same(cache, tokens(at, 500), kv + " read on the device from " + std::to_string(at));
        same(cache, tokens(1500, 1), kv + " read on the device");
        pages(cache, kv);
    }

    /// Tokens one by one, over the ends of pages: recorded as graphs and not, the same bits.
    void recorded(const std::string& kv) {
        LecternCudaModule plain = *lecternCudaModule();
        plain.beginCapture = [](kernels::Stream) { return -1; };
        auto device = need(Device::open(plain, 0), "the device");
        auto pass =
            need(DeviceTransformer::make(device, m_made.model, m_pool, Transformer::kChunk, 1 << 28), "the model");
        Transformer without(m_made.model, m_pool, kernels::bestKernels(), std::move(pass));
        KvCache a = m_gpu->makeCache(need(parseKvSettings(kv), "the settings"));
        need(m_gpu->prefill(a, tokens(0, 1500), nullptr, {}), "reading on the device");
        KvCache b = m_gpu->makeCache(a.settings());
        need(without.prefill(b, tokens(0, 1500), nullptr, {}), "reading on the device");
        bool equal = true;
        for (std::size_t step = 0; step < 150; ++step) {
            AttentionMass mass_a, mass_b;
            const bool mass = step % 50 < 40;
            const auto got = logits(*m_gpu, a, tokens(1500 + step, 1), mass ? &mass_a : nullptr),
                       want = logits(without, b, tokens(1500 + step, 1), mass ? &mass_b : nullptr);
            equal = equal && got == want && mass_a.groups == mass_b.groups;
        }
        m_report.check(m_name + " " + kv + " recorded tokens", equal, "bits differ from those that are not recorded");
        pages(a, kv + " recorded");
    }

    /// Pages that leave the window are coded on the device with the processor's bytes.
    void coded(const std::string& kv) {
        KvCache by_cpu = m_gpu->makeCache(need(parseKvSettings(kv), "the settings"));
        need(m_gpu->prefill(by_cpu, tokens(0, 1000), nullptr, {}), "reading on the device");
        KvCache by_gpu = by_cpu;
        by_cpu.finish(m_pool);
        by_gpu.setQuantizer(by_cpu.quantizer());
        logits(*m_gpu, by_gpu, tokens(1000, 1));
        int equal = 0, different = 0, elsewhere = 0;
        for (int page = 0; page < by_cpu.pageCount(1000); ++page)
            for (int layer = 0; layer < by_cpu.layers(); ++layer)
                for (const KvKind kind : {KvKind::Key, KvKind::Value}) {
                    const KvBlock &want = *by_cpu.block(layer, kind, page), &got = *by_gpu.block(layer, kind, page);
                    if (want.layout().raw() || got.layout().raw()) continue;
                    elsewhere += got.copy() == nullptr ? 1 : 0;
                    ++(std::equal(want.data(), want.data() + want.bytes(), got.data()) ? equal : different);
                }
        m_report.check(m_name + " " + kv + " coded on the device", equal > 0 && different == 0 && elsewhere == 0,
                       std::to_string(different) + " blocks differ, " + std::to_string(elsewhere) + " not coded there");
        pages(by_gpu, kv + " coded");
    }

private:
    std::span<const std::int32_t> tokens(std::size_t from, std::size_t count) const {
        return std::span(m_ids).subspan(from, count);
    }
    std::vector<float> logits(Transformer& by, KvCache& cache, std::span<const std::int32_t> tokens,
                              AttentionMass* mass = nullptr) const {
        std::vector<float> out(std::size_t(m_made.model->config.vocab), NAN);
        need(by.forward(cache, tokens, Logits::Last, out.data(), mass), "a forward pass");
        return out;
    }
    /// The device appends `tokens`; so does the CPU, from the device's own pages: what differs is arithmetic, and no
    /// code that fell to the other side of a threshold in an earlier pass.
    void same(KvCache& cache, std::span<const std::int32_t> tokens, const std::string& what, bool with_mass = false) {
        AttentionMass want_mass, got_mass;
        KvCache fork = cache;
        const auto want = logits(*m_cpu, fork, tokens, with_mass ? &want_mass : nullptr);
        fork = m_cpu->makeCache(cache.settings());  // the pages are the device's alone when it writes
        const auto got = logits(*m_gpu, cache, tokens, with_mass ? &got_mass : nullptr);
        m_report.near(m_name + " " + what, got, want, kTolerance);
        if (with_mass) m_report.near(m_name + " " + what + ", mass", got_mass.groups, want_mass.groups, 2e-2);
    }
    /// How many codes of `tokens` differ from those of the CPU, which reads them after `own` by itself.
    void codes(const KvCache& cache, KvCache& own, std::span<const std::int32_t> tokens, const std::string& kv) {
        std::vector<const KvBlock*> before;
        forCoded(own, [&](int, KvKind, int, const KvBlock& block) { before.push_back(&block); });
        need(m_cpu->prefill(own, tokens, nullptr, {}), "reading on the CPU");
        std::size_t bytes = 0, different = 0;
        forCoded(own, [&](int layer, KvKind kind, int page, const KvBlock& want) {
            if (std::find(before.begin(), before.end(), &want) != before.end()) return;
            const std::byte* got = cache.block(layer, kind, page)->data();
            const std::size_t size = kernels::codeBytes(want.layout().bits, cache.shape().channels());
            for (std::size_t i = 0; i < size; ++i) different += want.data()[i] != got[i] ? 1 : 0;
            bytes += size;
        });
        if (cache.settings().raw()) return;
        m_report.check(m_name + " " + kv + " codes near the CPU's",
                       bytes > 0 && double(different) < kMostCodes * double(bytes),
                       std::to_string(different) + " of " + std::to_string(bytes) + " bytes differ");
    }
    template <class What>
    static void forCoded(const KvCache& cache, What what) {
        for (int page = 0; page < cache.pageCount(cache.tokens()); ++page)
            for (int layer = 0; layer < cache.layers(); ++layer)
                for (const KvKind kind : {KvKind::Key, KvKind::Value})
                    if (const KvBlock* block = cache.block(layer, kind, page); !block->layout().raw())
                        what(layer, kind, page, *block);
    }
    /// Every block of the cache equals its copy on the device.
    void pages(const KvCache& cache, const std::string& kv) {
        bool equal = true;
        int compared = 0;
        std::vector<std::byte> bytes;
        for (int page = 0; page < cache.pageCount(cache.tokens()); ++page) {
            std::size_t at = 0;
            for (int layer = 0; layer < cache.layers(); ++layer)
                for (const KvKind kind : {KvKind::Key, KvKind::Value}) {
                    const KvBlock& block = *cache.block(layer, kind, page);
                    const auto copy = std::static_pointer_cast<PageCopy>(block.copy());
                    if (copy == nullptr) continue;
                    bytes.resize(block.bytes());
                    must(cudaMemcpy(bytes.data(), copy->at() + at, bytes.size(), cudaMemcpyDeviceToHost), "a page");
                    equal = equal && std::equal(bytes.begin(), bytes.end(), block.data());
                    at += (block.bytes() + 63) / 64 * 64;
                    ++compared;
                }
        }
        m_report.check(m_name + " " + kv + " pages here and there", equal && compared > 0, "bytes differ");
    }

    Report& m_report;
    ThreadPool& m_pool;
    std::string m_name;
    test::MadeUpModel m_made;
    std::shared_ptr<Device> m_device;
    std::unique_ptr<Transformer> m_cpu, m_gpu;
    std::vector<std::int32_t> m_ids;
    bool m_divided = false;
};

test::MadeUpShape shaped(int heads, int kv_heads, int head_dim) {
    test::MadeUpShape shape;
    shape.heads = heads, shape.kv_heads = kv_heads, shape.head_dim = head_dim;
    return shape;
}

void runAll(Report& report) {
    ThreadPool pool;
    auto device = need(Device::open(*lecternCudaModule(), 0), "the device");
    const auto run = [&](const std::string& name, const test::MadeUpShape& shape, const std::vector<std::string>& kvs,
                         int window = 128) {
        Case one(report, device, pool, name, shape);
        for (const auto& kv : kvs) one.run(kv, window);
    };
    run("grouped queries", shaped(4, 2, 128), {"fp16", "nuq4", "nuq3", "nuq2", "nuq3-0%", "nuq4/2", "nuq2/16", "int4"});
    run("no window", shaped(4, 2, 128), {"nuq3", "nuq2-0%"}, 0);
    run("one KV head", shaped(7, 1, 64), {"nuq3"});
    run("head dimension 80", shaped(4, 4, 80), {"fp16", "nuq4"});
    run("head dimension 96", shaped(4, 2, 96), {"nuq2"});
    run("head dimension 256", shaped(4, 1, 256), {"nuq3"});
    auto shape = shaped(4, 2, 64);
    shape.interleaved = false, shape.bias = true;
    run("bias", shape, {"nuq4"});
    shape.bias = false, shape.head_norms = true, shape.yarn = 4, shape.rotated = 32;
    run("norms, partial YaRN", shape, {"nuq3"});
    shape = shaped(4, 2, 64);
    shape.window = 200;
    run("sliding window", shape, {"fp16", "nuq3"});
    for (const int window : {0, 200, 800}) {
        shape.window = window;
        Case divided(report, device, pool, "divided with the host, window " + std::to_string(window), shape, 8);
        for (const char* kv : {"fp16", "nuq4", "nuq3", "nuq2"}) divided.run(kv, 128);
    }
    shape = shaped(4, 1, 256);
    shape.layers = 3, shape.window = 200, shape.gemma = shape.head_norms = true, shape.interleaved = false;
    run("Gemma-3", shape, {"fp16", "nuq4", "nuq3"});
    Case gemma(report, device, pool, "Gemma-3 divided with the host", shape, 8);
    for (const char* kv : {"fp16", "nuq3"}) gemma.run(kv, 128);
    shape.kv_heads = 2, shape.head_norms = false, shape.cap = 1.5F;
    Case capped(report, device, pool, "Gemma-2", shape);
    for (const char* kv : {"fp16", "nuq4", "nuq3", "nuq2"}) capped.run(kv, 128);
    capped.recorded("nuq3");
    Case divided(report, device, pool, "Gemma-2 divided with the host", shape, 8);
    for (const char* kv : {"fp16", "nuq3"}) divided.run(kv, 128);
    shape.head_dim = 128;
    run("Gemma-2, head dimension 128", shape, {"nuq4"});
    shape = shaped(4, 1, 128);
    shape.layers = 5, shape.still_period = 4;
    Case still(report, device, pool, "SmolLM3", shape);
    for (const char* kv : {"fp16", "nuq4", "nuq3", "nuq2"}) still.run(kv, 128);
    still.recorded("nuq3");
    shape = shaped(4, 1, 128);
    shape.yarn = 16, shape.growth = 0.1;
    Case growing(report, device, pool, "Ministral 3", shape);
    for (const char* kv : {"fp16", "nuq4", "nuq3", "nuq2"}) growing.run(kv, 128);
    growing.recorded("nuq3");
    Case apart(report, device, pool, "Ministral 3 divided with the host", shape, 8);
    apart.run("nuq3", 128);
    for (const WeightType type : {WeightType::F16, WeightType::Q4_0, WeightType::Q4_K}) {
        shape = shaped(4, 2, 64);
        shape.experts = 8, shape.weights = type;
        if (type == WeightType::Q4_K) shape.finer = WeightType::Q6_K;
        const std::string name = std::string("mixture of experts ") + kernels::weightBlock(type).name;
        run(name, shape, {"fp16", "nuq3"});
        Case one(report, device, pool, name, shape);
        one.recorded("nuq3"), one.alone("nuq4");
    }
    Case mixture(report, device, pool, "mixture of experts divided with the host", shape, 8);
    mixture.run("nuq3", 128);
    for (const WeightType type : kernels::kWeightTypes) {
        shape = shaped(4, 2, 64);
        shape.weights = type;
        run(std::string("weights ") + kernels::weightBlock(type).name, shape, {"nuq4"});
    }
    Case one(report, device, pool, "from the start", shaped(8, 2, 128));
    for (const char* kv : {"nuq4", "nuq3", "nuq2", "nuq2-0%", "nuq4/2@0=16/3"}) one.coded(kv);
    for (const char* kv : {"fp16", "nuq3", "nuq2-0%"}) one.recorded(kv);
    for (const char* kv : {"fp16", "nuq4", "nuq3"}) one.alone(kv);
}

}  // namespace
}  // namespace lectern::gpu

int main() {
    using namespace lectern::gpu;
    if (!deviceThere()) return kNoDevice;
    setenv("LECTERN_ISA", "avx512",
           0);  // attention of the CPU in f32: with bfloat16 it would round more than the device
    Report report;
    runAll(report);
    return report.finish();
}
