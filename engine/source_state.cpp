// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/source_state.h"

#include <algorithm>

#include "engine/base/content_hash.h"
#include "engine/base/mapped_file.h"

namespace lectern {

namespace fs = std::filesystem;

std::string hashOf(const fs::path& file) {
    const auto mapped = MappedFile::open(file);
    return mapped ? contentHash(mapped->bytes()).hex() : "";
}

std::int64_t writeTime(const fs::path& file) {
    std::error_code failed;
    const auto written = fs::last_write_time(file, failed);
    if (failed) return 0;
    const auto since = std::chrono::file_clock::to_sys(written).time_since_epoch();
    return std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::nanoseconds>(since).count());
}

SourceState sourceState(const SessionDocument& document, bool look_inside) {
    const DocumentInfo& info = document.info;
    if (info.content_hash.empty()) return SourceState::Same;  // nothing was read from it
    std::error_code failed;
    const auto bytes = fs::file_size(info.source, failed);
    if (failed) return SourceState::Missing;
    if (bytes != document.file_bytes) return SourceState::Changed;
    if (document.modified != 0 && writeTime(info.source) == document.modified) return SourceState::Same;
    if (!look_inside) return SourceState::Touched;
    return hashOf(info.source) == info.content_hash ? SourceState::Same : SourceState::Changed;
}

}  // namespace lectern
