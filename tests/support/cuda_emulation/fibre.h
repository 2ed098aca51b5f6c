// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ucontext.h>

#include <cstddef>
#include <functional>
#include <memory>

#include "tests/support/cuda_emulation/races.h"

namespace lectern::emulation {

/// A stack of its own on which a body runs until it pauses. Stays on the thread that made it. A fibre that is destroyed
/// before its body ended drops what lies on its stack without running destructors. To ThreadSanitizer it is a thread of
/// its own.
class Fibre {
public:
    Fibre();
    ~Fibre() { forget(m_inside.watched); }
    Fibre(const Fibre&) = delete;
    Fibre& operator=(const Fibre&) = delete;

    void begin(std::function<void()> body);  ///< what resume() will run; not before the last body ended
    void resume();                           ///< from outside: runs until pause() or the end of the body
    void pause();                            ///< from inside: back to whoever resumed
    void reachFromOutside(void* place);      ///< reach(place) of races.h for a fibre that will not be resumed

private:
    /// Where one side stopped.
    struct Side {
        void* jump[5] = {};          // __builtin_setjmp's buffer
        void* fake_stack = nullptr;  // AddressSanitizer's
        const void* bottom = nullptr;
        std::size_t size = 0;
        Watched watched = nullptr;
    };
    static void enter();
    void run();
    void change(Side& from, Side& to);
    void arrived(Side& here, Side& other);

    std::function<void()> m_body;
    std::unique_ptr<std::byte[]> m_stack;
    Side m_inside, m_outside;
    ucontext_t m_start;
    bool m_started = false;
};

}  // namespace lectern::emulation
