// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/device/device_rotation.h"

#include <algorithm>
#include <vector>

namespace lectern {

namespace {

std::int32_t copyFloats(const Device& device, float* to, const float* from, std::size_t count) {
    return device.table().copyIn(to, from, count * sizeof(float), device.stream());
}

}  // namespace

DeviceRotation::DeviceRotation(std::shared_ptr<Device> device, const RopeTable& rope, int head_dim)
    : m_device(std::move(device)), m_rope(rope) {
    std::vector<float> ones(std::size_t(head_dim), 1.0F);
    rope.scaleQuery(ones.data(), head_dim, 0);
    m_turned_scale = ones.front();
    m_other_scale = ones.back();
}

Result<std::unique_ptr<DeviceRotation>> DeviceRotation::make(const std::shared_ptr<Device>& device,
                                                             const RopeTable& rope, int head_dim, int most_tokens) {
    std::unique_ptr<DeviceRotation> made(new DeviceRotation(device, rope, head_dim));
    const auto pairs = std::size_t(rope.pairs()), table = pairs * kernels::kPageTokens;
    const auto tokens = std::size_t(most_tokens);
    const std::size_t queries = 2 * pairs * tokens + (rope.grows() ? tokens : 0);
    const char* const what = "Rotations";
    for (Status grown : {made->m_offsets.grow(device, 2 * table * sizeof(float), what),
                         made->m_turns.grow(device, queries * sizeof(float), what),
                         made->m_host_turns.grow(device, std::max(queries, 2 * table) * sizeof(float), what)}) {
        if (!grown) return grown.error();
    }
    std::copy_n(rope.offsets().cos, table, made->m_host_turns.as<float>());
    std::copy_n(rope.offsets().sin, table, made->m_host_turns.as<float>() + table);
    Steps steps;
    steps << copyFloats(*device, made->m_offsets.as<float>(), made->m_host_turns.as<float>(), 2 * table)
          << device->wait();
    if (steps.failure() != 0) return device->error(steps.failure());
    return made;
}

kernels::RopeOffsets DeviceRotation::offsets() const {
    const float* cos = m_offsets.as<float>();
    return {cos, cos + at(kernels::kPageTokens), m_rope.pairs(), m_rope.interleaved()};
}

Status DeviceRotation::begin(const KvCache& cache, int tokens, int pages) {
    m_tokens = tokens;
    if (auto done = turnQueries(cache.tokens()); !done) return done;
    return turnPages(cache, pages);
}

/// Rotations of the queries at positions `first` …, and what they have grown by.
Status DeviceRotation::turnQueries(std::uint64_t first) {
    const std::size_t count = at(m_tokens);
    float* host = m_host_turns.as<float>();
    for (int t = 0; t < m_tokens; ++t) m_rope.angles(first + std::uint64_t(t), host + at(t), host + count + at(t));
    const std::size_t grown = m_rope.grows() ? std::size_t(m_tokens) : 0;
    for (std::size_t t = 0; t < grown; ++t) host[2 * count + t] = float(m_rope.growth(first + t));
    const std::int32_t failure = copyFloats(*m_device, m_turns.as<float>(), host, 2 * count + grown);
    return failure == 0 ? Status() : m_device->error(failure);
}

/// Where every page's first token stands, in the form of both kernels.
Status DeviceRotation::turnPages(const KvCache& cache, int pages) {
    if (m_sinks != cache.settings().sinks) m_pages = 0;
    m_sinks = cache.settings().sinks;
    if (pages <= m_pages) return {};
    if (pages > m_room) {
        m_room = std::max(256, pages + pages / 2);
        m_pages = 0;
        const std::size_t bytes = at(m_room) * 4 * sizeof(float);
        if (auto grown = m_angles.grow(m_device, bytes, "Rotations"); !grown) return grown;
        if (auto grown = m_host_angles.grow(m_device, bytes, "Rotations"); !grown) return grown;
    }
    const std::size_t room = at(m_room), from = at(m_pages), count = at(pages) - from;
    float* both = m_host_angles.as<float>();
    float *cos = both + 2 * room, *sin = both + 3 * room;
    for (int page = m_pages; page < pages; ++page) m_rope.angles(cache.pageBegin(page), cos + at(page), sin + at(page));
    for (std::size_t i = from; i < from + count; ++i) both[2 * i] = cos[i], both[2 * i + 1] = sin[i];
    m_pages = pages;
    float* to = m_angles.as<float>();
    Steps steps;
    steps << copyFloats(*m_device, to + 2 * from, both + 2 * from, 2 * count)
          << copyFloats(*m_device, to + 2 * room + from, cos + from, count)
          << copyFloats(*m_device, to + 3 * room + from, sin + from, count);
    return steps.failure() == 0 ? Status() : m_device->error(steps.failure());
}

void DeviceRotation::turn(kernels::HeadsArgs& args) const {
    args.pairs = m_rope.pairs(), args.interleaved = m_rope.interleaved();
    args.cos = m_turns.as<float>();
    args.sin = args.cos + at(m_tokens);
    args.turned_scale = m_turned_scale, args.other_scale = m_other_scale;
    if (m_rope.grows()) args.growth = args.sin + at(m_tokens);
}

}  // namespace lectern
