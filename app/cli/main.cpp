// SPDX-License-Identifier: GPL-3.0-or-later
// lectern-cli: the process around run(), and the place where concrete types are put together.
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <iostream>

#include "app/cli/exit_status.h"
#include "app/cli/fd_stream.h"
#include "app/cli/interrupt.h"
#include "app/cli/run.h"
#include "app/paths.h"
#include "app/pdf_printer.h"
#include "engine/base/heap.h"

namespace {

int terminalColumns() {
    winsize size{};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

lectern::Result<std::unique_ptr<lectern::Engine>> makeEngine(lectern::EngineOptions options) {
    options.worker = lectern::workerProgram();
    options.built_in = lectern::builtInModel();
    options.model_folders = lectern::modelFolders();
    options.calibration_text = lectern::calibrationText();
    options.fingerprints = lectern::fingerprintFile();
    return lectern::Engine::create(std::move(options));
}

/// A reader who went away (`| head`) is no failure; a full disk is.
int outputStatus(int status, int error) {
    if (error == 0 || error == EPIPE) return status;
    std::cerr << "lectern-cli: The results could not be written to standard output: " << std::strerror(error) << ".\n";
    return lectern::cli::kFailed;
}

}  // namespace

int main(int argc, char** argv) {
    lectern::keepHeapSmall();
    std::signal(SIGPIPE, SIG_IGN);
    std::stop_source source;
    const lectern::cli::InterruptWatcher watcher(source);
    lectern::cli::FdStreamBuf buffer(STDOUT_FILENO, [source]() mutable { source.request_stop(); });
    std::ostream out(&buffer);
    lectern::cli::FdInputBuf input(STDIN_FILENO, source.get_token());
    std::istream in(&input);
    lectern::cli::Streams io{in, out, std::cerr, isatty(STDERR_FILENO) == 1, terminalColumns()};
    const int status = lectern::cli::run({argv + (argc > 0 ? 1 : 0), argv + argc}, makeEngine, lectern::pdfPrinter(),
                                         io, source.get_token());
    return outputStatus(status, buffer.error());
}
