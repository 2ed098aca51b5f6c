// SPDX-License-Identifier: GPL-3.0-or-later
// Counting checks without a test framework: a GPU machine may have nothing but a compiler.
#pragma once

#include <cmath>
#include <cstdio>
#include <string>

namespace lectern::test {

class Checks {
public:
    /// `error` is the worst of a case over its tolerance; NaN fails.
    void add(const std::string& name, double error) {
        const bool good = error <= 1;
        ++(good ? m_passed : m_failed);
        std::printf("%s %s (%.2f of what is allowed)\n", good ? "passed" : "FAILED", name.c_str(), error);
    }
    void add(const std::string& name, bool good) {
        ++(good ? m_passed : m_failed);
        std::printf("%s %s\n", good ? "passed" : "FAILED", name.c_str());
    }
    /// Prints the total; the program's exit status.
    int finish(int skipped = 0) const {
        std::printf("%d passed, %d failed, %d skipped\n", m_passed, m_failed, skipped);
        return m_failed == 0 ? 0 : 1;
    }

private:
    int m_passed = 0, m_failed = 0;
};

}  // namespace lectern::test
