// SPDX-License-Identifier: GPL-3.0-or-later
// What the programs that check kernels on a real GPU share: device memory, times, and the lines they print.
// A check prints "NAME: passed" or "NAME: failed, REASON", a timing one JSON object a line with units in its keys, and
// the program ends with "N passed, N failed, N skipped". Needs CUDA and a C++ compiler, nothing else.
#pragma once

#include <cuda_runtime.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace lectern::gpu {

inline constexpr int kNoDevice = 77;  ///< exit status that test runners read as "skipped"

/// Ends the program where CUDA itself fails: nothing that follows would mean anything.
inline void must(cudaError_t error, const char* what) {
    if (error == cudaSuccess) return;
    std::printf("CUDA: failed, %s: %s\n0 passed, 1 failed, 0 skipped\n", what, cudaGetErrorString(error));
    std::exit(1);
}

/// Memory on the device. Move-only.
template <class T>
class DeviceArray {
public:
    explicit DeviceArray(std::size_t n = 0) : m_size(n) {
        must(cudaMalloc(&m_data, std::max<std::size_t>(16, n * sizeof(T))), "cudaMalloc");
    }
    explicit DeviceArray(const std::vector<T>& from) : DeviceArray(from.size()) { set(from); }
    DeviceArray(DeviceArray&& other) noexcept : m_data(std::exchange(other.m_data, nullptr)), m_size(other.m_size) {}
    DeviceArray& operator=(DeviceArray&& other) noexcept {
        std::swap(m_data, other.m_data), std::swap(m_size, other.m_size);
        return *this;
    }
    ~DeviceArray() { cudaFree(m_data); }

    T* data() const { return m_data; }
    std::size_t size() const { return m_size; }
    void set(const std::vector<T>& from) {
        must(cudaMemcpy(m_data, from.data(), from.size() * sizeof(T), cudaMemcpyHostToDevice), "copy to the device");
    }
    void fill(int byte) { must(cudaMemset(m_data, byte, m_size * sizeof(T)), "cudaMemset"); }
    std::vector<T> get() const {
        std::vector<T> to(m_size);
        must(cudaMemcpy(to.data(), m_data, m_size * sizeof(T), cudaMemcpyDeviceToHost), "copy from the device");
        return to;
    }

private:
    T* m_data = nullptr;
    std::size_t m_size;
};

/// Largest difference over the largest value that is wanted; infinite where one is not a number.
inline double normalisedError(std::span<const float> got, std::span<const float> want) {
    double difference = 0, size = 1e-30;
    for (std::size_t i = 0; i < want.size(); ++i) {
        const double d = got[i] == want[i] ? 0 : std::fabs(double(got[i]) - want[i]);
        if (!std::isfinite(d)) return INFINITY;
        difference = std::max(difference, d);
        if (std::isfinite(want[i])) size = std::max(size, std::fabs(double(want[i])));
    }
    return difference / size;
}

/// Counts checks and prints their lines.
class Report {
public:
    void check(const std::string& name, bool good, const std::string& reason = "not equal to the reference") {
        std::printf("%s: %s%s\n", name.c_str(), good ? "passed" : "failed, ", good ? "" : reason.c_str());
        std::fflush(stdout);
        ++(good ? m_passed : m_failed);
    }
    /// The largest difference over the largest reference magnitude stays below `tolerance`.
    void near(const std::string& name, std::span<const float> got, std::span<const float> want, double tolerance) {
        const double error = normalisedError(got, want);
        check(name, error < tolerance, "error " + std::to_string(error) + ", allowed " + std::to_string(tolerance));
    }
    /// The program's exit status.
    int finish() const {
        std::printf("%d passed, %d failed, 0 skipped\n", m_passed, m_failed);
        return m_failed == 0 ? 0 : 1;
    }

private:
    int m_passed = 0, m_failed = 0;
};

/// Median time of what() on the default stream, in microseconds, after two runs that do not count.
template <class What>
double microseconds(What what, int repeats = 15) {
    cudaEvent_t begin, end;
    must(cudaEventCreate(&begin), "event");
    must(cudaEventCreate(&end), "event");
    std::vector<float> times;
    for (int i = -2; i < repeats; ++i) {
        must(cudaEventRecord(begin), "event");
        what();
        must(cudaEventRecord(end), "event");
        must(cudaEventSynchronize(end), "a kernel");
        float milliseconds = 0;
        must(cudaEventElapsedTime(&milliseconds, begin, end), "event");
        if (i >= 0) times.push_back(milliseconds);
    }
    cudaEventDestroy(begin);
    cudaEventDestroy(end);
    std::nth_element(times.begin(), times.begin() + repeats / 2, times.end());
    return times[std::size_t(repeats / 2)] * 1000.0;
}

/// Bytes read and written per microsecond by a copy of 1 GiB on the device.
inline double copyBytesPerMicrosecond() {
    const std::size_t bytes = std::size_t(1) << 30;
    const DeviceArray<char> from(bytes), to(bytes);
    return 2.0 * double(bytes) /
           microseconds([&] { cudaMemcpyAsync(to.data(), from.data(), bytes, cudaMemcpyDeviceToDevice); });
}

/// n values of a normal distribution, every `outlier_every`-th or so a hundred times as large (0: none).
inline std::vector<float> normalValues(std::size_t n, unsigned seed, unsigned outlier_every = 0) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::vector<float> x(n);
    for (float& v : x) {
        v = normal(random);
        if (outlier_every != 0 && random() % outlier_every == 0) v *= 100;
    }
    return x;
}

/// False, and the line that says so, where there is no device.
inline bool deviceThere() {
    int count = 0;
    if (cudaGetDeviceCount(&count) == cudaSuccess && count > 0) return true;
    std::printf("device: skipped, no CUDA device is usable\n0 passed, 0 failed, 1 skipped\n");
    return false;
}

}  // namespace lectern::gpu
