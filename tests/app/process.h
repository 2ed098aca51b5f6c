// SPDX-License-Identifier: GPL-3.0-or-later
// The real lectern-cli from outside: started, listened to, signalled.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace lectern::test {

/// A running program; its output is collected. Killed where it outlives the object.
class Process {
public:
    /// `program` and arguments; `input` becomes standard input. `setup` runs in the child before exec.
    explicit Process(const std::vector<std::string>& command, const std::string& input = {},
                     const std::function<void()>& setup = {});
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    /// Reads until `text` has appeared on standard output, the program ends, or time is up; whether it appeared.
    bool waitFor(const std::string& text, std::chrono::seconds limit = std::chrono::seconds(120));
    void signal(int number) const;
    void closeOutput();  ///< as `| head` does when it has enough
    /// Reads to the end and waits. The exit status; 128 + N for signal N; -1 where it had to be killed after `limit`.
    int end(std::chrono::seconds limit = std::chrono::seconds(300));

    const std::string& out() const { return m_out; }
    const std::string& err() const { return m_err; }

private:
    bool readSome(std::chrono::milliseconds wait);
    pid_t m_child = -1;
    int m_out_pipe = -1, m_err_pipe = -1;
    std::string m_out, m_err;
};

struct Ended {
    int status = -1;
    std::string out, err;
};

std::filesystem::path cliProgram();
/// lectern-cli with `arguments`, to its end.
Ended runProgram(const std::vector<std::string>& arguments, const std::string& input = {},
                 const std::function<void()>& setup = {});

}  // namespace lectern::test
