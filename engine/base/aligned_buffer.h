// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>

namespace lectern {

/// Zero-initialised memory aligned for any vector register and cache line. Move-only.
class AlignedBuffer {
public:
    static constexpr std::size_t kAlignment = 64;

    AlignedBuffer() = default;
    explicit AlignedBuffer(std::size_t bytes) : m_bytes(bytes) {
        if (bytes == 0) return;
        m_data.reset(static_cast<std::byte*>(::operator new(allocated(), std::align_val_t(kAlignment))));
        std::memset(m_data.get(), 0, allocated());
    }

    std::byte* data() { return m_data.get(); }
    const std::byte* data() const { return m_data.get(); }
    float* floats() { return reinterpret_cast<float*>(m_data.get()); }
    const float* floats() const { return reinterpret_cast<const float*>(m_data.get()); }
    std::size_t size() const { return m_bytes; }
    std::size_t allocated() const { return allocated(m_bytes); }
    static constexpr std::size_t allocated(std::size_t bytes) {
        return (bytes + kAlignment - 1) / kAlignment * kAlignment;
    }

private:
    struct Free {
        void operator()(std::byte* p) const { ::operator delete(p, std::align_val_t(kAlignment)); }
    };
    std::unique_ptr<std::byte[], Free> m_data;
    std::size_t m_bytes = 0;
};

/// A buffer of `count` floats.
inline AlignedBuffer floatBuffer(std::size_t count) {
    return AlignedBuffer(count * sizeof(float));
}

}  // namespace lectern
