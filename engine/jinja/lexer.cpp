// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/jinja/lexer.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace lectern::jinja {
namespace {

constexpr std::string_view kSpaces = " \t\n\r\v\f";

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}
bool isNameStart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/// Line ends as "\n", and none at the very end.
std::string normalized(std::string_view source) {
    std::string out;
    for (std::size_t i = 0; i < source.size(); ++i) {
        if (source[i] != '\r') {
            out += source[i];
        } else {
            out += '\n';
            if (i + 1 < source.size() && source[i + 1] == '\n') ++i;
        }
    }
    if (!out.empty() && out.back() == '\n') out.pop_back();
    return out;
}

void addUtf8(std::string& out, std::uint32_t code) {
    if (code < 0x80) {
        out += char(code);
    } else if (code < 0x800) {
        out += char(0xC0 | code >> 6);
        out += char(0x80 | (code & 63));
    } else if (code < 0x10000) {
        out += char(0xE0 | code >> 12);
        out += char(0x80 | (code >> 6 & 63));
        out += char(0x80 | (code & 63));
    } else {
        out += char(0xF0 | code >> 18);
        out += char(0x80 | (code >> 12 & 63));
        out += char(0x80 | (code >> 6 & 63));
        out += char(0x80 | (code & 63));
    }
}

class Lexer {
public:
    explicit Lexer(std::string source) : m_source(std::move(source)) {}
    Result<std::vector<Token>> run();

private:
    std::string_view left() const { return std::string_view(m_source).substr(m_at); }
    bool sees(std::string_view text) const { return left().starts_with(text); }
    Error bad(const std::string& sentence) const {
        return {ErrorCode::BadInput, "line " + std::to_string(m_line) + ": " + sentence};
    }
    void advance(std::size_t count) {
        m_line += int(
            std::count(m_source.begin() + std::ptrdiff_t(m_at), m_source.begin() + std::ptrdiff_t(m_at + count), '\n'));
        m_at += count;
    }
    void add(Token::Kind kind, std::string text = {}) { m_tokens.push_back({kind, std::move(text), m_line}); }

    void text(std::size_t end);
    Status comment();
    Status tag(bool block);
    bool tagEnds(bool block);
    void afterTag(char mark, bool trims);
    Status word();
    Status string();
    void escape(std::string& out);
    std::optional<std::uint32_t> hex(std::size_t digits);
    void number();
    Status sign();

    std::string m_source;
    std::size_t m_at = 0;
    int m_line = 1;
    bool m_line_starts = true;  ///< whether nothing but a line end stands before m_at
    std::vector<char> m_open;   ///< brackets inside the tag
    std::vector<Token> m_tokens;
};

Result<std::vector<Token>> Lexer::run() {
    while (m_at < m_source.size()) {
        std::size_t begin = m_at;
        const auto opens = [&](std::size_t at) {
            const char next = at + 1 < m_source.size() ? m_source[at + 1] : '\0';
            return m_source[at] == '{' && (next == '{' || next == '%' || next == '#');
        };
        while (begin < m_source.size() && !opens(begin)) ++begin;
        text(begin);
        if (m_at >= m_source.size()) break;
        const char kind = m_source[m_at + 1];
        auto done = kind == '#' ? comment() : tag(kind == '%');
        if (!done) return done.error();
    }
    add(Token::Kind::End);
    return std::move(m_tokens);
}

/// The text up to the tag at `end` (or the end of all), without what the tag strips.
void Lexer::text(std::size_t end) {
    std::string_view found = std::string_view(m_source).substr(m_at, end - m_at);
    const char kind = end + 1 < m_source.size() ? m_source[end + 1] : '\0';
    const char mark = end + 2 < m_source.size() ? m_source[end + 2] : '\0';
    if (end < m_source.size() && mark == '-') {
        found = found.substr(0, found.find_last_not_of(kSpaces) + 1);
    } else if (end < m_source.size() && kind != '{' && mark != '+') {
        const auto newline = found.rfind('\n');
        const std::size_t line = newline == std::string_view::npos ? 0 : newline + 1;
        const bool blank = found.substr(line).find_first_not_of(kSpaces) == std::string_view::npos;
        if (blank && (line > 0 || m_line_starts)) found = found.substr(0, line);
    }
    if (!found.empty()) add(Token::Kind::Text, std::string(found));
    advance(end - m_at);
}

/// What a tag's end takes along: "-" all whitespace, else the line end where tags of the kind `trims`.
void Lexer::afterTag(char mark, bool trims) {
    std::size_t count = 0;
    if (mark == '-')
        count = std::min(left().find_first_not_of(kSpaces), left().size());
    else if (mark != '+' && trims && sees("\n"))
        count = 1;
    m_line_starts = count > 0 && left()[count - 1] == '\n';
    advance(count);
}

Status Lexer::comment() {
    const auto end = m_source.find("#}", m_at + 2);
    if (end == std::string::npos) return bad("a comment has no end.");
    const char mark = end > m_at + 2 ? m_source[end - 1] : '\0';
    advance(end + 2 - m_at);
    afterTag(mark, true);
    return {};
}

