// SPDX-License-Identifier: GPL-3.0-or-later
// Prefill attention on a real GPU: against the reference in double precision, and the time of a chunk over a long
// context, compressed against fp16. Sources: this file, kernels/cuda/{pack,attend_prefill,attend_prefill_tiles}.cu,
// kernels/{kv_codes,kv_tile,attend}_ref.cpp.
#include "kernels/attend.h"
#include "kernels/cuda/attend_prefill_tiles.cuh"
#include "tests/gpu/made_up_layer.cuh"

namespace {

using namespace lectern::gpu;

// Operands of the products are rounded to fp16. What that does to the outputs depends on how large the scores are, so
// the reference is rounded in the same places: the device may be a few times as far off, never more.
constexpr double kTimesRounding = 3, kTolerance = 1e-3;

/// cos and sin of rotations by 0 … 63, and to the first position of each page.
struct Angles {
    std::vector<float> cos, sin, page_cos, page_sin;
    int pairs;

    Angles(int head_dim, int pages) : pairs(head_dim / 2) {
        const auto add = [&](double position, int pair, std::vector<float>& c, std::vector<float>& s) {
            const double angle = position * std::pow(500000.0, -double(pair) / pairs);
            c.push_back(float(std::cos(angle)));
            s.push_back(float(std::sin(angle)));
        };
        for (int i = 0; i < pairs; ++i)
            for (int t = 0; t < kPageTokens; ++t) add(t, i, cos, sin);
        for (int p = 0; p < pages; ++p)
            for (int i = 0; i < pairs; ++i) add(64.0 * p, i, page_cos, page_sin);
    }
};

/// A context on the device: `tokens` tokens, the same 4,096 over and over.
struct Context {
    Layer keys, values;
    int tokens, pages;
    Pages key_pages, value_pages;
    Angles angles;
    DeviceArray<float> cos, sin, page_cos, page_sin;
    DeviceArray<PrefillPage> infos;

    Context(KvShape shape, int key_bits, int value_bits, int context)
        : keys(shape, KvKind::Key, key_bits, slotsOf(shape, key_bits), false),
          values(shape, KvKind::Value, value_bits, slotsOf(shape, value_bits), false),
          tokens(context),
          pages((context + 63) / 64),
          key_pages(keys, pages, 4096),
          value_pages(values, pages, 4096),
          angles(shape.head_dim, pages),
          cos(angles.cos),
          sin(angles.sin),
          page_cos(angles.page_cos),
          page_sin(angles.page_sin),
          infos(std::size_t(pages)) {
        const int most = std::min(4096, context);
        const DeviceArray<float> x(normalValues(std::size_t(shape.channels()) * std::size_t(most), 3, 100));
        std::vector<PrefillPage> all;
        for (int first = 0; first < context; first += most) {
            key_pages.append(x.data(), first, std::min(most, context - first));
            value_pages.append(x.data(), first, std::min(most, context - first));
        }
        for (int p = 0; p < pages; ++p)
            all.push_back({key_pages.memory.data() + keys.pitch() * std::size_t(p),
                           value_pages.memory.data() + values.pitch() * std::size_t(p), 64 * p,
                           std::min(64, context - 64 * p), key_bits == kRawBits, value_bits == kRawBits});
        infos.set(all);
    }

    PrefillArgs args(int heads, int queries) const {
        PrefillArgs a;
        a.key_layout = keys.layout, a.value_layout = values.layout;
        a.key_params = keys.params(true), a.value_params = values.params(true);
        a.pages = infos.data(), a.page_count = pages;
        a.offsets = {cos.data(), sin.data(), angles.pairs, false};
        a.page_cos = page_cos.data(), a.page_sin = page_sin.data();
        a.heads = heads, a.tokens = queries, a.first = tokens - queries;
        a.scale = 1 / std::sqrt(float(keys.layout.shape.head_dim));
        return a;
    }
};

/// What a call needs besides the context.
struct Buffers {
    DeviceArray<float> q, out, m, l, o;
    DeviceArray<std::byte> workspace;

