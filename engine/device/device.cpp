// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/device/device.h"

#include <algorithm>

namespace lectern {

Result<std::shared_ptr<Device>> Device::open(const LecternCudaModule& table, int index) {
    const std::shared_ptr<Device> device(new Device(table, index));
    Steps steps;
    steps << table.deviceInfo(index, &device->m_info) << table.useDevice(index);
    if (steps.failure() == 0) steps << table.createStream(&device->m_stream) << table.createGemm(&device->m_gemm);
    if (steps.failure() != 0) return device->error(steps.failure());
    return device;
}

Device::~Device() {
    if (m_table.useDevice(m_index) != 0) return;
    if (m_gemm != nullptr) m_table.destroyGemm(m_gemm);
    if (m_stream != nullptr) m_table.destroyStream(m_stream);
}

Status Device::use() const {
    const std::int32_t failure = m_table.useDevice(m_index);
    return failure == 0 ? Status() : error(failure);
}

Result<std::uint64_t> Device::memoryFree() const {
    LecternCudaDevice now{};
    if (const std::int32_t failure = m_table.deviceInfo(m_index, &now); failure != 0) return error(failure);
    return now.memory_free;
}

Error Device::error(std::int32_t failure) const {
    const char* text = m_table.errorText(failure);
    return {ErrorCode::Failed, "The device " + id() + " stopped working (" + (text == nullptr ? "?" : text) +
                                   "): try again, or compute on the CPU (--device cpu)."};
}

template <bool Pinned>
Result<DeviceMemory<Pinned>> DeviceMemory<Pinned>::make(const std::shared_ptr<Device>& device, std::size_t bytes,
                                                        const char* what) {
    DeviceMemory memory;
    if (auto ready = device->use(); !ready) return ready.error();
    void* data = nullptr;
    const auto& table = device->table();
    const std::size_t size = std::max<std::size_t>(bytes, 256);
    const std::int32_t failure = Pinned ? table.allocatePinned(size, &data) : table.allocate(size, &data);
    if (failure != 0) {
        const char* text = table.errorText(failure);
        return Error{ErrorCode::NoRoom, std::string(what) + " needs " + std::to_string(bytes) + " bytes of " +
                                            (Pinned ? "pinned host memory for " : "the memory of ") + device->id() +
                                            ", which refuses (" + (text == nullptr ? "?" : text) +
                                            "): use fewer bits, a smaller model, or --device cpu."};
    }
    memory.m_device = device;
    memory.m_data = static_cast<std::byte*>(data);
    memory.m_bytes = size;
    return memory;
}

template <bool Pinned>
Status DeviceMemory<Pinned>::grow(const std::shared_ptr<Device>& device, std::size_t bytes, const char* what) {
    if (m_bytes >= bytes && m_data != nullptr) return {};
    *this = DeviceMemory();
    auto made = make(device, bytes, what);
    if (!made) return made.error();
    *this = std::move(*made);
    return {};
}

template class DeviceMemory<false>;
template class DeviceMemory<true>;

}  // namespace lectern
