// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/session_sizes.h"

#include <nlohmann/json.hpp>
#include <ostream>

#include "app/cli/json_text.h"
#include "app/cli/text_table.h"
#include "engine/machine.h"

namespace lectern::cli {

void writeSizes(std::ostream& out, const std::string& session, const FileSizes& sizes, bool json) {
    if (json)
        writeLine(out, {{"session", session}, {"bytes_before", sizes.before}, {"bytes_after", sizes.after}});
    else
        out << printable(session) << ": " << byteText(sizes.before) << " before, " << byteText(sizes.after)
            << " now.\n";
}

}  // namespace lectern::cli
