// SPDX-License-Identifier: GPL-3.0-or-later
// A session file of a pretended engine, and the command line on it.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "tests/app/fake_engine.h"
#include "tests/support/test_data.h"

namespace lectern::test {

class SessionFileTest : public testing::Test {
protected:
    void SetUp() override {
        m_file = (m_folder / "a.lectern").string();
        std::ofstream(m_file) << "a session";
    }
    Outcome run(const std::vector<std::string>& arguments) { return runCli(m_world, arguments); }

    TempDir m_folder;
    std::string m_file;
    std::shared_ptr<FakeWorld> m_world = makeWorld();
};

}  // namespace lectern::test
