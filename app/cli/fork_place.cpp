// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/fork_place.h"

#include <algorithm>
#include <charconv>

namespace lectern::cli {

ForkPlace forkPlace(const Session& session, const std::string& text) {
    const auto branches = session.branches();
    const bool name = std::any_of(branches.begin(), branches.end(), [&](const auto& b) { return b.name == text; });
    const auto colon = text.rfind(':');
    if (name || colon == std::string::npos) return {text, -1};
    int turns = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data() + colon + 1, end, turns);
    if (read.ec != std::errc() || read.ptr != end || turns < 0) return {text, -1};
    return {text.substr(0, colon), turns};
}

}  // namespace lectern::cli
