// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/app/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace lectern::test {

namespace {

using Clock = std::chrono::steady_clock;

/// An unlinked file with `input`, read from its beginning: no writer that could block.
int inputFile(const std::string& input) {
    FILE* file = std::tmpfile();
    if (file == nullptr || std::fwrite(input.data(), 1, input.size(), file) != input.size()) std::abort();
    std::fflush(file);
    const int copy = dup(fileno(file));
    std::fclose(file);
    lseek(copy, 0, SEEK_SET);
    return copy;
}

/// Appends what is there; whether the pipe is still open.
bool take(int pipe, std::string& text) {
    std::array<char, 65536> buffer;
    const ssize_t count = read(pipe, buffer.data(), buffer.size());
    if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
    return count > 0;
}

void shut(int& pipe) {
    if (pipe >= 0) close(pipe);
    pipe = -1;
}

}  // namespace

Process::Process(const std::vector<std::string>& command, const std::string& input,
                 const std::function<void()>& setup) {
    int out[2];
    int err[2];
    if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) std::abort();
    const int in = inputFile(input);
    std::vector<char*> words;
    for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    m_child = fork();
    if (m_child == 0) {
        dup2(in, STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        dup2(err[1], STDERR_FILENO);
        if (setup) setup();
        execv(words[0], words.data());
        _exit(127);
    }
    close(in);
    close(out[1]);
    close(err[1]);
    m_out_pipe = out[0];
    m_err_pipe = err[0];
}

Process::~Process() {
    if (m_child > 0) {
        kill(m_child, SIGKILL);
        waitpid(m_child, nullptr, 0);
    }
    shut(m_out_pipe);
    shut(m_err_pipe);
}

bool Process::readSome(std::chrono::milliseconds wait) {
    std::array<pollfd, 2> pipes = {pollfd{m_out_pipe, POLLIN, 0}, pollfd{m_err_pipe, POLLIN, 0}};
    if (poll(pipes.data(), pipes.size(), static_cast<int>(wait.count())) <= 0) return m_err_pipe >= 0;
    if (pipes[0].revents != 0 && !take(m_out_pipe, m_out)) shut(m_out_pipe);
    if (pipes[1].revents != 0 && !take(m_err_pipe, m_err)) shut(m_err_pipe);
    return m_out_pipe >= 0 || m_err_pipe >= 0;
}

bool Process::waitFor(const std::string& text, std::chrono::seconds limit) {
    const auto until = Clock::now() + limit;
    while (m_out.find(text) == std::string::npos) {
        if (Clock::now() > until || !readSome(std::chrono::milliseconds(100))) break;
    }
    return m_out.find(text) != std::string::npos;
}

void Process::signal(int number) const {
    kill(m_child, number);
}

void Process::closeOutput() {
    shut(m_out_pipe);
}

int Process::end(std::chrono::seconds limit) {
    const auto until = Clock::now() + limit;
    while (Clock::now() < until && readSome(std::chrono::milliseconds(100))) {
    }
    const bool late = Clock::now() >= until;
    if (late) kill(m_child, SIGKILL);
    int status = 0;
    waitpid(m_child, &status, 0);
    m_child = -1;
    if (late) return -1;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

std::filesystem::path cliProgram() {
    return std::filesystem::path(LECTERN_BINARY_DIR) / "bin/lectern-cli";
}

Ended runProgram(const std::vector<std::string>& arguments, const std::string& input,
                 const std::function<void()>& setup) {
    std::vector<std::string> command = {cliProgram().string()};
    command.insert(command.end(), arguments.begin(), arguments.end());
    Process process(command, input, setup);
    Ended ended;
    ended.status = process.end();
    ended.out = process.out();
    ended.err = process.err();
    return ended;
}

}  // namespace lectern::test
