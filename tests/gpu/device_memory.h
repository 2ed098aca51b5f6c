// SPDX-License-Identifier: GPL-3.0-or-later
// Device memory for checks and benchmarks: every CUDA return code is looked at, a failure ends the program with its
// name.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdio>
#include <cstdlib>
#include <span>
#include <utility>
#include <vector>

namespace lectern::test {

inline void require(cudaError_t error, const char* what) {
    if (error == cudaSuccess) return;
    std::fprintf(stderr, "%s: %s\n", what, cudaGetErrorString(error));
    std::exit(1);
}

/// Owns `size` elements on the device. Move-only.
template <class T>
class DeviceArray {
public:
    explicit DeviceArray(std::size_t size = 0) : m_size(size) {
        if (size > 0) require(cudaMalloc(reinterpret_cast<void**>(&m_data), size * sizeof(T)), "cudaMalloc");
    }
    explicit DeviceArray(std::span<const T> from) : DeviceArray(from.size()) {
        if (m_size > 0)
            require(cudaMemcpy(m_data, from.data(), m_size * sizeof(T), cudaMemcpyHostToDevice), "copy to the device");
    }
    explicit DeviceArray(const std::vector<T>& from) : DeviceArray(std::span<const T>(from)) {}
    DeviceArray(DeviceArray&& other) noexcept : m_data(other.m_data), m_size(other.m_size) {
        other.m_data = nullptr, other.m_size = 0;
    }
    DeviceArray& operator=(DeviceArray&& other) noexcept {
        std::swap(m_data, other.m_data), std::swap(m_size, other.m_size);
        return *this;
    }
    ~DeviceArray() { cudaFree(m_data); }

    T* data() const { return m_data; }
    std::size_t size() const { return m_size; }
    void fill(int byte) { require(cudaMemset(m_data, byte, m_size * sizeof(T)), "cudaMemset"); }
    std::vector<T> toHost() const {
        std::vector<T> all(m_size);
        if (m_size > 0)
            require(cudaMemcpy(all.data(), m_data, m_size * sizeof(T), cudaMemcpyDeviceToHost), "copy to the host");
        return all;
    }

private:
    T* m_data = nullptr;
    std::size_t m_size;
};

}  // namespace lectern::test
