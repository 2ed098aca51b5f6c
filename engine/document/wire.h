// SPDX-License-Identifier: GPL-3.0-or-later
// Bytes between the application and the worker program; PROTOCOL.md has the tables. Everything little-endian.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace lectern::wire {

static_assert(std::endian::native == std::endian::little,
              "both ends run on one machine; big-endian ones are not built");

constexpr std::uint32_t kVersion = 1;

enum class FrameType : std::uint32_t {
    Read = 'R',     ///< to the worker: read a document
    Open = 'O',     ///< to the worker: open a PDF for rendering
    Draw = 'D',     ///< to the worker: render one page
    Header = 'H',   ///< from the worker: what the document is
    Page = 'P',     ///< one page
    Outline = 'L',  ///< the whole outline
    End = 'E',      ///< all pages were sent
    Ready = 'Y',    ///< the PDF is open for rendering
    Image = 'I',    ///< a rendered page
    Failure = 'F',  ///< why the command could not be done
};

struct FrameHead {
    FrameType type{};
    std::uint32_t bytes = 0;  ///< of the payload
};
static_assert(sizeof(FrameHead) == 8);

// The most that the application accepts; a worker that says more is lying.
constexpr std::uint32_t kMaxPageBytes = 64u << 20;
constexpr std::uint32_t kMaxOutlineBytes = 16u << 20;
constexpr std::uint32_t kMaxSmallBytes = 64u << 10;  ///< commands, headers, failures
constexpr std::uint32_t kMaxPages = 200'000;
constexpr std::uint32_t kMaxOutlineItems = 50'000;
constexpr std::uint32_t kMaxImagePixels = 64u << 20;
constexpr std::uint32_t kMaxImageSide = 20'000;

enum class FailureKind : std::uint8_t {
    CannotOpen = 1,  ///< detail: the system's reason
    Empty,           ///< no bytes
    Binary,          ///< detail: "PNG image (image/png)"
    Locked,          ///< needs a password
    WrongPassword,
    Damaged,  ///< detail: the parser's reason
    NoPages,
    TooLarge,    ///< detail: what is too large
    NoMemory,    ///< the worker's own limit
    BadRequest,  ///< our own mistake, or the page is not there
};
constexpr std::uint8_t kLastFailureKind = std::uint8_t(FailureKind::BadRequest);

/// Appends values to a payload.
class Writer {
public:
    template <typename T>
    requires std::is_arithmetic_v<T> Writer& put(T value) {
        m_bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
        return *this;
    }
    Writer& put(std::string_view text) {
        put(std::uint32_t(text.size()));
        m_bytes.append(text);
        return *this;
    }
    const std::string& bytes() const { return m_bytes; }
    std::string take() { return std::move(m_bytes); }

private:
    std::string m_bytes;
};

/// Takes values from a payload that may say anything. After the first value that is not there, ok() is false and all
/// further values are zero or empty.
class Reader {
public:
    explicit Reader(std::string_view bytes) : m_rest(bytes) {}

    template <typename T>
    T get() {
        static_assert(std::is_arithmetic_v<T>);
        T value{};
        if (m_rest.size() < sizeof value) return fail(), value;
        std::memcpy(&value, m_rest.data(), sizeof value);
        m_rest.remove_prefix(sizeof value);
        return value;
    }
    /// A view into the payload.
    std::string_view text() {
        const auto size = get<std::uint32_t>();
        if (m_rest.size() < size) return fail(), std::string_view();
        const auto value = m_rest.substr(0, size);
        m_rest.remove_prefix(size);
        return value;
    }
    std::size_t left() const { return m_rest.size(); }
    bool ok() const { return m_ok; }
    bool done() const { return m_ok && m_rest.empty(); }

private:
    void fail() {
        m_ok = false;
        m_rest = {};
    }
    std::string_view m_rest;
    bool m_ok = true;
};

}  // namespace lectern::wire
