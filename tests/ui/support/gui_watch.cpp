// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/support/gui_watch.h"

#include <QEvent>
#include <QThread>
#include <chrono>
#include <ctime>
#include <fstream>

namespace lectern::test {
namespace {

/// Nanoseconds this thread has been ready to run without a core to run on; 0 where the kernel does not tell.
long long waitedForCore() {
    std::ifstream file("/proc/thread-self/schedstat");
    long long running = 0, waiting = 0;
    file >> running >> waiting;
    return file ? waiting : 0;
}

/// Milliseconds of processor time this thread has used.
double processorMs() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return double(now.tv_sec) * 1e3 + double(now.tv_nsec) / 1e6;
}

}  // namespace

bool WatchedApplication::notify(QObject* receiver, QEvent* event) {
    if (QThread::currentThread() != thread() || m_depth > 0) return QApplication::notify(receiver, event);
    const int type = event->type();
    const QString name = receiver->objectName();
    const char* kind = receiver->metaObject()->className();
    const auto begin = std::chrono::steady_clock::now();
    const long long waited = waitedForCore();
    const double worked = processorMs();
    ++m_depth;
    const bool handled = QApplication::notify(receiver, event);
    --m_depth;
    const auto took = std::chrono::steady_clock::now() - begin;
    const double ms = double(std::chrono::nanoseconds(took).count() - (waitedForCore() - waited)) / 1e6;
    const double work = processorMs() - worked;
    const auto what = [&] {
        return QString("%1 %2, event %3: %4 ms, %5 ms of them working").arg(kind, name).arg(type).arg(ms).arg(work);
    };
    if (work > m_work.ms) m_work = {work, what()};
    if (ms > m_all.ms) m_all = {ms, what()};
    return handled;
}

QString WatchedApplication::problem() const {
    if (m_work.ms > kMostWorkMs) return "an event kept the window busy: " + m_work.what;
    return m_all.ms > kLongestMs ? "the window was blocked: " + m_all.what : QString();
}

}  // namespace lectern::test
