// SPDX-License-Identifier: GPL-3.0-or-later
// Times of what is launched, and the speed of memory that they are held against.
#pragma once

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <functional>
#include <vector>

#include "tests/gpu/kernel_check.cuh"

namespace lectern::gpu {

/// main() of a benchmark: `--quick` and `--out FILE` (added to; standard output without it), then `run(quick, file)`
/// where there is a device. Returns the exit status: kNoDevice where there is none, 2 for wrong usage.
inline int benchmarkMain(int argc, char** argv, void (*run)(bool quick, std::FILE* out)) {
    bool quick = false;
    std::FILE* out = stdout;
    for (int i = 1; i < argc; ++i) {
        if (std::strcmp(argv[i], "--quick") == 0) {
            quick = true;
        } else if (std::strcmp(argv[i], "--out") == 0 && i + 1 < argc) {
            out = std::fopen(argv[++i], "a");
            if (out == nullptr) return std::perror(argv[i]), 1;
        } else {
            std::fprintf(stderr, "usage: %s [--quick] [--out FILE]\n", argv[0]);
            return 2;
        }
    }
    if (!deviceThere()) return kNoDevice;
    run(quick, out);
    return 0;
}

/// Median seconds of one call: batches of calls in a graph, so that launches from the host are not what is timed.
inline double medianSeconds(int calls, const std::function<void(int, cudaStream_t)>& call) {
    cudaStream_t stream = nullptr;
    cudaGraph_t graph = nullptr;
    cudaGraphExec_t ready = nullptr;
    cudaEvent_t begin = nullptr, end = nullptr;
    must(cudaStreamCreate(&stream), "cudaStreamCreate");
    must(cudaEventCreate(&begin), "cudaEventCreate"), must(cudaEventCreate(&end), "cudaEventCreate");
    must(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal), "begin of capture");
    for (int i = 0; i < calls; ++i) call(i, stream);
    must(cudaStreamEndCapture(stream, &graph), "end of capture");
    must(cudaGraphInstantiate(&ready, graph, 0), "cudaGraphInstantiate");
    std::vector<double> seconds;
    double spent = 0;
    for (int i = 0; i < 15 && (i < 5 || spent < 0.3); ++i) {
        must(cudaEventRecord(begin, stream), "cudaEventRecord");
        must(cudaGraphLaunch(ready, stream), "cudaGraphLaunch");
        must(cudaEventRecord(end, stream), "cudaEventRecord");
        must(cudaEventSynchronize(end), "timed calls");
        float milliseconds = 0;
        must(cudaEventElapsedTime(&milliseconds, begin, end), "cudaEventElapsedTime");
        spent += milliseconds * 1e-3;
        if (i > 0) seconds.push_back(milliseconds * 1e-3 / calls);  // the first one warms up
    }
    must(cudaGraphExecDestroy(ready), "cudaGraphExecDestroy"), must(cudaGraphDestroy(graph), "cudaGraphDestroy");
    must(cudaEventDestroy(begin), "cudaEventDestroy"), must(cudaEventDestroy(end), "cudaEventDestroy");
    must(cudaStreamDestroy(stream), "cudaStreamDestroy");
    std::sort(seconds.begin(), seconds.end());
    return seconds[seconds.size() / 2];
}

/// Bytes per second, read and written ones counted: the best median of copies of 1 to 8 GiB (less where the device has
/// less), each after one that does not count. The smaller ones are measured again when the clocks are up.
inline double copyBandwidth() {
    std::size_t available = 0, total = 0;
    must(cudaMemGetInfo(&available, &total), "cudaMemGetInfo");
    const std::size_t most = std::min(std::size_t(8) << 30, available / 3);
    DeviceArray<std::byte> from(most), to(most);
    from.fill(1), to.fill(1);
    double best = 0;
    for (const std::size_t bytes : {most / 8, most / 4, most / 2, most, most / 4}) {
        const double seconds = medianSeconds(4, [&](int, cudaStream_t stream) {
            must(cudaMemcpyAsync(to.data(), from.data(), bytes, cudaMemcpyDeviceToDevice, stream), "copy");
        });
        best = std::max(best, 2 * double(bytes) / seconds);
    }
    return best;
}

}  // namespace lectern::gpu
