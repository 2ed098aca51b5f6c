// SPDX-License-Identifier: GPL-3.0-or-later
// Loading the CUDA module, with modules of the test's own: no device is needed.
#include "engine/cuda_module.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "tests/support/test_data.h"

namespace lectern {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr const char* kSomeLibrary = "libc.so.6";  // stands for a driver that is there

fs::path module(const char* name) {
    return fs::path(LECTERN_BINARY_DIR) / "lib" / name;
}

class CudaModuleTest : public testing::Test {
protected:
    void TearDown() override { unsetenv("LECTERN_FAKE_CUDA"); }
    std::vector<CudaDevice> devices(const fs::path& place, const char* driver = kSomeLibrary) {
        const CudaModule found = cudaModuleThrough(driver, {"/nowhere/at/all.so", place});
        m_problem = found.problem;
        m_driver = found.driver;
        return found.table == nullptr ? std::vector<CudaDevice>() : cudaDevicesOf(*found.table, m_problem);
    }
    bool m_driver = false;
    std::string m_problem;
};

TEST_F(CudaModuleTest, DeviceThatDoesNotAnswerLeavesTheOthers) {
    const auto all = devices(module("liblectern_fake_cuda.so"));
    ASSERT_EQ(all.size(), 2U) << m_problem;
    EXPECT_EQ(all[1].problem, "it does not answer (unknown error)");
    EXPECT_EQ(all[0].problem, "");
    EXPECT_EQ(all[0].index, 0);
    EXPECT_EQ(all[0].name, std::string(256, 'G'));
    EXPECT_EQ(all[0].memory, 24'000'000'000U);
    EXPECT_EQ(all[0].memory_free, 20'000'000'000U);
    EXPECT_EQ(all[0].capability_major * 10 + all[0].capability_minor, 89);
    EXPECT_EQ(m_problem, "");
}

TEST_F(CudaModuleTest, MissingDriverIsSaidFirst) {
    EXPECT_TRUE(devices(module("liblectern_fake_cuda.so"), "libno-such-driver.so.1").empty());
    EXPECT_FALSE(m_driver);
    EXPECT_EQ(m_problem, "no NVIDIA driver (libno-such-driver.so.1) on this machine");
}

TEST_F(CudaModuleTest, MissingModuleIsSaid) {
    EXPECT_TRUE(devices("/nowhere/liblectern_cuda.so").empty());
    EXPECT_THAT(m_problem, HasSubstr("built without its CUDA module"));
}

TEST_F(CudaModuleTest, ModuleOfAnotherVersionIsRefused) {
    EXPECT_TRUE(devices(module("liblectern_old_cuda.so")).empty());
    EXPECT_THAT(m_problem, HasSubstr("another version"));
}

TEST_F(CudaModuleTest, FileThatIsNoLibraryIsRefused) {
    const test::TempDir folder;
    std::ofstream(folder / "liblectern_cuda.so") << "not an ELF file";
    EXPECT_TRUE(devices(folder / "liblectern_cuda.so").empty());
    EXPECT_THAT(m_problem, HasSubstr("cannot be loaded"));
}

TEST_F(CudaModuleTest, LibraryWithoutTheTableIsRefused) {
    EXPECT_TRUE(devices("/lib/x86_64-linux-gnu/libm.so.6").empty());
    EXPECT_FALSE(m_problem.empty());
}

TEST_F(CudaModuleTest, DriverThatRefusesIsQuoted) {
    setenv("LECTERN_FAKE_CUDA", "broken", 1);
    EXPECT_TRUE(devices(module("liblectern_fake_cuda.so")).empty());
    EXPECT_EQ(m_problem, "the NVIDIA driver refuses to work (driver too old)");
}

TEST_F(CudaModuleTest, DriverWithoutDevicesIsSaid) {
    setenv("LECTERN_FAKE_CUDA", "none", 1);
    EXPECT_TRUE(devices(module("liblectern_fake_cuda.so")).empty());
    EXPECT_EQ(m_problem, "the NVIDIA driver knows of no device");
}

TEST_F(CudaModuleTest, DeviceThatIsTooOldSaysSo) {
    setenv("LECTERN_FAKE_CUDA", "old", 1);
    const auto all = devices(module("liblectern_fake_cuda.so"));
    ASSERT_FALSE(all.empty());
    EXPECT_EQ(all[0].problem, "its compute capability 6.1 is too old, 7.5 is the least");
}

TEST_F(CudaModuleTest, DeviceThatTheModuleHasNoCodeForSaysSo) {
    setenv("LECTERN_FAKE_CUDA", "foreign", 1);
    const auto all = devices(module("liblectern_fake_cuda.so"));
    ASSERT_FALSE(all.empty());
    EXPECT_THAT(all[0].problem, HasSubstr("a kernel does not run on it (no kernel image"));
}

TEST_F(CudaModuleTest, LibraryThatTheModuleNeedsIsNamedWithWhatHelps) {
    const auto all = devices(module("liblectern_needy_cuda.so"));
    EXPECT_TRUE(all.empty());
    EXPECT_THAT(m_problem, HasSubstr("libcublas"));
    EXPECT_THAT(m_problem, HasSubstr("install cuBLAS"));
}

TEST_F(CudaModuleTest, ThisMachineGivesDevicesOrAReason) {
    const auto all = cudaDevices(m_problem);
    EXPECT_NE(all.empty(), m_problem.empty());
    if (all.empty()) GTEST_SKIP() << "no GPU: " << m_problem;
    for (const CudaDevice& device : all) EXPECT_GT(device.memory, 0U);
}

}  // namespace
}  // namespace lectern
