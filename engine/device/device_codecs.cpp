// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/device/device_attention.h"

#include <algorithm>

namespace lectern {

namespace {

/// Vectors one after another, each 64-byte aligned.
class Packed {
public:
    /// Offset in floats, or -1 where `x` is empty.
    std::ptrdiff_t add(const std::vector<float>& x) {
        if (x.empty()) return -1;
        const auto at = std::ptrdiff_t(m_floats.size());
        m_floats.insert(m_floats.end(), x.begin(), x.end());
        m_floats.resize((m_floats.size() + 15) / 16 * 16, 0.0F);
        return at;
    }
    const std::vector<float>& floats() const { return m_floats; }

private:
    std::vector<float> m_floats;
};

}  // namespace

Status DeviceCodecs::set(const std::shared_ptr<Device>& device, std::shared_ptr<const Quantizer> quantizer) {
    if (quantizer == m_quantizer) return {};
    ++m_changes;
    m_keys.clear();
    m_values.clear();
    m_quantizer = nullptr;
    if (quantizer == nullptr) return {};
    Packed packed;
    std::vector<std::ptrdiff_t> offsets;
    for (const auto* kind : {&quantizer->keys, &quantizer->values})
        for (const LayerCodec& codec : *kind)
            for (const auto* x : {&codec.offset, &codec.range, &codec.book, &codec.midpoints})
                offsets.push_back(packed.add(*x));
    const std::size_t bytes = packed.floats().size() * sizeof(float);
    if (auto grown = m_memory.grow(device, bytes, "The quantizer"); !grown) return grown;
    auto host = PinnedBuffer::make(device, bytes, "The quantizer");
    if (!host) return host.error();
    std::copy(packed.floats().begin(), packed.floats().end(), host->as<float>());
    Steps steps;
    steps << device->table().copyIn(m_memory.data(), host->data(), bytes, device->stream()) << device->wait();
    if (steps.failure() != 0) return device->error(steps.failure());
    const auto pointer = [&](std::size_t i) { return offsets[i] < 0 ? nullptr : m_memory.as<float>() + offsets[i]; };
    for (std::size_t i = 0; i < offsets.size(); i += 4) {
        auto& to = m_keys.size() < quantizer->keys.size() ? m_keys : m_values;
        to.push_back({pointer(i), pointer(i + 1), pointer(i + 2), pointer(i + 3)});
    }
    m_quantizer = std::move(quantizer);
    return {};
}

}  // namespace lectern
