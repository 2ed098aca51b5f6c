// SPDX-License-Identifier: GPL-3.0-or-later
// The application's side of the worker program: starts it, exchanges frames with it, ends it.
#pragma once

#include <chrono>
#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/document/wire.h"

namespace lectern {

/// Owns one child process, its process group and the socket to it. The destructor kills and reaps: no zombie stays.
/// Not thread safe. Changes no signal handler of the process; nothing of ours leaks into the child.
/// Linux ends the child when the thread that started it ends: keep the object on that thread.
class ChildProcess {
public:
    using Deadline = std::chrono::steady_clock::time_point;

    enum class Outcome {
        Frame,     ///< a whole frame came
        Ended,     ///< the child closed its end
        TimedOut,  ///< the deadline passed
        Stopped,   ///< the stop token was triggered
        Nonsense   ///< what came is not a frame that the protocol allows
    };
    struct Received {
        Outcome outcome = Outcome::Ended;
        wire::FrameType type{};
        std::string payload;
    };

    /// Errors: Failed when the program cannot be started.
    static Result<ChildProcess> start(const std::filesystem::path& program);

    /// Another program, that talks through its standard input and output in its own way: see exchange(). `arguments`
    /// without the program's name; `memory_bytes` of address space. Errors: as above.
    static Result<ChildProcess> startOther(const std::filesystem::path& program, std::vector<std::string> arguments,
                                           std::uint64_t memory_bytes);

    ChildProcess(ChildProcess&& other) noexcept;
    ChildProcess& operator=(ChildProcess&& other) noexcept;
    ~ChildProcess();

    /// Outcome::Frame when all was handed over. A child that is gone gives Ended, never a signal.
    Outcome send(wire::FrameType type, std::string_view payload, Deadline deadline, const std::stop_token& stop);

    /// The next frame. Memory grows with the bytes that really came, not with what the frame's head promises.
    Received receive(Deadline deadline, const std::stop_token& stop);

    /// Hands over all of `input`, then its end, and takes what comes meanwhile until the child closes its output and
    /// ends. Outcome::Ended: it did so with status 0, and `output` is whole; Outcome::Nonsense: with another status, or
    /// with more than `most` bytes to say. Once it was called, nothing can be sent or received.
    Outcome exchange(std::string_view input, std::string& output, std::size_t most, Deadline deadline,
                     const std::stop_token& stop);

    /// Kills the child with all it started, reaps it and says how it had ended: "was killed by signal 11 (...)".
    /// Once it was called, nothing can be sent or received.
    std::string end();

private:
    ChildProcess(int pid, int socket, int wakeup) : m_pid(pid), m_socket(socket), m_wakeup(wakeup) {}
    static Result<ChildProcess> startWith(const std::filesystem::path& program, std::vector<std::string> arguments);
    Outcome wait(short events, Deadline deadline, const std::stop_token& stop);
    Outcome talk(std::string_view input, std::string& output, std::size_t most, Deadline deadline,
                 const std::stop_token& stop);
    Outcome awaitEnd(Deadline deadline, const std::stop_token& stop);
    Outcome readExactly(std::string& out, std::size_t bytes, Deadline deadline, const std::stop_token& stop);

    int m_pid = -1;
    int m_socket = -1;
    int m_wakeup = -1;  ///< eventfd that a stop request writes
};

}  // namespace lectern
