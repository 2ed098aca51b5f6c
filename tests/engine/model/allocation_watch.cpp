// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/engine/model/allocation_watch.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<bool> watching{false};
std::atomic<std::size_t> largest_request{0}, all_requests{0};

}  // namespace

void* operator new(std::size_t bytes) {
    if (watching) {
        all_requests += bytes;
        if (bytes > largest_request) largest_request = bytes;
    }
    if (void* memory = std::malloc(bytes != 0 ? bytes : 1)) return memory;
    throw std::bad_alloc();
}

void operator delete(void* memory) noexcept {
    std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

namespace lectern::test {

AllocationWatch::AllocationWatch() {
    largest_request = 0;
    all_requests = 0;
    watching = true;
}

AllocationWatch::~AllocationWatch() {
    watching = false;
}

std::size_t AllocationWatch::largest() const {
    return largest_request;
}

std::size_t AllocationWatch::total() const {
    return all_requests;
}

}  // namespace lectern::test
