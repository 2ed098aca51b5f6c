// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/document/worker_sandbox.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "engine/base/sanitizers.h"

namespace lectern::worker {
namespace {

#if defined(LECTERN_ASAN) || defined(LECTERN_TSAN)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

void lower(__rlimit_resource resource, rlim_t value) {
    rlimit limit{};
    if (getrlimit(resource, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max == RLIM_INFINITY ? value : std::min(value, limit.rlim_max);
    setrlimit(resource, &limit);
}

void forbid(__rlimit_resource resource) {
    const rlimit none{0, 0};
    setrlimit(resource, &none);
}

std::uint64_t mappedBytes() {
    unsigned long pages = 0;
    if (FILE* file = std::fopen("/proc/self/statm", "r")) {
        if (std::fscanf(file, "%lu", &pages) != 1) pages = 0;
        std::fclose(file);
    }
    return std::uint64_t(pages) * std::uint64_t(sysconf(_SC_PAGESIZE));
}

double processorSeconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) { return double(t.tv_sec) + double(t.tv_usec) * 1e-6; };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

bool enterSandbox(int parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (parent != 0 && getppid() != parent) return false;
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    close_range(STDERR_FILENO + 1, ~0U, 0);
    signal(SIGXFSZ, SIG_IGN);  // a library's cache file then fails to grow instead of ending us
    if (!kSanitized) {         // a sanitizer writes its report to a file and runs a symbolizer
        forbid(RLIMIT_FSIZE);
        forbid(RLIMIT_NPROC);
    }
    forbid(RLIMIT_CORE);
    return true;
}

void limitMemory(std::uint64_t bytes_beyond_now) {
    if (!kSanitized && bytes_beyond_now != 0) lower(RLIMIT_AS, mappedBytes() + bytes_beyond_now);
}

void limitProcessorTime(double seconds_from_now) {
    if (!(seconds_from_now > 0) || seconds_from_now > 1e6) return;
    lower(RLIMIT_CPU, rlim_t(std::ceil(processorSeconds() + seconds_from_now)));
}

}  // namespace lectern::worker
