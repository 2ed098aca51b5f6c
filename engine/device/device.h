// SPDX-License-Identifier: GPL-3.0-or-later
// One device that computes: its table of operations, its streams, its memory.
#pragma once

#include <memory>
#include <string>

#include "engine/base/result.h"
#include "kernels/cuda/cuda_module.h"

namespace lectern {

/// An opened device. Everything that holds memory on it keeps it open. One thread at a time uses its stream; memory may
/// be given back on any thread.
class Device {
public:
    /// Errors: Failed, with what the driver says, where the device cannot be used.
    static Result<std::shared_ptr<Device>> open(const LecternCudaModule& table, int index);
    ~Device();
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;

    const LecternCudaModule& table() const { return m_table; }
    const LecternCudaDevice& info() const { return m_info; }
    std::string id() const { return "cuda:" + std::to_string(m_index); }
    kernels::Stream stream() const { return m_stream; }
    kernels::GemmState* gemm() const { return m_gemm; }

    /// Makes this device the calling thread's. Errors: Failed.
    Status use() const;
    Result<std::uint64_t> memoryFree() const;  ///< bytes, now
    /// Waits until everything enqueued is done.
    std::int32_t wait() const { return m_table.waitForStream(m_stream); }
    /// The error of an operation that returned `failure`.
    Error error(std::int32_t failure) const;

private:
    Device(const LecternCudaModule& table, int index) : m_table(table), m_index(index) {}

    const LecternCudaModule& m_table;
    int m_index;
    LecternCudaDevice m_info{};
    kernels::Stream m_stream = nullptr;
    kernels::GemmState* m_gemm = nullptr;
};

/// Memory of a device (or, Pinned, of the host that the device copies from and to). Move-only; given back with the
/// object, once the device is done with it.
template <bool Pinned>
class DeviceMemory {
public:
    DeviceMemory() = default;
    DeviceMemory(DeviceMemory&& other) noexcept { swap(other); }
    DeviceMemory& operator=(DeviceMemory&& other) noexcept {
        swap(other);
        return *this;
    }
    ~DeviceMemory() {
        if (m_data == nullptr || !m_device->use()) return;
        const auto& table = m_device->table();
        Pinned ? table.releasePinned(m_data) : table.release(m_data);
    }

    /// Errors: NoRoom, naming `what` and how many bytes it needs.
    static Result<DeviceMemory> make(const std::shared_ptr<Device>& device, std::size_t bytes, const char* what);
    /// Room for `bytes` at least; what it held may be lost.
    Status grow(const std::shared_ptr<Device>& device, std::size_t bytes, const char* what);

    template <class T>
    T* as() const {
        return reinterpret_cast<T*>(m_data);
    }
    std::byte* data() const { return m_data; }
    std::size_t size() const { return m_bytes; }

private:
    void swap(DeviceMemory& other) noexcept {
        std::swap(m_device, other.m_device);
        std::swap(m_data, other.m_data);
        std::swap(m_bytes, other.m_bytes);
    }

    std::shared_ptr<Device> m_device;
    std::byte* m_data = nullptr;
    std::size_t m_bytes = 0;
};

using DeviceBuffer = DeviceMemory<false>;
using PinnedBuffer = DeviceMemory<true>;

/// A place in a stream that a thread can wait for. Move-only.
class DeviceEvent {
public:
    DeviceEvent() = default;
    DeviceEvent(DeviceEvent&& other) noexcept { swap(other); }
    DeviceEvent& operator=(DeviceEvent&& other) noexcept {
        swap(other);
        return *this;
    }
    ~DeviceEvent() {
        if (m_event != nullptr && m_device->use()) m_device->table().destroyEvent(m_event);
    }
    std::int32_t make(const std::shared_ptr<Device>& device) {
        m_device = device;
        return device->table().createEvent(&m_event);
    }
    LecternCudaModule::Event get() const { return m_event; }

private:
    void swap(DeviceEvent& other) noexcept {
        std::swap(m_device, other.m_device);
        std::swap(m_event, other.m_event);
    }

    std::shared_ptr<Device> m_device;
    LecternCudaModule::Event m_event = nullptr;
};

/// Operations that are enqueued one after another: the first failure is kept, and asked for at the end.
class Steps {
public:
    Steps& operator<<(std::int32_t status) {
        if (m_failure == 0) m_failure = status;
        return *this;
    }
    std::int32_t failure() const { return m_failure; }

private:
    std::int32_t m_failure = 0;
};

}  // namespace lectern
