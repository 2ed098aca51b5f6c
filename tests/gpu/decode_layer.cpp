// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/gpu/decode_layer.h"

namespace lectern::gpu {
namespace {

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
            must(cudaMemcpy(to, from.data(), from.size(), cudaMemcpyHostToDevice), "copy of a page");
        addresses.push_back(to);
    }
    const auto packed = std::min(int(blocks.size()), pages);  // doubles what is there until all pages are
    for (int done = packed; done < pages;) {
        const int count = std::min(done / packed * packed, pages - done);
        must(cudaMemcpy(pool.data() + bytes * std::size_t(done), pool.data(), bytes * std::size_t(count),
                        cudaMemcpyDeviceToDevice),
             "copy of pages");
        done += count;
    }
    return pool;
}

}  // namespace

DeviceLayer::DeviceLayer(const HostLayer& host)
    : out(std::size_t(host.shape.kv_heads * host.shape.group * host.shape.head_dim)),
      total(std::size_t(host.shape.kv_heads * host.shape.group)),
      group_lse(host.shape.mass ? total.size() * std::size_t(host.shape.pages() * kernels::kMassGroups) : 0),
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
    m_args.group_lse = group_lse.size() > 0 ? group_lse.data() : nullptr;
}

std::size_t DeviceLayer::stateFloats(const kernels::DecodePlan& plan) const {
    return std::size_t(plan.splits) * (2 * total.size() + out.size());
}

void DeviceLayer::attend(const kernels::DecodePlan& plan, float* states, cudaStream_t stream) const {
    const std::size_t rows = std::size_t(plan.splits) * total.size();
    kernels::DecodeArgs args = m_args;
    args.out = {states, states + rows, states + 2 * rows};
    must(cudaError_t(-kernels::attendDecode(args, plan, stream)), "attendDecode");
    kernels::MergeArgs merge;
    merge.m = args.out.m, merge.l = args.out.l, merge.o = args.out.o, merge.parts = plan.splits;
    merge.heads = int(total.size()), merge.head_dim = args.key.shape.head_dim;
    merge.out.f32 = out.data(), merge.total = total.data();
    must(cudaError_t(-kernels::mergeStates(merge, stream)), "mergeStates");
}

}  // namespace lectern::gpu
