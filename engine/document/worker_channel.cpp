// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/document/worker_channel.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace lectern::worker {
namespace {

bool readAll(int fd, char* to, std::size_t bytes) {
    while (bytes > 0) {
        const auto got = read(fd, to, bytes);
        if (got == 0 || (got < 0 && errno != EINTR)) return false;
        if (got < 0) continue;
        to += got;
        bytes -= std::size_t(got);
    }
    return true;
}

bool writeAll(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto put = write(fd, bytes.data(), bytes.size());
        if (put < 0 && errno != EINTR) return false;
        if (put > 0) bytes.remove_prefix(std::size_t(put));
    }
    return true;
}

}  // namespace

bool Channel::receive(Command& command) {
    wire::FrameHead head;
    if (!readAll(m_input, reinterpret_cast<char*>(&head), sizeof head) || head.bytes > wire::kMaxSmallBytes)
        return false;
    command.type = head.type;
    command.payload.resize(head.bytes);
    return readAll(m_input, command.payload.data(), head.bytes);
}

bool Channel::send(wire::FrameType type, std::string_view payload) {
    const wire::FrameHead head{type, std::uint32_t(payload.size())};
    return writeAll(m_output, {reinterpret_cast<const char*>(&head), sizeof head}) && writeAll(m_output, payload);
}

}  // namespace lectern::worker
