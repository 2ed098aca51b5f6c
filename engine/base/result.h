// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cassert>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace lectern {

/// What kind of failure it was. The command line maps it to its exit status (app/cli/exit_status.h).
enum class ErrorCode {
    Failed,       ///< went wrong while working
    Usage,        ///< the request itself makes no sense
    BadInput,     ///< an input file is unreadable or not what it claims to be
    NoRoom,       ///< would not fit the memory, disk or context limit; said before work starts where it can be
    Damaged,      ///< stored session data fails its checksum or its schema
    WrongModel,   ///< the session was made by another model, tokenizer or layout
    Busy,         ///< another process has the session open
    Interrupted,  ///< the caller's stop token was triggered; what was done is kept
};

/// What stood in the way, where people meet it often enough to be told in their own language.
enum class Obstacle : std::uint8_t {
    Unnamed,        ///< only the sentence says it
    DiskFull,       ///< names: the file
    ReadOnly,       ///< names: the file
    NewerVersion,   ///< names: the session
    NoSession,      ///< names: the file, which is something else
    DamagedFile,    ///< names: the session
    OpenElsewhere,  ///< names: the session
    NoModel,        ///< names: the model asked for
    BadModel,       ///< names: the model's file or folder
    LostModel,      ///< names: the model, the session that it made
    OtherModel,     ///< names: the session, its model, the one it was opened with
    Memory,         ///< numbers: tokens to read, bytes they need, bytes free
    Disk,           ///< numbers: the same
    DeviceMemory,   ///< names: the device; numbers: bytes needed, bytes free
};

/// What an error's sentence says, for those who say it in other words.
struct ErrorParts {
    Obstacle obstacle = Obstacle::Unnamed;
    std::vector<std::string> names = {};
    std::vector<std::uint64_t> numbers = {};
};

/// An expected failure. `message` is one clear sentence that names the object and says what to do.
struct Error {
    ErrorCode code = ErrorCode::Failed;
    std::string message;
    ErrorParts parts = {};
};

/// A value or an Error, spelled like std::expected (C++23), which the supported compilers lack.
/// Value type, not thread safe. Reading the side that is absent is our bug and asserts.
template <typename T>
class [[nodiscard]] Result {
public:
    Result(T value) : m_state(std::in_place_index<0>, std::move(value)) {}      // NOLINT(google-explicit-constructor)
    Result(Error error) : m_state(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)
    template <typename U>
    requires(std::is_convertible_v<U, T> && !std::is_same_v<std::remove_cvref_t<U>, T> &&
             !std::is_same_v<std::remove_cvref_t<U>, Error> && !std::is_same_v<std::remove_cvref_t<U>, Result>)
        Result(U&& value)  // NOLINT(bugprone-forwarding-reference-overload): Result itself is excluded above
        : m_state(std::in_place_index<0>, std::forward<U>(value)) {}  // NOLINT

    bool has_value() const { return m_state.index() == 0; }
    explicit operator bool() const { return has_value(); }

    T& value() & { return assert(has_value()), *std::get_if<0>(&m_state); }
    const T& value() const& { return assert(has_value()), *std::get_if<0>(&m_state); }
    T&& value() && { return assert(has_value()), std::move(*std::get_if<0>(&m_state)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    Error& error() & { return assert(!has_value()), *std::get_if<1>(&m_state); }
    const Error& error() const& { return assert(!has_value()), *std::get_if<1>(&m_state); }
    Error&& error() && { return assert(!has_value()), std::move(*std::get_if<1>(&m_state)); }

private:
    std::variant<T, Error> m_state;
};

/// Success, or an Error: Result of an operation that yields nothing.
template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : m_error(std::move(error)) {}  // NOLINT(google-explicit-constructor)

    bool has_value() const { return !m_error.has_value(); }
    explicit operator bool() const { return has_value(); }
    Error& error() & { return assert(m_error), *m_error; }
    const Error& error() const& { return assert(m_error), *m_error; }
    Error&& error() && { return assert(m_error), std::move(*m_error); }

private:
    std::optional<Error> m_error;
};

using Status = Result<void>;

}  // namespace lectern
