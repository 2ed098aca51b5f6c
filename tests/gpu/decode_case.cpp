// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/gpu/decode_case.h"

#include <algorithm>
#include <cmath>
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

std::size_t padded(std::size_t bytes) {
    return (bytes + 15) / 16 * 16;
}

/// Copies of the packed blocks one after the other; their addresses.
DeviceArray<std::byte> replicate(const std::vector<std::vector<std::byte>>& blocks, int pages,
                                 std::vector<const std::byte*>& addresses) {
    const std::size_t bytes = blocks.empty() ? 0 : padded(blocks[0].size());
    DeviceArray<std::byte> pool(bytes * std::size_t(pages));
    for (int page = 0; page < pages; ++page) {
        std::byte* to = pool.data() + bytes * std::size_t(page);
        const auto& from = blocks[std::size_t(page) % blocks.size()];
        if (page < int(blocks.size()))
            require(cudaMemcpy(to, from.data(), from.size(), cudaMemcpyHostToDevice), "copy of a page");
        addresses.push_back(to);
    }
    const auto packed = std::min(int(blocks.size()), pages);  // doubles what is there until all pages are
    for (int done = packed; done < pages;) {
        const int count = std::min(done / packed * packed, pages - done);
        require(cudaMemcpy(pool.data() + bytes * std::size_t(done), pool.data(), bytes * std::size_t(count),
                           cudaMemcpyDeviceToDevice),
                "copy of pages");
        done += count;
    }
    return pool;
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
        q.push_back(normal(random) * 1.5F / std::sqrt(float(shape.head_dim)));
}

cuda::DecodeArgs HostLayer::args() const {
    cuda::DecodeArgs args;
    args.key = key, args.value = value;
    args.key_params = key_codec.params(), args.value_params = value_codec.params();
    args.key_pages = key_pages.data(), args.value_pages = value_pages.data();
    args.pages = shape.pages(), args.tokens = shape.tokens, args.begin = shape.begin;
    args.q = q.data(), args.group = shape.group;
    args.page_angles = page_angles.data();
    args.offsets = {offset_cos.data(), offset_sin.data(), shape.pairs, shape.interleaved};
    return args;
}

DeviceLayer::DeviceLayer(const HostLayer& host)
    : out_m(std::size_t(host.shape.kv_heads * host.shape.group)),
      out_l(out_m.size()),
      out_o(out_m.size() * std::size_t(host.shape.head_dim)),
      group_lse(host.shape.mass ? out_m.size() * std::size_t(host.shape.pages() * kernels::kMassGroups) : 0),
      m_keys(0),
      m_values(0),
      m_key_offset(host.key_codec.offset),
      m_key_range(host.key_codec.range),
      m_key_book(host.key_codec.book),
      m_value_book(host.value_codec.book),
      m_q(host.q),
      m_page_angles(host.page_angles),
      m_offset_cos(host.offset_cos),
      m_offset_sin(host.offset_sin) {
    std::vector<const std::byte*> keys, values;
    m_keys = replicate(host.key_blocks, host.shape.pages(), keys);
    m_values = replicate(host.value_blocks, host.shape.pages(), values);
    m_key_pages = DeviceArray<const std::byte*>(keys), m_value_pages = DeviceArray<const std::byte*>(values);
    m_args = host.args();
    m_args.key_params = {m_key_offset.data(), m_key_range.data(), m_key_book.data(), nullptr};
    m_args.value_params = {nullptr, nullptr, m_value_book.data(), nullptr};
    m_args.key_pages = m_key_pages.data(), m_args.value_pages = m_value_pages.data();
    m_args.q = m_q.data(), m_args.page_angles = m_page_angles.data();
    m_args.offsets.cos = m_offset_cos.data(), m_args.offsets.sin = m_offset_sin.data();
    m_args.out = {out_m.data(), out_l.data(), out_o.data()};
    m_args.group_lse = group_lse.size() > 0 ? group_lse.data() : nullptr;
}

}  // namespace lectern::test
