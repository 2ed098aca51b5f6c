// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/jinja/value.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "engine/text/utf8.h"

namespace lectern::jinja {

const Value* Dict::find(std::string_view key) const {
    for (const auto& [name, value] : entries)
        if (name == key) return &value;
    return nullptr;
}

void Dict::set(std::string key, Value value) {
    for (auto& [name, old] : entries) {
        if (name != key) continue;
        old = std::move(value);
        return;
    }
    entries.emplace_back(std::move(key), std::move(value));
}

Value::Value(std::string value) : m_size(kElement + value.size()) {
    m_data = std::make_shared<const std::string>(std::move(value));
}

Value::Value(List value) {
    for (const Value& element : value) m_depth = std::max(m_depth, element.depth()), m_size += element.size();
    ++m_depth;
    m_data = std::make_shared<List>(std::move(value));
}

Value::Value(Dict value) {
    for (const auto& [key, element] : value.entries) {
        m_depth = std::max(m_depth, element.depth());
        if (!value.shared) m_size += kElement + key.size() + element.size();
    }
    m_depth = value.shared ? kEndless : m_depth + 1;
    m_data = std::make_shared<Dict>(std::move(value));
}

std::int64_t Value::asInteger() const {
    if (integer() != nullptr) return *integer();
    return boolean() != nullptr && *boolean() ? 1 : 0;
}

double Value::asReal() const {
    return real() != nullptr ? *real() : double(asInteger());
}

bool Value::truthy() const {
    if (number()) return asReal() != 0;
    if (text() != nullptr) return !text()->empty();
    if (list() != nullptr) return !list()->empty();
    if (dict() != nullptr) return dict()->shared || !dict()->entries.empty();
    return macro() != nullptr;
}

const char* Value::typeName() const {
    constexpr std::array kNames = {"undefined", "NoneType", "bool", "int", "float", "str", "list", "dict", "macro"};
    return kNames[m_data.index()];
}

namespace {

/// Python's repr() of a float: the shortest digits that read back, with ".0" or an exponent of two digits at least.
std::string realText(double value) {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
    char digits[40];
    const double size = std::fabs(value);
    const bool plain = size == 0 || (size >= 1e-4 && size < 1e16);
    const auto end = std::to_chars(digits, digits + sizeof digits, value,
                                   plain ? std::chars_format::fixed : std::chars_format::scientific);
    std::string text(digits, end.ptr);
    return plain && text.find('.') == std::string::npos ? text + ".0" : text;
}

std::string quoted(const std::string& text) {
    const char quote = text.find('\'') != std::string::npos && text.find('"') == std::string::npos ? '"' : '\'';
    std::string out(1, quote);
    for (const char c : text) {
        if (c == quote || c == '\\') out += '\\';
        if (c == '\n')
            out += "\\n";
        else if (c == '\r')
            out += "\\r";
        else if (c == '\t')
            out += "\\t";
        else
            out += c;
    }
    return out + quote;
}

std::string jsonText(const std::string& text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        constexpr std::string_view kNamed = "\"\\\n\r\t\b\f", kLetters = "\"\\nrtbf";
        if (const auto at = kNamed.find(c); at != std::string_view::npos)
            (out += '\\') += kLetters[at];
        else if (byte < 0x20)
            ((out += "\\u00") += kHex[byte >> 4]) += kHex[byte & 15];
        else
            out += c;
    }
    return out + '"';
}

void addJson(const Value& value, int indent, int depth, std::string& out) {
    const auto line = [&](int levels) {
        if (indent >= 0) out += "\n" + std::string(std::size_t(indent) * std::size_t(levels), ' ');
    };
    const char* comma = indent >= 0 ? "," : ", ";
    bool first = true;
    const auto item = [&] {
        if (!first) out += comma;
        first = false;
        line(depth + 1);
    };
    if (const List* list = value.list()) {
        out += '[';
        for (const Value& element : *list) item(), addJson(element, indent, depth + 1, out);
        if (!list->empty()) line(depth);
        out += ']';
    } else if (const Dict* dict = value.dict()) {
        out += '{';
        for (const auto& [key, element] : dict->entries)
            item(), out += jsonText(key) + ": ", addJson(element, indent, depth + 1, out);
        if (!dict->entries.empty()) line(depth);
        out += '}';
    } else if (value.text() != nullptr) {
        out += jsonText(*value.text());
    } else if (value.boolean() != nullptr) {
        out += *value.boolean() ? "true" : "false";
    } else {
        out += value.none() ? "null" : value.str();
    }
}

/// Whether Python's str.isspace() is true of the character.
bool isSpace(std::string_view character) {
    if (character.size() == 1) {
        const char c = character[0];
        return c == ' ' || (c >= '\t' && c <= '\r') || (c >= '\x1c' && c <= '\x1f');
    }
    constexpr std::array<std::string_view, 19> kSpaces = {
        "\u0085", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006",
        "\u2007", "\u2008", "\u2009", "\u200a", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"};
    return std::find(kSpaces.begin(), kSpaces.end(), character) != kSpaces.end();
}

/// The last character of a text that is not empty.
std::string_view lastCharacter(std::string_view text) {
    for (std::size_t size = std::min<std::size_t>(4, text.size()); size > 1; --size) {
        const std::string_view end = text.substr(text.size() - size);
        if (utf8Length(end) == int(size)) return end;
    }
    return text.substr(text.size() - 1);
}

}  // namespace

void Value::addRepr(std::string& out) const {
    bool first = true;
    const auto item = [&]() -> std::string& {
        if (!std::exchange(first, false)) out += ", ";
        return out;
    };
    if (text() != nullptr) {
        out += quoted(*text());
    } else if (list() != nullptr) {
        out += '[';
        for (const Value& element : *list()) element.addRepr(item());
        out += ']';
    } else if (dict() != nullptr) {
        out += '{';
        for (const auto& [key, element] : dict()->entries) element.addRepr((item() += quoted(key)) += ": ");
        out += '}';
    } else {
        out += str();
    }
}

std::string Value::repr() const {
    std::string out;
    addRepr(out);
    return out;
}

std::string Value::str() const {
    if (text() != nullptr) return *text();
    if (boolean() != nullptr) return *boolean() ? "True" : "False";
    if (integer() != nullptr) return std::to_string(*integer());
    if (real() != nullptr) return realText(*real());
    if (none()) return "None";
    return undefined() || macro() != nullptr ? "" : repr();
}

bool equal(const Value& a, const Value& b) {
    if (a.whole() && b.whole()) return a.asInteger() == b.asInteger();
    if (a.number() && b.number()) return a.asReal() == b.asReal();
    if (a.text() != nullptr && b.text() != nullptr) return *a.text() == *b.text();
    if (a.list() != nullptr && b.list() != nullptr)
        return std::equal(a.list()->begin(), a.list()->end(), b.list()->begin(), b.list()->end(), equal);
    if (a.dict() != nullptr && b.dict() != nullptr) {
        const auto& entries = a.dict()->entries;
        return entries.size() == b.dict()->entries.size() &&
               std::all_of(entries.begin(), entries.end(), [&](const auto& entry) {
                   const Value* other = b.dict()->find(entry.first);
                   return other != nullptr && equal(entry.second, *other);
               });
    }
    return (a.none() && b.none()) || (a.undefined() && b.undefined());
}

std::string toJson(const Value& value, int indent) {
    std::string out;
    addJson(value, indent, 0, out);
    return out;
}

std::int64_t characters(std::string_view text) {
    std::int64_t count = 0;
    for (; !text.empty(); ++count) text.remove_prefix(utf8Step(text));
    return count;
}

std::size_t characterPlace(std::string_view text, std::int64_t index) {
    std::size_t place = 0;
    for (; index > 0 && place < text.size(); --index) place += utf8Step(text.substr(place));
    return place;
}

std::string_view strip(std::string_view text, bool front, bool back, std::string_view set) {
    const auto drops = [&](std::string_view character) {
        return set.empty() ? isSpace(character) : set.find(character) != std::string_view::npos;
    };
    while (front && !text.empty() && drops(text.substr(0, utf8Step(text)))) text.remove_prefix(utf8Step(text));
    while (back && !text.empty() && drops(lastCharacter(text))) text.remove_suffix(lastCharacter(text).size());
    return text;
}

}  // namespace lectern::jinja
