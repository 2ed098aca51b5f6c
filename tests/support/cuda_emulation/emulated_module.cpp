// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/cuda_emulation/emulated_module.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <tuple>
#include <vector>

#include "kernels/half.h"
#include "tests/support/cuda_emulation/scheduler.h"

namespace lectern::kernels {

struct GemmState {};

LaunchStatus createGemm(GemmState** state) {
    *state = new GemmState;
    return 0;
}
LaunchStatus destroyGemm(GemmState* state) {
    delete state;
    return 0;
}
LaunchStatus gemm(GemmState*, const GemmArgs& args, Stream) {
    emulation::settle();
    for (int t = 0; t < args.tokens; ++t)
        for (int r = 0; r < args.rows; ++r) {
            float sum = 0;
            for (int c = 0; c < args.cols; ++c)
                sum += halfToFloat(args.a[std::size_t(t) * std::size_t(args.cols) + std::size_t(c)]) *
                       halfToFloat(args.w[std::size_t(r) * std::size_t(args.cols) + std::size_t(c)]);
            float& to = args.c[std::size_t(t) * std::size_t(args.c_stride) + std::size_t(r)];
            to = args.beta == 0 ? sum : sum + args.beta * to;
        }
    return 0;
}

}  // namespace lectern::kernels

namespace lectern::test {
namespace {

constexpr std::int32_t kOutOfMemory = -2, kInvalid = -1;  // CUDA's numbers
constexpr std::size_t kPoisoned = std::size_t(4) << 20;

std::uint64_t memory = std::uint64_t(16) << 30, used = 0;
std::map<void*, std::size_t> sizes;
std::mutex mutex;

/// What was enqueued while a graph was recorded, arguments by value.
using Recording = std::vector<std::function<std::int32_t()>>;
std::unique_ptr<Recording> recording;
int launches = 0, copies = 0;

std::int32_t deviceCount() {
    return 1;
}
std::int32_t deviceInfo(std::int32_t index, LecternCudaDevice* device) {
    if (index != 0) return kInvalid;
    std::snprintf(device->name, sizeof device->name, "emulated");
    device->memory = memory;
    device->memory_free = memory - std::min(memory, used);
    device->capability_major = 9;
    device->capability_minor = 0;
    device->processors = 6;
    device->shared_limit = 227 * 1024;
    return 0;
}
const char* errorText(std::int32_t failure) {
    return failure == kOutOfMemory ? "out of memory" : "invalid argument";
}
std::int32_t useDevice(std::int32_t index) {
    return index == 0 ? 0 : kInvalid;
}
std::int32_t allocate(std::size_t bytes, void** to) {
    const std::lock_guard lock(mutex);
    if (recording != nullptr) return kInvalid;
    if (used + bytes > memory) return kOutOfMemory;
    *to = std::aligned_alloc(256, (bytes + 255) / 256 * 256);
    if (*to == nullptr) return kOutOfMemory;
    std::memset(*to, 0xff, std::min(bytes, kPoisoned));
    sizes[*to] = bytes;
    used += bytes;
    return 0;
}
std::int32_t release(void* data) {
    emulation::settle();
    const std::lock_guard lock(mutex);
    used -= sizes.at(data);
    sizes.erase(data);
    std::free(data);
    return 0;
}
std::int32_t allocatePinned(std::size_t bytes, void** to) {
    *to = std::aligned_alloc(256, (bytes + 255) / 256 * 256);
    return *to == nullptr ? kOutOfMemory : 0;
}
std::int32_t releasePinned(void* data) {
    std::free(data);
    return 0;
}
template <class Handle>
std::int32_t make(Handle* handle) {
    *handle = nullptr;
    return 0;
}
template <class... Handles>
std::int32_t nothing(Handles...) {
    return 0;
}
std::int32_t copy(void* to, const void* from, std::size_t bytes, kernels::Stream) {
    ++copies;
    emulation::settle();
    std::memcpy(to, from, bytes);
    return 0;
}
std::int32_t copyRows(void* to, const void* from, std::size_t pitch, std::size_t bytes, int rows, kernels::Stream) {
    emulation::settle();
    for (std::size_t row = 0; row < std::size_t(rows); ++row)
        std::memcpy(static_cast<char*>(to) + row * pitch, static_cast<const char*>(from) + row * pitch, bytes);
    return 0;
}
std::int32_t fill(void* to, int byte, std::size_t bytes, kernels::Stream) {
    emulation::settle();
    std::memset(to, byte, bytes);
    return 0;
}

/// Does `Function`, or records it.
template <auto Function, class Signature = decltype(Function)>
struct Enqueued;
template <auto Function, class... Args>
struct Enqueued<Function, std::int32_t (*)(Args...)> {
    static std::int32_t call(Args... args) {
        if (recording == nullptr) return inStream(args...);
        recording->push_back(
            [kept = std::tuple<std::decay_t<Args>...>(args...)] { return std::apply(inStream, kept); });
        return 0;
    }
    static std::int32_t inStream(Args... args) {
        const emulation::InStream until_the_end;
        return Function(args...);
    }
};
template <auto Function>
constexpr auto kEnqueued = &Enqueued<Function>::call;

std::int32_t wait(kernels::Stream) {
    emulation::settle();
    return recording == nullptr ? 0 : kInvalid;
}
std::int32_t beginCapture(kernels::Stream) {
    if (recording != nullptr) return kInvalid;
    recording = std::make_unique<Recording>();
    return 0;
}
std::int32_t endCapture(kernels::Stream, LecternCudaModule::Graph* graph) {
    if (recording == nullptr) return kInvalid;
    *graph = reinterpret_cast<LecternCudaModule::Graph>(recording.release());
    return 0;
}
std::int32_t launchGraph(LecternCudaModule::Graph graph, kernels::Stream) {
    ++launches;
    for (const auto& operation : *reinterpret_cast<const Recording*>(graph))
        if (const std::int32_t failure = operation(); failure != 0) return failure;
    return 0;
}
std::int32_t destroyGraph(LecternCudaModule::Graph graph) {
    delete reinterpret_cast<Recording*>(graph);
    return 0;
}

constexpr LecternCudaModule kModule = {
    .version = kLecternCudaVersion,
    .bytes = sizeof(LecternCudaModule),
    .deviceCount = deviceCount,
    .deviceInfo = deviceInfo,
    .errorText = errorText,
    .useDevice = useDevice,
    .allocate = allocate,
    .release = release,
    .allocatePinned = allocatePinned,
    .releasePinned = releasePinned,
    .createStream = make,
    .destroyStream = nothing,
    .waitForStream = wait,
    .createEvent = make,
    .destroyEvent = nothing,
    .recordEvent = nothing,
    .waitForEvent = nothing,
    .copyIn = kEnqueued<&copy>,
    .copyOut = kEnqueued<&copy>,
    .copyRowsIn = kEnqueued<&copyRows>,
    .fill = kEnqueued<&fill>,
    .beginCapture = beginCapture,
    .endCapture = endCapture,
    .launchGraph = launchGraph,
    .destroyGraph = destroyGraph,
    .createGemm = kernels::createGemm,
    .destroyGemm = kernels::destroyGemm,
    .gemm = kEnqueued<&kernels::gemm>,
    .splitBlocks = kEnqueued<&kernels::splitBlocks>,
    .matvecs = kEnqueued<&kernels::matvecs>,
    .embedRows = kEnqueued<&kernels::embedRows>,
    .halfRows = kEnqueued<&kernels::halfRows>,
    .rmsNorm = kEnqueued<&kernels::rmsNorm>,
    .siluMul = kEnqueued<&kernels::siluMul>,
    .geluMul = kEnqueued<&kernels::geluMul>,
    .add = kEnqueued<&kernels::add>,
    .addNorm = kEnqueued<&kernels::addNorm>,
    .addToRows = kEnqueued<&kernels::addToRows>,
    .findNonFinite = kEnqueued<&kernels::findNonFinite>,
    .route = kEnqueued<&kernels::route>,
    .gatherRows = kEnqueued<&kernels::gatherRows>,
    .addExpertRows = kEnqueued<&kernels::addExpertRows>,
    .finishHeads = kEnqueued<&kernels::finishHeads>,
    .packScratchBytes = kernels::packScratchBytes,
    .packRefusal = kernels::packRefusal,
    .pack = kEnqueued<&kernels::pack>,
    .unpackRaw = kEnqueued<&kernels::unpackRaw>,
    .prefillWorkspaceBytes = kernels::prefillWorkspaceBytes,
    .prefillRefusal = kernels::prefillRefusal,
    .attendPrefill = kEnqueued<&kernels::attendPrefill>,
    .decodeRefusal = kernels::decodeRefusal,
    .planDecode = kernels::planDecode,
    .attendDecode = kEnqueued<&kernels::attendDecode>,
    .mergeStates = kEnqueued<&kernels::mergeStates>,
    .addMass = kEnqueued<&kernels::addMass>,
};

}  // namespace

const LecternCudaModule& emulatedModule() {
    return kModule;
}

int emulatedGraphLaunches() {
    return launches;
}

int emulatedCopies() {
    return copies;
}

void setEmulatedMemory(std::uint64_t bytes) {
    memory = bytes;
}

}  // namespace lectern::test
