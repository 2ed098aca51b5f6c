// SPDX-License-Identifier: GPL-3.0-or-later
// lectern-document-worker: parses one document for Lectern in a process of its own. Not for people to start.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "engine/document/worker_sandbox.h"
#include "engine/document/worker_serve.h"

int main(int argc, char** argv) {
    if (argc != 3 || std::strcmp(argv[1], "--serve") != 0) {
        std::fputs("lectern-document-worker is started by Lectern itself; open documents with lectern.\n", stderr);
        return 2;
    }
    if (!lectern::worker::enterSandbox(int(std::strtol(argv[2], nullptr, 10)))) return 1;
    return lectern::worker::serve(STDIN_FILENO, STDOUT_FILENO);
}
