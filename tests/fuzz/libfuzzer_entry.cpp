// SPDX-License-Identifier: GPL-3.0-or-later
// What libFuzzer calls; LECTERN_FUZZ_TARGET is the function of this program.
#include <cstdint>

#include "tests/fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    lectern::test::LECTERN_FUZZ_TARGET(std::as_bytes(std::span(data, size)));
    return 0;
}
