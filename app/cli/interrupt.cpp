// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/interrupt.h"

#include <csignal>
#include <utility>

namespace lectern::cli {

namespace {

sigset_t watchedSignals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    return signals;
}

[[noreturn]] void dieOf(int signal) {
    std::signal(signal, SIG_DFL);
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, signal);
    pthread_sigmask(SIG_UNBLOCK, &one, nullptr);
    std::raise(signal);
    std::_Exit(128 + signal);
}

}  // namespace

InterruptWatcher::InterruptWatcher(std::stop_source source) : m_source(std::move(source)) {
    const sigset_t signals = watchedSignals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    m_thread = std::thread([this] { watch(); });
}

InterruptWatcher::~InterruptWatcher() {
    m_over = true;
    pthread_kill(m_thread.native_handle(), SIGINT);  // wakes sigwait
    m_thread.join();
}

void InterruptWatcher::watch() {
    const sigset_t signals = watchedSignals();
    for (bool first = true;; first = false) {
        int signal = 0;
        if (sigwait(&signals, &signal) != 0 || m_over) return;
        if (!first) dieOf(signal);
        m_source.request_stop();
    }
}

}  // namespace lectern::cli
