// SPDX-License-Identifier: GPL-3.0-or-later
// What ThreadSanitizer is told of the threads of a grid, so that it finds a kernel's races although all of them run on
// one host thread: each is a thread of its own to it, ordered by barriers and by nothing else. It watches shared and
// global memory, between threads of a block, between blocks, and between a kernel that begins early and the one before
// it. Without ThreadSanitizer nothing here does anything.
#pragma once

#include "engine/base/sanitizers.h"

#ifdef LECTERN_TSAN
#include <sanitizer/tsan_interface.h>
extern "C" {  // of the same library, which has no header for them
void __tsan_ignore_thread_begin();
void __tsan_ignore_thread_end();
}
#endif

namespace lectern::emulation {

#ifdef LECTERN_TSAN

inline constexpr bool kFindsRaces = true;

/// A short function of the emulation's own, which is not watched: its loads are compiled as they are.
#define LECTERN_UNWATCHED __attribute__((no_sanitize("thread")))

/// While one lives, what its thread reads and writes is not watched: it is the emulation's, not the kernel's.
class Unwatched {
public:
    Unwatched() { __tsan_ignore_thread_begin(); }
    ~Unwatched() { __tsan_ignore_thread_end(); }
    Unwatched(const Unwatched&) = delete;
    Unwatched& operator=(const Unwatched&) = delete;
};

/// What a thread did before its reach(at) comes before what another does after its follow(at).
inline void reach(void* at) {
    __tsan_release(at);
}
inline void follow(void* at) {
    __tsan_acquire(at);
}

/// A thread as ThreadSanitizer knows it.
using Watched = void*;
/// A new one, ordered after what the current one has done so far.
inline Watched watchNew() {
    return __tsan_create_fiber(0);
}
inline void forget(Watched thread) {
    __tsan_destroy_fiber(thread);
}
inline Watched watchedNow() {
    return __tsan_get_current_fiber();
}
/// From here on it is `thread` that runs; this orders nothing.
inline void watchFromHere(Watched thread) {
    __tsan_switch_to_fiber(thread, __tsan_switch_to_fiber_no_sync);
}

#else

inline constexpr bool kFindsRaces = false;
#define LECTERN_UNWATCHED

struct Unwatched {
    Unwatched() {}  // not trivial: an unused one is no warning
};
inline void reach(void*) {}
inline void follow(void*) {}
using Watched = void*;
inline Watched watchNew() {
    return nullptr;
}
inline void forget(Watched) {}
inline Watched watchedNow() {
    return nullptr;
}
inline void watchFromHere(Watched) {}

#endif

}  // namespace lectern::emulation
