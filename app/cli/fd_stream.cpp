// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/fd_stream.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace lectern::cli {

namespace {

constexpr int kPollMilliseconds = 100;

}  // namespace

FdStreamBuf::FdStreamBuf(int fd, std::function<void()> on_error) : m_fd(fd), m_on_error(std::move(on_error)) {
    setp(m_buffer.data(), m_buffer.data() + m_buffer.size());
}

FdStreamBuf::int_type FdStreamBuf::overflow(int_type character) {
    if (sync() != 0) return traits_type::eof();
    if (!traits_type::eq_int_type(character, traits_type::eof())) sputc(traits_type::to_char_type(character));
    return traits_type::not_eof(character);
}

int FdStreamBuf::sync() {
    const char* next = pbase();
    while (next != pptr() && m_error == 0) {
        const ssize_t written = write(m_fd, next, static_cast<std::size_t>(pptr() - next));
        if (written >= 0) {
            next += written;
        } else if (errno != EINTR) {
            m_error = errno;
            if (m_on_error) m_on_error();
        }
    }
    setp(m_buffer.data(), m_buffer.data() + m_buffer.size());
    return m_error == 0 ? 0 : -1;
}

FdInputBuf::int_type FdInputBuf::underflow() {
    while (!m_stop.stop_requested()) {
        pollfd waiting{m_fd, POLLIN, 0};
        if (poll(&waiting, 1, kPollMilliseconds) == 0) continue;
        const ssize_t count = read(m_fd, m_buffer.data(), m_buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        setg(m_buffer.data(), m_buffer.data(), m_buffer.data() + count);
        return traits_type::to_int_type(m_buffer[0]);
    }
    return traits_type::eof();
}

}  // namespace lectern::cli
