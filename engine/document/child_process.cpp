// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/document/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

namespace lectern {
namespace {

constexpr std::size_t kReadStep = std::size_t{256} << 10;

std::uint32_t maxBytes(wire::FrameType type) {
    switch (type) {
        case wire::FrameType::Header:
        case wire::FrameType::End:
        case wire::FrameType::Ready:
        case wire::FrameType::Failure:
            return wire::kMaxSmallBytes;
        case wire::FrameType::Page:
            return wire::kMaxPageBytes;
        case wire::FrameType::Outline:
            return wire::kMaxOutlineBytes;
        case wire::FrameType::Image:
            return 8 + wire::kMaxImagePixels * 4;
        default:
            return 0;
    }
}

bool isFromWorker(wire::FrameType type) {
    return maxBytes(type) != 0;
}

/// Attributes and file actions of one posix_spawn call.
class SpawnPlan {
public:
    explicit SpawnPlan(int child_socket) {
        posix_spawnattr_init(&m_attributes);
        posix_spawn_file_actions_init(&m_actions);
        sigset_t none, all;
        sigemptyset(&none);
        sigfillset(&all);
        posix_spawnattr_setsigmask(&m_attributes, &none);
        posix_spawnattr_setsigdefault(&m_attributes, &all);
        posix_spawnattr_setpgroup(&m_attributes, 0);
        posix_spawnattr_setflags(&m_attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
        posix_spawn_file_actions_adddup2(&m_actions, child_socket, STDIN_FILENO);
        posix_spawn_file_actions_adddup2(&m_actions, STDIN_FILENO, STDOUT_FILENO);
        posix_spawn_file_actions_addopen(&m_actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_addclosefrom_np(&m_actions, STDERR_FILENO + 1);
    }
    ~SpawnPlan() {
        posix_spawn_file_actions_destroy(&m_actions);
        posix_spawnattr_destroy(&m_attributes);
    }
    SpawnPlan(const SpawnPlan&) = delete;
    SpawnPlan& operator=(const SpawnPlan&) = delete;

    /// errno value, 0 when it runs
    int spawn(const std::string& program, std::vector<std::string> arguments, int& pid) {
        arguments.insert(arguments.begin(), program);
        std::vector<char*> given;
        for (std::string& argument : arguments) given.push_back(argument.data());
        given.push_back(nullptr);
        return posix_spawn(&pid, program.c_str(), &m_actions, &m_attributes, given.data(), environ);
    }

private:
    posix_spawnattr_t m_attributes;
    posix_spawn_file_actions_t m_actions;
};

Error cannotStart(const std::filesystem::path& program, int code) {
    return {ErrorCode::Failed, "The document reader \"" + program.string() + "\" cannot be started (" +
                                   std::strerror(code) + "): install Lectern again."};
}

std::string obituary(int status) {
    if (WIFSIGNALED(status)) {
        const int signal = WTERMSIG(status);
        if (signal == SIGXCPU) return "ran out of processor time";
        return "was killed by signal " + std::to_string(signal) + " (" + strsignal(signal) + ")";
    }
    return "ended early with status " + std::to_string(WEXITSTATUS(status));
}

int millisecondsUntil(ChildProcess::Deadline deadline) {
    using namespace std::chrono;
    const auto left = ceil<milliseconds>(deadline - steady_clock::now()).count();
    return int(std::clamp<std::int64_t>(left, 0, 3'600'000));
}

}  // namespace

Result<ChildProcess> ChildProcess::start(const std::filesystem::path& program) {
    return startWith(program, {"--serve", std::to_string(getpid())});
}

Result<ChildProcess> ChildProcess::startOther(const std::filesystem::path& program, std::vector<std::string> arguments,
                                              std::uint64_t memory_bytes) {
    auto child = startWith(program, std::move(arguments));
    if (!child) return child;
    const rlimit memory{memory_bytes, memory_bytes}, none{0, 0};  // a child that is gone already needs no limits
    prlimit(child->m_pid, RLIMIT_AS, &memory, nullptr);
    prlimit(child->m_pid, RLIMIT_CORE, &none, nullptr);
    return child;
}

Result<ChildProcess> ChildProcess::startWith(const std::filesystem::path& program, std::vector<std::string> arguments) {
    int sockets[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0) return cannotStart(program, errno);
    ChildProcess child(-1, sockets[0], eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    fcntl(sockets[0], F_SETFL, O_NONBLOCK);
    const int failed =
        child.m_wakeup < 0 ? errno : SpawnPlan(sockets[1]).spawn(program.string(), std::move(arguments), child.m_pid);
    close(sockets[1]);
    if (failed == 0) return child;
    child.m_pid = -1;
    return cannotStart(program, failed);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : m_pid(std::exchange(other.m_pid, -1)),
      m_socket(std::exchange(other.m_socket, -1)),
      m_wakeup(std::exchange(other.m_wakeup, -1)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
    std::swap(m_pid, other.m_pid);
    std::swap(m_socket, other.m_socket);
    std::swap(m_wakeup, other.m_wakeup);
    return *this;
}

ChildProcess::~ChildProcess() {
    end();
    if (m_wakeup >= 0) close(m_wakeup);
}

std::string ChildProcess::end() {
    if (m_socket >= 0) close(std::exchange(m_socket, -1));
    if (m_pid <= 0) return "is not running";
    const int pid = std::exchange(m_pid, -1);
    kill(-pid, SIGKILL);  // the group: also what the child started
    kill(pid, SIGKILL);   // a child that has ended already keeps the status it ended with
    int status = 0;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) return "ended";  // reaped elsewhere (SIGCHLD ignored by the program)
    }
    return obituary(status);
}

ChildProcess::Outcome ChildProcess::wait(short events, Deadline deadline, const std::stop_token& stop) {
    pollfd fds[] = {{m_socket, events, 0}, {m_wakeup, POLLIN, 0}};
    for (;;) {
        if (stop.stop_requested()) return Outcome::Stopped;
        const int ready = poll(fds, 2, millisecondsUntil(deadline));
        if (ready < 0 && errno != EINTR) return Outcome::Ended;
        if (stop.stop_requested()) return Outcome::Stopped;
        if (ready > 0 && fds[0].revents != 0) return Outcome::Frame;
        if (fds[1].revents != 0) {  // left over from a request that had been stopped earlier
            std::uint64_t count = 0;
            [[maybe_unused]] const auto drained = read(m_wakeup, &count, sizeof count);
        }
        if (std::chrono::steady_clock::now() >= deadline) return Outcome::TimedOut;
    }
}

ChildProcess::Outcome ChildProcess::send(wire::FrameType type, std::string_view payload, Deadline deadline,
                                         const std::stop_token& stop) {
    if (m_socket < 0) return Outcome::Ended;
    const wire::FrameHead head{type, std::uint32_t(payload.size())};
    std::string bytes(reinterpret_cast<const char*>(&head), sizeof head);
    bytes.append(payload);
    for (std::string_view rest = bytes; !rest.empty();) {
        const auto sent = ::send(m_socket, rest.data(), rest.size(), MSG_NOSIGNAL);
        if (sent > 0) {
            rest.remove_prefix(std::size_t(sent));
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            const auto outcome = wait(POLLOUT, deadline, stop);
            if (outcome != Outcome::Frame) return outcome;
        } else if (errno != EINTR) {
            return Outcome::Ended;
        }
    }
    return Outcome::Frame;
}

ChildProcess::Outcome ChildProcess::readExactly(std::string& out, std::size_t bytes, Deadline deadline,
                                                const std::stop_token& stop) {
    out.clear();
    while (out.size() < bytes) {
        const auto outcome = wait(POLLIN, deadline, stop);
        if (outcome != Outcome::Frame) return outcome;
        const std::size_t have = out.size();
        out.resize(have + std::min(bytes - have, kReadStep));
        const auto got = recv(m_socket, out.data() + have, out.size() - have, 0);
        out.resize(have + std::size_t(std::max<ssize_t>(got, 0)));
        if (got == 0) return Outcome::Ended;
        if (got < 0 && errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK) return Outcome::Ended;
        if (std::chrono::steady_clock::now() >= deadline && out.size() < bytes) return Outcome::TimedOut;
    }
    return Outcome::Frame;
}

ChildProcess::Received ChildProcess::receive(Deadline deadline, const std::stop_token& stop) {
    Received frame;
    if (m_socket < 0) return frame;
    const std::stop_callback wake(stop, [fd = m_wakeup] {
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto written = write(fd, &one, sizeof one);
    });
    frame.outcome = readExactly(frame.payload, sizeof(wire::FrameHead), deadline, stop);
    if (frame.outcome != Outcome::Frame) return frame;
    wire::FrameHead head;
    std::memcpy(&head, frame.payload.data(), sizeof head);
    frame.type = head.type;
    if (!isFromWorker(head.type) || head.bytes > maxBytes(head.type)) {
        frame.outcome = Outcome::Nonsense;
        return frame;
    }
    frame.outcome = readExactly(frame.payload, head.bytes, deadline, stop);
    return frame;
}

ChildProcess::Outcome ChildProcess::exchange(std::string_view input, std::string& output, std::size_t most,
                                             Deadline deadline, const std::stop_token& stop) {
    output.clear();
    if (m_socket < 0) return Outcome::Nonsense;
    const std::stop_callback wake(stop, [fd = m_wakeup] {
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto written = write(fd, &one, sizeof one);
    });
    const Outcome outcome = talk(input, output, most, deadline, stop);
    return outcome == Outcome::Ended ? awaitEnd(deadline, stop) : outcome;
}

/// Until the child closes its output.
ChildProcess::Outcome ChildProcess::talk(std::string_view input, std::string& output, std::size_t most,
                                         Deadline deadline, const std::stop_token& stop) {
    bool sending = true;
    std::string step(kReadStep, '\0');
    while (std::chrono::steady_clock::now() < deadline) {
        if (sending && input.empty()) sending = false, shutdown(m_socket, SHUT_WR);
        const auto ready = wait(short(sending ? POLLIN | POLLOUT : POLLIN), deadline, stop);
        if (ready != Outcome::Frame) return ready;
        const auto sent = sending ? ::send(m_socket, input.data(), input.size(), MSG_NOSIGNAL) : 0;
        if (sent > 0) input.remove_prefix(std::size_t(sent));
        if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) input = {};  // it wants no more
        const auto got = recv(m_socket, step.data(), step.size(), 0);
        if (got == 0) return Outcome::Ended;
        if (got > 0) output.append(step.data(), std::size_t(got));
        if (got < 0 && errno == ECONNRESET) return Outcome::Ended;  // it ended without having read all
        if (output.size() > most) return Outcome::Nonsense;
    }
    return Outcome::TimedOut;
}

/// A child that closed its output may still be on its way out.
ChildProcess::Outcome ChildProcess::awaitEnd(Deadline deadline, const std::stop_token& stop) {
    constexpr auto kStep = std::chrono::milliseconds(2);
    int status = 0;
    for (pid_t ended = 0; (ended = waitpid(m_pid, &status, WNOHANG)) != m_pid; std::this_thread::sleep_for(kStep)) {
        if (ended < 0 && errno != EINTR) return Outcome::Nonsense;  // reaped elsewhere: nobody knows how it went
        if (stop.stop_requested()) return Outcome::Stopped;
        if (std::chrono::steady_clock::now() >= deadline) return Outcome::TimedOut;
    }
    kill(-m_pid, SIGKILL);  // what it left running
    m_pid = -1;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? Outcome::Ended : Outcome::Nonsense;
}

}  // namespace lectern
