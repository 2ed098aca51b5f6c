// SPDX-License-Identifier: GPL-3.0-or-later
// Counts what operator new is asked for in this test program.
#pragma once

#include <cstddef>

namespace lectern::test {

/// Watches from construction on; one at a time.
class AllocationWatch {
public:
    AllocationWatch();
    ~AllocationWatch();
    AllocationWatch(const AllocationWatch&) = delete;
    AllocationWatch& operator=(const AllocationWatch&) = delete;

    std::size_t largest() const;  ///< bytes of the largest single request
    std::size_t total() const;    ///< bytes of all requests, freed ones too
};

}  // namespace lectern::test
