// SPDX-License-Identifier: GPL-3.0-or-later
// The seam between the engine and liblectern_cuda.so: a table of device operations, found by name after dlopen. What is
// done with them is host code in the engine (engine/device), which tests run on a second table made of emulated
// kernels. Both sides check version and size, so that a module of another build is refused and not guessed at.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cuda/attend_decode.h"
#include "kernels/cuda/attend_merge.h"
#include "kernels/cuda/attend_prefill.h"
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/gemm.h"
#include "kernels/cuda/heads.h"
#include "kernels/cuda/matvec.h"
#include "kernels/cuda/mixture.h"
#include "kernels/cuda/pack.h"

struct CUevent_st;  // CUDA's own names
struct CUgraphExec_st;

constexpr std::uint32_t kLecternCudaVersion = 9;
constexpr const char* kLecternCudaSymbol = "lecternCudaModule";

/// One device as the driver describes it. Memory in bytes.
struct LecternCudaDevice {
    char name[256];  // ends with a zero
    std::uint64_t memory, memory_free;
    std::int32_t capability_major, capability_minor;
    std::int32_t processors;     // multiprocessors
    std::uint64_t shared_limit;  // shared memory that one thread block may ask for
};

/// Everything after errorText() works on the device that useDevice() chose for the calling thread. 0 = done, a negative
/// number is a failure that errorText() tells in words. Kernels and copies are enqueued and not waited for; what each
/// does says the header it comes from.
struct LecternCudaModule {
    using Stream = lectern::kernels::Stream;
    using Event = CUevent_st*;
    using Graph = CUgraphExec_st*;

    std::uint32_t version;  // kLecternCudaVersion
    std::uint32_t bytes;    // sizeof(LecternCudaModule)
    std::int32_t (*deviceCount)();
    std::int32_t (*deviceInfo)(std::int32_t index, LecternCudaDevice* device);
    const char* (*errorText)(std::int32_t failure);  // static storage

    std::int32_t (*useDevice)(std::int32_t index);
    std::int32_t (*allocate)(std::size_t bytes, void** memory);  // device memory, 256-byte aligned
    std::int32_t (*release)(void* memory);                       // waits for the device
    std::int32_t (*allocatePinned)(std::size_t bytes, void** memory);
    std::int32_t (*releasePinned)(void* memory);
    std::int32_t (*createStream)(Stream* stream);
    std::int32_t (*destroyStream)(Stream stream);
    std::int32_t (*waitForStream)(Stream stream);
    std::int32_t (*createEvent)(Event* event);
    std::int32_t (*destroyEvent)(Event event);
    std::int32_t (*recordEvent)(Event event, Stream stream);
    std::int32_t (*waitForEvent)(Event event);  // the calling thread does
    std::int32_t (*copyIn)(void* device, const void* pinned, std::size_t bytes, Stream stream);
    std::int32_t (*copyOut)(void* pinned, const void* device, std::size_t bytes, Stream stream);
    // `rows` pieces of `bytes`, on both sides `pitch` bytes apart
    std::int32_t (*copyRowsIn)(void* device, const void* pinned, std::size_t pitch, std::size_t bytes, int rows,
                               Stream stream);
    std::int32_t (*fill)(void* device, int byte, std::size_t bytes, Stream stream);
    // Until endCapture() what is enqueued on the stream is recorded and not done; allocations and waits are errors.
    std::int32_t (*beginCapture)(Stream stream);
    std::int32_t (*endCapture)(Stream stream, Graph* graph);  // a failure: nothing is left to destroy
    std::int32_t (*launchGraph)(Graph graph, Stream stream);  // enqueues what was recorded; pinned memory is read then
    std::int32_t (*destroyGraph)(Graph graph);                // the device is done with it

    decltype(&lectern::kernels::createGemm) createGemm;
    decltype(&lectern::kernels::destroyGemm) destroyGemm;
    decltype(&lectern::kernels::gemm) gemm;
    decltype(&lectern::kernels::splitBlocks) splitBlocks;
    decltype(&lectern::kernels::matvecs) matvecs;
    decltype(&lectern::kernels::embedRows) embedRows;
    decltype(&lectern::kernels::halfRows) halfRows;
    decltype(&lectern::kernels::rmsNorm) rmsNorm;
    decltype(&lectern::kernels::siluMul) siluMul;
    decltype(&lectern::kernels::geluMul) geluMul;
    decltype(&lectern::kernels::add) add;
    decltype(&lectern::kernels::addNorm) addNorm;
    decltype(&lectern::kernels::addToRows) addToRows;
    decltype(&lectern::kernels::findNonFinite) findNonFinite;
    decltype(&lectern::kernels::route) route;
    decltype(&lectern::kernels::gatherRows) gatherRows;
    decltype(&lectern::kernels::addExpertRows) addExpertRows;
    decltype(&lectern::kernels::finishHeads) finishHeads;
    decltype(&lectern::kernels::packScratchBytes) packScratchBytes;
    decltype(&lectern::kernels::packRefusal) packRefusal;
    decltype(&lectern::kernels::pack) pack;
    decltype(&lectern::kernels::unpackRaw) unpackRaw;
    decltype(&lectern::kernels::prefillWorkspaceBytes) prefillWorkspaceBytes;
    decltype(&lectern::kernels::prefillRefusal) prefillRefusal;
    decltype(&lectern::kernels::attendPrefill) attendPrefill;
    decltype(&lectern::kernels::decodeRefusal) decodeRefusal;
    decltype(&lectern::kernels::planDecode) planDecode;
    decltype(&lectern::kernels::attendDecode) attendDecode;
    decltype(&lectern::kernels::mergeStates) mergeStates;
    decltype(&lectern::kernels::addMass) addMass;
};

extern "C" {
/// The type of the exported function; the table lives as long as the module is loaded.
using LecternCudaModuleFunction = const LecternCudaModule* (*)();
}
