// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/device/device_coder.h"

#include <algorithm>

namespace lectern {

using kernels::kPageTokens;

namespace {

constexpr KvKind kKinds[] = {KvKind::Key, KvKind::Value};

}  // namespace

/// Room for `count` coded pages, work buffers, addresses. False where the device has none.
bool DeviceCoder::prepare(const KvCache& cache, const DeviceTable& table, int count) {
    m_layouts.clear();
    for (int layer = 0; layer < cache.layers(); ++layer)
        for (const KvKind kind : kKinds) m_layouts.push_back(blockLayout(cache.settings(), layer, kind, cache.shape()));
    m_places = DevicePages::places(m_layouts);
    m_copies.clear();
    for (int i = 0; i < count; ++i) {
        m_copies.push_back(m_pages.room(m_places.back(), table));
        if (m_copies.back() == nullptr) return false;
    }
    const int tokens = kMostPages * kPageTokens;
    std::size_t scratch = 0;
    for (const KvBlockLayout& layout : m_layouts)
        scratch = std::max(scratch, m_device->table().packScratchBytes(layout, tokens));
    const std::size_t rows = std::size_t(tokens) * std::size_t(cache.shape().channels()) * sizeof(float);
    const std::size_t addresses = m_layouts.size() * std::size_t(kMostPages) * sizeof(void*);
    const char* const what = "Coding of pages";
    return m_rows.grow(m_device, rows, what) && m_scratch.grow(m_device, scratch, what) &&
           m_addresses.grow(m_device, addresses, what) && m_host_addresses.grow(m_device, addresses, what) &&
           m_back.grow(m_device, m_places.back() * std::size_t(kMostPages), what);
}

/// Enqueues everything, the way back too.
Steps DeviceCoder::pack(const KvCache& cache, const DeviceTable& table, int first, int count) {
    const auto& t = m_device->table();
    const auto stream = m_device->stream();
    const auto channels = std::size_t(cache.shape().channels());
    for (std::size_t i = 0; i < m_layouts.size(); ++i)
        for (int p = 0; p < count; ++p)
            m_host_addresses.as<std::byte*>()[i * kMostPages + std::size_t(p)] =
                m_copies[std::size_t(p)]->at() + m_places[i];
    Steps steps;
    steps << t.copyIn(m_addresses.data(), m_host_addresses.data(), m_layouts.size() * kMostPages * sizeof(void*),
                      stream);
    for (std::size_t i = 0; i < m_layouts.size(); ++i) {
        const int layer = int(i / 2);
        const KvKind kind = kKinds[i % 2];
        steps << t.unpackRaw(cache.shape(), table.blocks(layer, kind) + first, count * kPageTokens, m_rows.as<float>(),
                             stream);
        kernels::PackArgs args;
        args.layout = m_layouts[i];
        args.params = kind == KvKind::Key ? m_codecs.key(layer) : m_codecs.value(layer);
        args.x = m_rows.as<float>(), args.stride = int(channels), args.tokens = count * kPageTokens;
        args.pages = m_addresses.as<std::byte*>() + i * kMostPages;
        args.scratch = m_scratch.data();
        steps << t.pack(args, stream);
    }
    for (int p = 0; p < count; ++p)
        steps << t.copyOut(m_back.data() + m_places.back() * std::size_t(p), m_copies[std::size_t(p)]->at(),
                           m_places.back(), stream);
    return steps;
}

bool DeviceCoder::code(const KvCache& cache, int first, int count) {
    const auto table = std::static_pointer_cast<DeviceTable>(cache.deviceTable());
    // The table must know these pages as they are: raw, and equal to the host's.
    if (table == nullptr || table->pages() < first + count || !m_device->use()) return false;
    for (int page = first; page < first + count; ++page) {
        if (!DevicePages::current(cache, *table, page)) return false;
        for (int layer = 0; layer < cache.layers(); ++layer)
            for (const KvKind kind : kKinds)
                if (!cache.block(layer, kind, page)->layout().raw()) return false;
    }
    kernels::PackArgs args;
    args.tokens = 1, args.stride = cache.shape().channels();
    for (int layer = 0; layer < cache.layers(); ++layer)
        for (const KvKind kind : kKinds) {
            args.layout = blockLayout(cache.settings(), layer, kind, cache.shape());
            if (m_device->table().packRefusal(args) != nullptr) return false;
        }
    if (!m_codecs.set(m_device, cache.quantizer()) || !prepare(cache, *table, count)) return false;
    m_first = first;
    Steps steps = pack(cache, *table, first, count);
    steps << m_device->wait();
    return steps.failure() == 0;
}

const std::byte* DeviceCoder::bytes(int layer, KvKind kind, int page) const {
    return m_back.data() + m_places.back() * std::size_t(page - m_first) +
           m_places[std::size_t(layer) * 2 + std::size_t(kind)];
}

void DeviceCoder::placed(const KvCache& cache, int first, int count) {
    for (int p = 0; p < count; ++p)
        for (int layer = 0; layer < cache.layers(); ++layer)
            for (const KvKind kind : kKinds) cache.block(layer, kind, first + p)->setCopy(m_copies[std::size_t(p)]);
    m_pages.expect(m_copies);
    m_copies.clear();
}

std::uint64_t DeviceCoder::scratchBytes() const {
    return m_rows.size() + m_scratch.size() + m_addresses.size() + m_host_addresses.size() + m_back.size();
}

}  // namespace lectern
