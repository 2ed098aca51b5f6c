// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ucontext.h>

#include <cstddef>
#include <functional>
#include <memory>

namespace lectern::emulation {

/// A stack of its own on which body() runs until it pauses. Stays on the thread that made it. A fibre that is destroyed
/// before body() ended drops what lies on its stack without running destructors.
class Fibre {
public:
    explicit Fibre(std::function<void()> body);
    Fibre(const Fibre&) = delete;
    Fibre& operator=(const Fibre&) = delete;

    void resume();  ///< from outside: runs until pause() or the end of body(); not after the end
    void pause();   ///< from inside: back to whoever resumed
    bool ended() const { return m_ended; }

private:
    /// Where one side stopped.
    struct Side {
        void* jump[5] = {};          // __builtin_setjmp's buffer
        void* fake_stack = nullptr;  // AddressSanitizer's
        const void* bottom = nullptr;
        std::size_t size = 0;
    };
    static void enter();
    void run();
    void change(Side& from, Side& to);
    void arrived(Side& here, Side& other);

    std::function<void()> m_body;
    std::unique_ptr<std::byte[]> m_stack;
    Side m_inside, m_outside;
    ucontext_t m_start;
    bool m_started = false, m_ended = false;
};

}  // namespace lectern::emulation
