// SPDX-License-Identifier: GPL-3.0-or-later
// Runs the threads of a CUDA grid on the host, one at a time: every thread is a fibre that runs until it must wait for
// its warp or its block. Deterministic; blocks run one after another. What that order hides, races.h finds.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <functional>
#include <stdexcept>

#include "tests/support/cuda_emulation/races.h"

/// CUDA's own types and names, as kernel sources write them.
struct dim3 {
    unsigned x = 1, y = 1, z = 1;
    constexpr dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
};

namespace lectern::emulation {

inline constexpr int kWarp = 32;

/// What a kernel did that a GPU would not forgive: the message names the block, the threads and the source line.
struct KernelError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Where in a kernel threads meet.
struct Place {
    const char* what;
    const char* file;
    int line;
    bool operator==(const Place& other) const { return line == other.line && std::strcmp(what, other.what) == 0; }
};

/// One meeting of the lanes of a warp: what each lane brought.
struct Meeting {
    unsigned mask = 0, arrived = 0, left = 0;
    Place place{};
    std::array<std::array<std::byte, 64>, kWarp> brought{};
    std::array<std::byte, 16> agreed{};
};

/// The order in which threads of a block and blocks of a grid run. A kernel that lacks a barrier often gives other
/// results in the other order: tests run both.
enum class Order { Ascending, Descending };
inline thread_local Order thread_order = Order::Ascending;

/// Grids that this thread has run so far.
inline thread_local int grids_run = 0;

/// When a grid may begin: after all that was started before it, or beside the grid before it until its threads wait
/// (early_launch.cuh). All are done in turn here; ThreadSanitizer is told of the difference.
enum class Begin { After, Early };

/// While one lives, this thread's grids follow each other as in a stream: none is done for the host before settle().
/// Without one each is done when runGrid() returns.
class InStream {
public:
    InStream() { there = true; }
    ~InStream() { there = false; }
    InStream(const InStream&) = delete;
    InStream& operator=(const InStream&) = delete;
    static inline thread_local bool there = false;
};

/// All grids so far are done for this thread.
void settle();

/// Runs body() once for every thread of the grid; threadIdx and blockIdx are set around it. Shared memory is
/// `shared_bytes` long, 128-byte aligned, and filled with 0xff (NaN, -1) before each block.
/// Throws KernelError where threads wait for others that never come, or where lanes meet in different operations.
void runGrid(dim3 grid, dim3 block, std::size_t shared_bytes, const std::function<void()>& body,
             Begin begin = Begin::After);

// For the intrinsics, inside a running thread:

std::byte* sharedMemory();
int laneIndex();
void argumentsTaken();  ///< from here on the thread reads nothing that its launcher will use for other things
void waitForEarlierGrids();
void meetBlock(Place place);  ///< until every thread of the block has come
/// What a meeting of a warp does to its lanes' memory: a barrier orders it, an exchange of registers does not.
enum class Memory { Unordered, Ordered };
/// Until every lane of `mask` has come to the same place; the caller reads what it needs and then leaves.
Meeting& meetWarp(unsigned mask, Place place, const void* mine, std::size_t bytes, Memory memory = Memory::Unordered);
void leave(Meeting& meeting);
/// Asynchronous copies of the running thread: the bytes arrive when waited for and not before (0xff lies there until
/// then).
void startCopy(void* to, const void* from, std::size_t bytes);
void closeCopyGroup();
void finishCopies(int pending_groups);

/// What the lanes of a meeting brought, by lane.
template <class T>
class Brought {
public:
    explicit Brought(const Meeting& meeting) : m_meeting(meeting) {}
    LECTERN_UNWATCHED T operator[](std::size_t lane) const {
        T value{};
        std::memcpy(&value, m_meeting.brought[lane].data(), sizeof value);
        return value;
    }

private:
    const Meeting& m_meeting;
};

/// Exchanges one value per lane. combine(what all brought, lane) is what a lane gets.
template <class T, class Combine>
auto exchange(unsigned mask, Place place, const T& mine, Combine combine) {
    static_assert(sizeof(T) <= sizeof(Meeting::brought[0]));
    Meeting& meeting = meetWarp(mask, place, &mine, sizeof mine);
    auto result = combine(Brought<T>(meeting), laneIndex());
    leave(meeting);
    return result;
}

/// Brings one value per lane to one result for all: combine(what all brought), worked out once.
template <class T, class Combine>
T agree(unsigned mask, Place place, T mine, Combine combine) {
    Meeting& meeting = meetWarp(mask, place, &mine, sizeof mine);
    const Unwatched emulation;
    if (meeting.left == 0) {
        const T result = combine(Brought<T>(meeting));
        std::memcpy(meeting.agreed.data(), &result, sizeof result);
    }
    T result{};
    std::memcpy(&result, meeting.agreed.data(), sizeof result);
    leave(meeting);
    return result;
}

}  // namespace lectern::emulation

inline thread_local dim3 threadIdx, blockIdx, blockDim, gridDim;
