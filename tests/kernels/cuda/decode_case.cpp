// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/kernels/cuda/decode_case.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <thread>

namespace lectern::test {

using kernels::kPageTokens;
using kernels::kRawBits;

namespace {

double angleOf(int pair, int pairs, std::int64_t position) {
    return double(position) * std::pow(10000.0, -double(pair) / std::max(pairs, 1));
}

/// [tokens][channels] before RoPE, spread as the codec expects it.
std::vector<float> makeTokens(const DecodeShape& shape, const Codec& codec, int channels, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::vector<float> x(std::size_t(kPageTokens) * std::size_t(channels));
    for (std::size_t i = 0; i < x.size(); ++i) {
        const std::size_t c = i % std::size_t(channels);
        float u = shape.fill == Fill::Constant ? 0.0F : 0.45F * normal(random);
        if (shape.fill == Fill::OutlierHeavy && random() % 5 == 0) u *= 20;
        const float range = codec.range.empty() ? 1.0F : codec.range[c];
        x[i] = (codec.offset.empty() ? 0.1F : codec.offset[c]) + range * u;
    }
    return x;
}

std::vector<std::byte> packPage(const DecodeShape& shape, const KvBlockLayout& layout, const Codec& codec, int tokens,
                                unsigned seed) {
    const std::vector<float> x = makeTokens(shape, codec, layout.shape.channels(), seed);
    std::vector<float> scratch(kernels::packScratchFloats(layout.shape.channels()));
    std::vector<std::byte> block(layout.bytes(), std::byte(0xa5));
    kernels::packRef(layout, codec.params(), x.data(), 0, tokens, scratch.data(), block.data());
    return block;
}

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

}  // namespace

std::string DecodeShape::name() const {
    const auto text = [](int x) { return std::to_string(x); };
    std::string all = "keys " + text(key_bits) + " values " + text(value_bits) + " bits, " + text(kv_heads) +
                      " heads of " + text(head_dim) + ", group " + text(group) + ", slots " + text(key_slots) + "/" +
                      text(value_slots) + ", tokens " + text(begin) + ".." + text(tokens);
    if (pairs >= 0) all += ", " + text(pairs) + " pairs";
    if (interleaved) all += ", interleaved";
    if (fill == Fill::OutlierHeavy) all += ", outlier-heavy";
    if (fill == Fill::Constant) all += ", constant";
    if (cap > 0) all += ", scores up to " + std::to_string(cap);
    if (query != 1) all += ", queries times " + std::to_string(query);
    if (mass) all += ", mass";
    return all;
}

Codec::Codec(KvKind kind, int bits, int channels, unsigned seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> unit(0, 1);
    for (int c = 0; c < channels && kind == KvKind::Key; ++c) {
        offset.push_back(c % 29 == 3 ? 12.0F * unit(random) : unit(random) - 0.5F);
        range.push_back(c % 13 == 5 ? 0.0F : c % 11 == 5 ? 1e-3F : 1.5F * unit(random) + 0.5F);
    }
    if (bits == kRawBits) return;
    const int entries = 1 << bits;
    for (int i = 0; i < entries; ++i) book.push_back(2 * (float(i) + 0.8F * unit(random)) / float(entries) - 1);
    for (int i = 0; i + 1 < entries; ++i) midpoints.push_back((book[std::size_t(i)] + book[std::size_t(i) + 1]) / 2);
}

kernels::CodecParams Codec::params() const {
    const auto at = [](const std::vector<float>& x) { return x.empty() ? nullptr : x.data(); };
    return {at(offset), at(range), at(book), at(midpoints)};
}

HostLayer::HostLayer(const DecodeShape& wanted, int most_pages)
    : shape(wanted),
      key{{shape.kv_heads, shape.head_dim}, KvKind::Key, shape.key_bits, shape.key_slots},
      value{{shape.kv_heads, shape.head_dim}, KvKind::Value, shape.value_bits, shape.value_slots},
      key_codec(KvKind::Key, shape.key_bits, key.shape.channels(), shape.seed),
      value_codec(KvKind::Value, shape.value_bits, value.shape.channels(), shape.seed + 1) {
    if (shape.pairs < 0) shape.pairs = shape.head_dim / 2;
    const int packed = std::min(shape.pages(), most_pages);
    key_blocks.resize(std::size_t(packed)), value_blocks.resize(std::size_t(packed));
    std::vector<std::thread> workers;
    const int threads = std::max(1, int(std::thread::hardware_concurrency()));
    for (int w = 0; w < threads; ++w)
        workers.emplace_back([&, w] {
            for (int page = w; page < packed; page += threads) {
                const int tokens = std::min(kPageTokens, shape.tokens - page * kPageTokens);
                const auto at = std::size_t(page);
                key_blocks[at] = packPage(shape, key, key_codec, tokens, shape.seed + 1000 + unsigned(page));
                value_blocks[at] = packPage(shape, value, value_codec, tokens, shape.seed + 900000 + unsigned(page));
            }
        });
    for (auto& worker : workers) worker.join();
    for (int page = 0; page < shape.pages(); ++page) {
        key_pages.push_back(key_blocks[std::size_t(page % packed)].data());
        value_pages.push_back(value_blocks[std::size_t(page % packed)].data());
        const std::int64_t position = page % 3 == 2 ? 9'999'000 + page * kPageTokens : page * kPageTokens + 5;
        for (int i = 0; i < shape.pairs; ++i) {
            page_angles.push_back(float(std::cos(angleOf(i, shape.pairs, position))));
            page_angles.push_back(float(std::sin(angleOf(i, shape.pairs, position))));
        }
    }
    for (int i = 0; i < shape.pairs; ++i)
        for (int t = 0; t < kPageTokens; ++t) {
            offset_cos.push_back(float(std::cos(angleOf(i, shape.pairs, t))));
            offset_sin.push_back(float(std::sin(angleOf(i, shape.pairs, t))));
        }
    std::mt19937 random(shape.seed + 7);
    std::normal_distribution<float> normal;
    for (int i = 0; i < shape.kv_heads * shape.group * shape.head_dim; ++i)
        q.push_back(shape.query * normal(random) * 1.5F / std::sqrt(float(shape.head_dim)));
}

kernels::DecodeArgs HostLayer::args() const {
    kernels::DecodeArgs args;
    args.key = key, args.value = value;
    args.key_params = key_codec.params(), args.value_params = value_codec.params();
    args.key_pages = key_pages.data(), args.value_pages = value_pages.data();
    args.pages = shape.pages(), args.tokens = shape.tokens, args.begin = shape.begin;
    args.q = q.data(), args.group = shape.group, args.score_cap = shape.cap;
    args.page_angles = page_angles.data();
    args.offsets = {offset_cos.data(), offset_sin.data(), shape.pairs, shape.interleaved};
    return args;
}

DecodeOutputs referenceOutputs(const HostLayer& host) {
    auto args = host.args();
    const auto heads = std::size_t(host.shape.kv_heads * host.shape.group);
    DecodeOutputs want{std::vector<float>(heads),
                       std::vector<float>(heads),
                       std::vector<float>(heads * std::size_t(host.shape.head_dim)),
                       {}};
    if (host.shape.mass) want.lse.resize(heads * std::size_t(host.shape.pages() * kernels::kMassGroups));
    args.out = {want.m.data(), want.l.data(), want.o.data()};
    args.group_lse = host.shape.mass ? want.lse.data() : nullptr;
    kernels::attendDecodeRef(args);
    return want;
}

DecodeOutputs mergedOutputs(std::vector<float> out, const std::vector<float>& total, std::vector<float> lse) {
    DecodeOutputs merged{total, {}, std::move(out), std::move(lse)};
    for (const float x : total) merged.l.push_back(x == -std::numeric_limits<float>::infinity() ? 0.0F : 1.0F);
    return merged;
}

double worstError(const HostLayer& host, const DecodeOutputs& got, const DecodeOutputs& want) {
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

}  // namespace lectern::test
