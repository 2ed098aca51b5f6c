// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include "engine/device/device_attention.h"
#include "engine/device/device_pages.h"

namespace lectern {

/// Codes pages that left the recent window on the device, where their tokens are: the same bytes as the processor's
/// kernels, copied back through pinned memory. One thread.
class DeviceCoder final : public KvPageCoder {
public:
    DeviceCoder(std::shared_ptr<Device> device, DevicePages& pages, DeviceCodecs& codecs)
        : m_device(std::move(device)), m_pages(pages), m_codecs(codecs) {}

    bool code(const KvCache& cache, int first, int count) override;
    const std::byte* bytes(int layer, KvKind kind, int page) const override;
    void placed(const KvCache& cache, int first, int count) override;

    std::uint64_t scratchBytes() const;

private:
    bool prepare(const KvCache& cache, const DeviceTable& table, int count);
    Steps pack(const KvCache& cache, const DeviceTable& table, int first, int count);

    std::shared_ptr<Device> m_device;
    DevicePages& m_pages;
    DeviceCodecs& m_codecs;
    std::vector<KvBlockLayout> m_layouts;             ///< [layers][2] of a coded page
    std::vector<std::size_t> m_places;                ///< of their blocks
    std::vector<std::shared_ptr<PageCopy>> m_copies;  ///< of the pages that are being coded
    int m_first = 0;
    DeviceBuffer m_rows, m_scratch, m_addresses;  ///< [tokens][channels]; of pack(); [layers][2][pages]
    PinnedBuffer m_host_addresses, m_back;        ///< m_back: the coded pages
};

}  // namespace lectern
