// SPDX-License-Identifier: GPL-3.0-or-later
// ucontext makes the stack; changing sides afterwards is a jump without a system call, there are millions of them.
#include "tests/support/cuda_emulation/fibre.h"

#include <utility>

#include "engine/base/sanitizers.h"

#ifdef LECTERN_ASAN
#include <sanitizer/common_interface_defs.h>
#endif

namespace lectern::emulation {
namespace {

constexpr std::size_t kStackBytes = (kFindsRaces ? 256 : 64) * 1024;  // a report of a race is written on it
thread_local Fibre* entering = nullptr;

}  // namespace

Fibre::Fibre() : m_stack(new std::byte[kStackBytes]) {
    m_inside.bottom = m_stack.get();
    m_inside.size = kStackBytes;
    m_inside.watched = watchNew();
    getcontext(&m_start);
    m_start.uc_stack.ss_sp = m_stack.get();
    m_start.uc_stack.ss_size = kStackBytes;
    m_start.uc_link = nullptr;
    makecontext(&m_start, &Fibre::enter, 0);
}

void Fibre::enter() {
    entering->run();
}

void Fibre::run() {
    arrived(m_inside, m_outside);
    while (true) {
        m_body();
        pause();
    }
}

void Fibre::begin(std::function<void()> body) {
    m_body = std::move(body);
}

void Fibre::resume() {
    m_outside.watched = watchedNow();
    change(m_outside, m_inside);
}

void Fibre::pause() {
    change(m_inside, m_outside);
}

void Fibre::reachFromOutside(void* place) {
    const Watched outside = watchedNow();
    watchFromHere(m_inside.watched);
    reach(place);
    watchFromHere(outside);
}

[[gnu::noinline]] void Fibre::change(Side& from, Side& to) {
#ifdef LECTERN_ASAN
    __sanitizer_start_switch_fiber(&from.fake_stack, to.bottom, to.size);
#endif
    watchFromHere(to.watched);
    if (__builtin_setjmp(from.jump) == 0) {
        if (m_started) __builtin_longjmp(to.jump, 1);
        {
            const Unwatched emulation;
            m_started = true;
            entering = this;
        }
        setcontext(&m_start);
    }
    arrived(from, to);
}

/// Tells AddressSanitizer on which stack we are, and notes where the other side's stack lies.
void Fibre::arrived([[maybe_unused]] Side& here, [[maybe_unused]] Side& other) {
#ifdef LECTERN_ASAN
    __sanitizer_finish_switch_fiber(here.fake_stack, &other.bottom, &other.size);
#endif
}

}  // namespace lectern::emulation
