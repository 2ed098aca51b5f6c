// SPDX-License-Identifier: GPL-3.0-or-later
// The whole command line without the process around it.
#pragma once

#include <string>
#include <vector>

#include "app/cli/command.h"

namespace lectern::cli {

/// Parses `arguments` (without the program's name), runs the subcommand and returns the exit status. Never throws.
int run(std::vector<std::string> arguments, const EngineFactory& make_engine, const PdfPrinter& print_pdf, Streams& io,
        std::stop_token stop);

}  // namespace lectern::cli
