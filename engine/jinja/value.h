// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace lectern::jinja {

class Value;
struct Macro;

using List = std::vector<Value>;

/// A dict of texts to values in the order they were set. `shared`: a namespace(), which `set ns.x =` changes.
struct Dict {
    std::vector<std::pair<std::string, Value>> entries;
    bool shared = false;

    const Value* find(std::string_view key) const;  ///< null where it is absent
    void set(std::string key, Value value);
};

/// A value of a template, as Python has it. Copies share texts, lists and dicts; only a namespace ever changes.
class Value {
public:
    struct Undefined {};
    struct None {};

    Value() = default;  ///< undefined
    Value(None) : m_data(None{}) {}
    template <std::same_as<bool> Bool>
    Value(Bool value) : m_data(value) {}  ///< a bool only: no pointer turns into one
    Value(std::int64_t value) : m_data(value) {}
    Value(double value) : m_data(value) {}
    Value(std::string value);
    Value(const char* value) : Value(std::string(value)) {}
    Value(List value);
    Value(Dict value);
    Value(std::shared_ptr<const Macro> macro) : m_data(std::move(macro)) {}

    bool undefined() const { return holds<Undefined>(); }
    bool none() const { return holds<None>(); }
    const bool* boolean() const { return std::get_if<bool>(&m_data); }
    const std::int64_t* integer() const { return std::get_if<std::int64_t>(&m_data); }
    const double* real() const { return std::get_if<double>(&m_data); }
    const std::string* text() const { return pointer<std::shared_ptr<const std::string>>(); }
    const List* list() const { return pointer<std::shared_ptr<List>>(); }
    const Dict* dict() const { return pointer<std::shared_ptr<Dict>>(); }
    Dict* dict() { return const_cast<Dict*>(std::as_const(*this).dict()); }
    const Macro* macro() const { return pointer<std::shared_ptr<const Macro>>(); }

    bool number() const { return integer() != nullptr || real() != nullptr || boolean() != nullptr; }
    bool whole() const { return integer() != nullptr || boolean() != nullptr; }  ///< Python's int, bool too
    std::int64_t asInteger() const;                                              ///< of whole(); else 0
    double asReal() const;                                                       ///< of number(); else 0

    /// Lists and dicts within each other; a namespace counts as kEndless, so that nothing that holds one is shallow.
    int depth() const { return m_depth; }
    static constexpr int kEndless = 1000;
    /// Bytes of texts and kElement for each value, those within it too, as often as they are there; of a namespace
    /// none.
    std::size_t size() const { return m_size; }
    static constexpr std::size_t kElement = 16;

    bool truthy() const;
    const char* typeName() const;  ///< Python's: "str", "NoneType"
    std::string str() const;       ///< Python's str(); undefined: ""
    std::string repr() const;      ///< Python's repr()

private:
    template <class T>
    bool holds() const {
        return std::holds_alternative<T>(m_data);
    }
    template <class Pointer>
    auto pointer() const -> decltype(std::declval<const Pointer&>().get()) {
        const auto* held = std::get_if<Pointer>(&m_data);
        return held != nullptr ? held->get() : nullptr;
    }

    void addRepr(std::string& out) const;

    std::variant<Undefined, None, bool, std::int64_t, double, std::shared_ptr<const std::string>, std::shared_ptr<List>,
                 std::shared_ptr<Dict>, std::shared_ptr<const Macro>>
        m_data;
    int m_depth = 0;
    std::size_t m_size = kElement;
};

/// Python's ==.
bool equal(const Value& a, const Value& b);
/// Python's json.dumps(value, ensure_ascii=False, indent=indent); indent < 0: on one line.
std::string toJson(const Value& value, int indent);

/// Python counts characters, not bytes. Bytes that are no UTF-8 count as one each.
std::int64_t characters(std::string_view text);
/// Byte at which character `index` begins; the end of the text where it has fewer.
std::size_t characterPlace(std::string_view text, std::int64_t index);
/// `text` without the characters of `set` (empty: Python's whitespace) at its front and its back.
std::string_view strip(std::string_view text, bool front, bool back, std::string_view set = {});

}  // namespace lectern::jinja
