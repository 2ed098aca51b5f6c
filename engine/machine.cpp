// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/machine.h"

#include <array>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <thread>

namespace lectern {

namespace {

/// The first line of a /proc file that starts with `key`, after its colon.
std::string procValue(const char* file, const std::string& key) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        if (!line.starts_with(key)) continue;
        const auto colon = line.find(':');
        if (colon == std::string::npos) continue;
        const auto begin = line.find_first_not_of(" \t", colon + 1);
        return begin == std::string::npos ? "" : line.substr(begin);
    }
    return {};
}

std::uint64_t memoryValue(const std::string& key) {
    std::uint64_t kilobytes = 0;
    std::istringstream(procValue("/proc/meminfo", key)) >> kilobytes;
    return kilobytes * 1024;
}

}  // namespace

std::uint64_t totalMemory() {
    return memoryValue("MemTotal");
}
std::uint64_t freeMemory() {
    return memoryValue("MemAvailable");
}

std::uint64_t freeDisk(const std::filesystem::path& folder) {
    std::error_code failed;
    const auto space = std::filesystem::space(folder.empty() ? "." : folder, failed);
    return failed ? 0 : space.available;
}

std::string processorName() {
    const auto name = procValue("/proc/cpuinfo", "model name");
    return name.empty() ? "CPU" : name;
}

int processorCores() {
    return int(std::thread::hardware_concurrency());
}

std::string byteText(std::uint64_t bytes) {
    constexpr std::array kUnits = {"B", "KB", "MB", "GB", "TB"};
    auto value = double(bytes);
    std::size_t unit = 0;
    for (; value >= 999.5 && unit + 1 < kUnits.size(); ++unit) value /= 1000;
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), unit == 0 || value >= 99.5 ? "%.0f %s" : "%.1f %s", value, kUnits[unit]);
    return text.data();
}

std::string countText(std::uint64_t count) {
    std::string text = std::to_string(count);
    for (auto at = std::ptrdiff_t(text.size()) - 3; at > 0; at -= 3) text.insert(std::size_t(at), ",");
    return text;
}

}  // namespace lectern