Status Lexer::tag(bool block) {
    add(block ? Token::Kind::BlockBegin : Token::Kind::OutputBegin);
    advance(2);
    if (sees("-") || (block && sees("+"))) advance(1);
    m_open.clear();
    for (;;) {
        advance(std::min(left().find_first_not_of(kSpaces), left().size()));
        if (left().empty()) return bad("a tag has no end.");
        if (m_open.empty() && tagEnds(block)) return {};
        if (auto done = word(); !done) return done;
    }
}

bool Lexer::tagEnds(bool block) {
    const std::string_view close = block ? "%}" : "}}";
    const char mark = left().front();
    const bool marked = (mark == '-' || (block && mark == '+')) && left().substr(1).starts_with(close);
    if (!marked && !sees(close)) return false;
    add(Token::Kind::TagEnd);
    advance(close.size() + (marked ? 1 : 0));
    afterTag(marked ? mark : '\0', block);
    return true;
}

Status Lexer::word() {
    const char first = left().front();
    if (first == '"' || first == '\'') return string();
    if (isDigit(first)) return number(), Status{};
    if (!isNameStart(first)) return sign();
    std::size_t size = 1;
    while (size < left().size() && (isNameStart(left()[size]) || isDigit(left()[size]))) ++size;
    add(Token::Kind::Name, std::string(left().substr(0, size)));
    advance(size);
    return {};
}

Status Lexer::string() {
    const char quote = left().front();
    const int line = m_line;
    std::string out;
    advance(1);
    while (!left().empty() && left().front() != quote) {
        if (left().front() == '\\' && left().size() > 1) {
            escape(out);
        } else {
            out += left().front();
            advance(1);
        }
    }
    if (left().empty()) return Error{ErrorCode::BadInput, "line " + std::to_string(line) + ": a text has no end."};
    advance(1);
    add(Token::Kind::String, std::move(out));
    return {};
}

/// A backslash and what follows, as Python reads it; unknown escapes stay as they are.
void Lexer::escape(std::string& out) {
    constexpr std::string_view kLetters = "ntrbfva\\'\"", kMeant = "\n\t\r\b\f\v\a\\'\"";
    const char letter = left()[1];
    if (const auto at = kLetters.find(letter); at != std::string_view::npos) {
        out += kMeant[at];
        advance(2);
    } else if (const auto code = letter == 'u' ? hex(4) : letter == 'x' ? hex(2) : std::nullopt) {
        addUtf8(out, *code);
        advance(letter == 'u' ? 6 : 4);
    } else if (letter == '\n') {
        advance(2);  // a line that goes on
    } else {
        out += '\\';
        advance(1);
    }
}

/// The number of `digits` hexadecimal digits after the escape's letter; nothing where they are not, or a surrogate.
std::optional<std::uint32_t> Lexer::hex(std::size_t digits) {
    if (left().size() < 2 + digits) return std::nullopt;
    std::uint32_t code = 0;
    for (const char c : left().substr(2, digits)) {
        const char lower = char(c | 0x20);
        if (!isDigit(c) && (lower < 'a' || lower > 'f')) return std::nullopt;
        code = code * 16 + std::uint32_t(isDigit(c) ? c - '0' : lower - 'a' + 10);
    }
    if (code >= 0xD800 && code < 0xE000) return std::nullopt;
    return code;
}

void Lexer::number() {
    std::size_t size = 0;
    while (size < left().size() && isDigit(left()[size])) ++size;
    const bool real = size + 1 < left().size() && left()[size] == '.' && isDigit(left()[size + 1]);
    if (real)
        for (++size; size < left().size() && isDigit(left()[size]);) ++size;
    add(real ? Token::Kind::Real : Token::Kind::Integer, std::string(left().substr(0, size)));
    advance(size);
}

Status Lexer::sign() {
    constexpr std::array<std::string_view, 27> kSigns = {"==", "!=", "<=", ">=", "//", "**", "+", "-", "*",
                                                         "/",  "%",  "~",  "<",  ">",  "=",  "|", ".", ",",
                                                         ":",  "(",  ")",  "[",  "]",  "{",  "}", ";", "!"};
    const auto found = std::find_if(kSigns.begin(), kSigns.end(), [&](std::string_view s) { return sees(s); });
    if (found == kSigns.end()) return bad("'" + std::string(left().substr(0, 1)) + "' belongs to no expression.");
    const char c = found->front();
    if (c == '(' || c == '[' || c == '{') m_open.push_back(c);
    if (c == ')' || c == ']' || c == '}') {
        if (m_open.empty()) return bad("'" + std::string(*found) + "' closes nothing.");
        m_open.pop_back();
    }
    add(Token::Kind::Sign, std::string(*found));
    advance(found->size());
    return {};
}

}  // namespace

Result<std::vector<Token>> tokenize(std::string_view source) {
    return Lexer(normalized(source)).run();
}

}  // namespace lectern::jinja
