// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <functional>
#include <stop_token>
#include <streambuf>

namespace lectern::cli {

/// Writes to a file descriptor and remembers why a write failed, which std::cout forgets. One thread at a time.
class FdStreamBuf final : public std::streambuf {
public:
    /// `on_error` is called once, at the first failure: whoever works for this reader can stop.
    FdStreamBuf(int fd, std::function<void()> on_error);
    ~FdStreamBuf() override { FdStreamBuf::sync(); }

    int error() const { return m_error; }  ///< errno of the failed write, or 0

protected:
    int_type overflow(int_type character) override;
    int sync() override;

private:
    int m_fd;
    int m_error = 0;
    std::function<void()> m_on_error;
    std::array<char, 8192> m_buffer;
};

/// Reads from a file descriptor; a stop request while it waits ends the input. One thread at a time.
class FdInputBuf final : public std::streambuf {
public:
    FdInputBuf(int fd, std::stop_token stop) : m_fd(fd), m_stop(std::move(stop)) {}

protected:
    int_type underflow() override;

private:
    int m_fd;
    std::stop_token m_stop;
    std::array<char, 8192> m_buffer;
};

}  // namespace lectern::cli