    Buffers(PrefillArgs& a, const std::vector<float>& queries, int window_pages)
        : q(queries),
          out(queries.size()),
          m(std::size_t(a.heads) * std::size_t(a.tokens)),
          l(m.size()),
          o(queries.size()),
          workspace(prefillWorkspaceBytes(a.key_layout.shape, window_pages)) {
        a.q = q.data(), a.out = out.data(), a.m = m.data(), a.l = l.data(), a.o = o.data();
        a.workspace = workspace.data(), a.workspace_bytes = workspace.size();
    }
};

void toHalfAndBack(std::vector<float>& x) {
    for (float& v : x) v = halfToFloat(floatToHalfClamped(v));
}

/// Outputs of all queries as the references define them; `rounded`: with the operands of both products in fp16.
std::vector<float> reference(const Context& context, const PrefillArgs& a, const std::vector<float>& q, bool rounded) {
    const int d = a.key_layout.shape.head_dim, kv_heads = a.key_layout.shape.kv_heads, group = a.heads / kv_heads;
    const int rows = a.tokens * group;
    const auto key_bytes = context.key_pages.memory.get(), value_bytes = context.value_pages.memory.get();
    const RopeOffsets rope = {context.angles.cos.data(), context.angles.sin.data(), context.angles.pairs, false};
    std::vector<float> out(q.size()), key_tile(std::size_t(d) * 64), value_tile(key_tile),
        turned(std::size_t(rows * d));
    for (int head = 0; head < kv_heads; ++head) {
        std::vector<float> m(std::size_t(rows), -INFINITY), l(m.size(), 0.0F), o(m.size() * std::size_t(d), 0.0F);
        const auto at = [&](int r) { return std::size_t((r / group * a.heads + head * group + r % group) * d); };
        for (int p = 0; p < a.page_count; ++p) {
            keyTileRef(context.keys.layout, context.keys.params(false),
                       key_bytes.data() + context.keys.pitch() * std::size_t(p), head, rope, key_tile.data());
            valueTileRef(context.values.layout, context.values.params(false),
                         value_bytes.data() + context.values.pitch() * std::size_t(p), head, value_tile.data());
            std::vector<int> limits;
            const auto turn = std::size_t(p * context.angles.pairs);
            for (int r = 0; r < rows; ++r) {
                rotateRef(q.data() + at(r), 1, d, d, context.angles.page_cos.data() + turn,
                          context.angles.page_sin.data() + turn, context.angles.pairs, false, true,
                          turned.data() + r * d);
                limits.push_back(
                    std::clamp(a.first + r / group + 1 - 64 * p, 0, std::min(64, context.tokens - 64 * p)));
            }
            for (float& x : turned) x *= a.scale;
            if (rounded)
                for (auto* operand : {&turned, &key_tile, &value_tile}) toHalfAndBack(*operand);
            AttendArgs args;
            args.q = turned.data(), args.rows = rows, args.head_dim = d, args.limits = limits.data();
            args.tokens = std::min(64, context.tokens - 64 * p);
            args.key_tile = key_tile.data(), args.value_tile = value_tile.data();
            args.score_cap = a.score_cap;
            attendRef(args, {m.data(), l.data(), o.data()});
        }
        for (int r = 0; r < rows; ++r)
            for (int c = 0; c < d; ++c) out[at(r) + std::size_t(c)] = o[std::size_t(r * d + c)] / l[std::size_t(r)];
    }
    return out;
}

std::string bitsName(int key_bits, int value_bits) {
    return std::to_string(key_bits) + "/" + std::to_string(value_bits);
}

void checkShape(Report& report, KvShape shape, int group, int key_bits, int value_bits, float cap = 0) {
    const Context context(shape, key_bits, value_bits, 300);
    PrefillArgs args = context.args(shape.kv_heads * group, 150);
    args.score_cap = cap;
    auto q = normalValues(std::size_t(args.heads * args.tokens * shape.head_dim), 8);
    const auto want = reference(context, args, q, false);
    const double rounding = normalisedError(reference(context, args, q, true), want);
    for (const int window_pages : {5, 2}) {
        const Buffers buffers(args, q, window_pages);
        must(cudaError_t(-attendPrefill(args, nullptr)), "attendPrefill");
        report.near("prefill " + std::to_string(shape.kv_heads) + "x" + std::to_string(shape.head_dim) + " group " +
                        std::to_string(group) + " bits " + bitsName(key_bits, value_bits) + " cap " +
                        std::to_string(cap) + " pages at once " + std::to_string(window_pages),
                    buffers.out.get(), want, kTolerance + kTimesRounding * rounding);
    }
}

/// Prints one timing; returns the microseconds.
double timeShape(const char* name, KvShape shape, int group, int bits, int queries, int tokens, double fp16_time) {
    const Context context(shape, bits, bits, tokens);
    PrefillArgs args = context.args(shape.kv_heads * group, queries);
    const Buffers buffers(args, normalValues(std::size_t(args.heads) * std::size_t(queries * shape.head_dim), 8), 256);
    const double all = microseconds([&] { must(cudaError_t(-attendPrefill(args, nullptr)), "attendPrefill"); }, 7);
    const int window = std::min(256, args.page_count);
    const double expand =
        microseconds([&] { must(cudaError_t(-expandPages(args, 0, window, args.workspace, nullptr)), "expand"); }, 7) *
        args.page_count / window;
    const double seen = tokens - queries / 2.0;
    std::printf(
        "{\"timing\": \"prefill_attention\", \"shape\": \"%s\", \"bits\": %d, \"heads\": %d, \"kv_heads\": %d, "
        "\"head_dim\": %d, \"queries\": %d, \"context_tokens\": %d, \"microseconds\": %.1f, "
        "\"expand_microseconds\": %.1f, \"tflop_per_s\": %.1f, \"times_fp16\": %.3f}\n",
        name, bits, args.heads, shape.kv_heads, shape.head_dim, queries, tokens, all, expand,
        4.0 * queries * seen * args.heads * shape.head_dim / all / 1e6, fp16_time > 0 ? all / fp16_time : 1.0);
    std::fflush(stdout);
    return all;
}

}  // namespace

int main() {
    if (!deviceThere()) return kNoDevice;
    Report report;
    for (const int key_bits : {2, 3, 4, kRawBits})
        for (const int value_bits : {2, 3, 4, kRawBits}) checkShape(report, {2, 128}, 4, key_bits, value_bits);
    for (const int head_dim : {32, 64, 80, 96, 256})
        for (const int bits : {3, kRawBits}) checkShape(report, {2, head_dim}, 2, bits, bits);
    checkShape(report, {4, 128}, 1, 3, 3);
    checkShape(report, {1, 128}, 7, 2, 4);
    for (const int head_dim : {64, 128, 256})
        for (const float cap : {1.0F, 50.0F}) checkShape(report, {2, head_dim}, 2, 3, 4, cap);
    const struct {
        const char* name;
        KvShape shape;
        int group;
    } models[] = {{"LLaMA-7B", {32, 128}, 1}, {"Llama-3-8B", {8, 128}, 4}, {"Qwen2.5-7B", {4, 128}, 7}};
    for (const auto& model : models)
        for (const int queries : {512, 4096}) {
            double fp16 = 0;
            for (const int bits : {kRawBits, 4, 3, 2}) {
                const double time = timeShape(model.name, model.shape, model.group, bits, queries, 32768, fp16);
                if (bits == kRawBits) fp16 = time;
            }
        }
    return report.finish();
}
