// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/text_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>

namespace lectern::cli {

Status writeFile(const std::filesystem::path& file, const std::string& text) {
    const std::filesystem::path beside = file.string() + ".part";
    errno = 0;
    std::ofstream out(beside, std::ios::binary);
    out << text;
    out.close();
    std::error_code failed;
    if (out) std::filesystem::rename(beside, file, failed);
    if (out && !failed) return {};
    const std::string reason = failed ? failed.message() : std::strerror(errno);
    std::error_code ignored;
    std::filesystem::remove(beside, ignored);
    return Error{ErrorCode::Failed, "\"" + file.string() + "\" cannot be written: " + reason + "."};
}

Status checkPdf(const CommandContext& context, const std::filesystem::path& file) {
    if (context.print_pdf) return {};
    return Error{ErrorCode::Usage, "\"" + file.string() +
                                       "\": this lectern-cli was built without Qt, which prints PDF; choose .md or "
                                       ".html."};
}

}  // namespace lectern::cli
