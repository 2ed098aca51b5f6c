// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "engine/jinja/run.h"

namespace lectern::jinja {
namespace {

std::string textOf(const Call& call, std::size_t index, std::string_view keyword, std::string_view fallback) {
    const Value* found = call.find(index, keyword);
    return found != nullptr ? found->str() : std::string(fallback);
}

bool flagOf(const Call& call, std::size_t index, std::string_view keyword) {
    const Value* found = call.find(index, keyword);
    return found != nullptr && found->truthy();
}

/// The value at a path of names: "function.name".
Value attribute(Run& run, Value value, std::string_view path) {
    run.charge(path.size());
    while (run.ok() && !value.undefined()) {
        const auto dot = path.find('.');
        value = member(run, value, Value(std::string(path.substr(0, dot))));
        if (dot == std::string_view::npos) break;
        path.remove_prefix(dot + 1);
    }
    return value;
}

/// A method of texts under the same name, or the name of one that trims.
Value asMethod(Run& run, const Call& call, std::string_view name) {
    Call other = call;
    other.name = name;
    other.on = call.on.str();
    return method(run, other);
}

Value lengthOf(Run& run, const Call& call) {
    if (call.on.list() != nullptr) return std::int64_t(call.on.list()->size());
    if (call.on.dict() != nullptr) return std::int64_t(call.on.dict()->entries.size());
    run.charge(call.on.text() != nullptr ? call.on.size() : 0);
    if (call.on.text() != nullptr) return characters(*call.on.text());
    if (call.on.undefined()) return std::int64_t(0);
    return run.fail(std::string(call.on.typeName()) + " has no length.");
}

Value join(Run& run, const Call& call) {
    const std::string between = textOf(call, 0, "d", "");
    const Value* path = call.find(1, "attribute");
    std::string out;
    bool first = true;
    for (const Value& element : elements(run, call.on)) {
        const Value joined = path != nullptr ? attribute(run, element, path->str()) : element;
        run.charge(between.size() + joined.size());
        if (!run.ok()) break;
        if (!first) out += between;
        first = false;
        out += joined.str();
    }
    return out;
}

Value indent(Run& run, const Call& call) {
    const Value* width = call.find(0, "width");
    const bool first = flagOf(call, 1, "first"), blank = flagOf(call, 2, "blank");
    if (width != nullptr && width->whole() && (width->asInteger() < 0 || width->asInteger() > 1000))
        return run.fail("'indent' takes 0 to 1000 spaces.");
    const std::string space = width != nullptr && !width->whole()
                                  ? width->str()
                                  : std::string(width != nullptr ? std::size_t(width->asInteger()) : 4, ' ');
    const std::string text = call.on.str();
    std::string out;
    for (std::size_t begin = 0, line = 0; begin <= text.size() && run.ok(); ++line) {
        const auto end = std::min(text.find('\n', begin), text.size());
        if (line > 0) out += '\n';
        if ((line > 0 || first) && (blank || end > begin || (line == 0 && first))) out += space;
        out.append(text, begin, end - begin);
        run.charge(space.size() + end - begin);
        begin = end + 1;
    }
    return out;
}

/// select, reject, selectattr, rejectattr.
Value choose(Run& run, const Call& call) {
    if (!call.on.truthy()) return List();  // none and undefined too
    const bool by_attribute = call.name.ends_with("attr"), keeps = call.name.starts_with("select");
    const std::size_t skip = by_attribute ? 1 : 0;
    if (by_attribute && call.args.empty()) return run.fail("'" + std::string(call.name) + "' needs a name.");
    List out;
    for (const Value& element : elements(run, call.on)) {
        if (!run.ok()) break;
        const Value tested = by_attribute ? attribute(run, element, call.args[0].str()) : element;
        bool holds = tested.truthy();
        if (call.args.size() > skip) {
            const std::string name = call.args[skip].str();
            holds = test(run, {name, tested, List(call.args.begin() + std::ptrdiff_t(skip) + 1, call.args.end()), {}});
        }
        if (holds == keeps) out.push_back(element);
        run.charge();
    }
    return out;
}

Value map(Run& run, const Call& call) {
    if (!call.on.truthy()) return List();
    const Value* path = call.args.empty() ? call.find(0, "attribute") : nullptr;
    if (path == nullptr && call.args.empty()) return run.fail("'map' needs a filter or an attribute.");
    const Value* fallback = call.find(call.args.size(), "default");
    List out;
    for (const Value& element : elements(run, call.on)) {
        if (!run.ok()) break;
        if (path != nullptr) {
            out.push_back(attribute(run, element, path->str()));
            if (out.back().undefined() && fallback != nullptr) out.back() = *fallback;
        } else {
            const std::string name = call.args[0].str();
            out.push_back(filter(run, {name, element, List(call.args.begin() + 1, call.args.end()), call.keywords}));
        }
        run.charge();
    }
    return out;
}

/// By what sort and unique compare: the value or its attribute, texts in small letters unless `cased`.
Value sortKey(Run& run, const Value& value, bool cased, const Value* path) {
    const Value found = path != nullptr ? attribute(run, value, path->str()) : value;
    return found.text() != nullptr && !cased ? asMethod(run, {{}, found, {}, {}}, "lower") : found;
}

Value sorted(Run& run, const Call& call) {
    List all = elements(run, call.on);
    const Value* path = call.find(2, "attribute");
    const bool down = flagOf(call, 0, "reverse"), cased = flagOf(call, 1, "case_sensitive");
    const auto key = [&](const Value& value) { return sortKey(run, value, cased, path); };
    std::stable_sort(all.begin(), all.end(), [&](const Value& a, const Value& b) {
        run.charge(64);
        return run.ok() && (down ? less(run, key(b), key(a)) : less(run, key(a), key(b)));
    });
    return all;
}

Value items(Run& run, const Call& call) {
    if (call.on.undefined()) return List();
    if (call.on.dict() == nullptr) return run.fail("'" + std::string(call.name) + "' needs a dict.");
    List out;
    for (const auto& [key, value] : call.on.dict()->entries) out.emplace_back(List{Value(key), value});
    run.charge(out.size() * sizeof(Value));
    return out;
}

Value unique(Run& run, const Call& call) {
    List out, keys;
    for (const Value& element : elements(run, call.on)) {
        if (!run.ok()) break;
        const Value key = sortKey(run, element, flagOf(call, 0, "case_sensitive"), call.find(1, "attribute"));
        if (std::any_of(keys.begin(), keys.end(), [&](const Value& seen) { return compare(run, "==", seen, key); }))
            continue;
        out.push_back(element);
        keys.push_back(key);
    }
    return out;
}

/// What `text` spells whole, or nothing.
std::optional<double> spelledNumber(std::string_view text) {
    double number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
    return number;
}

Value toNumber(Run& run, const Call& call) {
    const bool whole = call.name == "int";
    const Value* fallback = call.find(0, "default");
    std::optional<double> number;
    if (call.on.number()) {
        number = call.on.asReal();
    } else if (call.on.text() != nullptr) {
        run.charge(call.on.size());
        number = spelledNumber(strip(*call.on.text(), true, true));
    }
    if (number && whole && std::isfinite(*number)) return std::int64_t(std::clamp(*number, -9e18, 9e18));
    if (number && !whole) return *number;
    if (fallback != nullptr) return *fallback;
    return whole ? Value(std::int64_t(0)) : Value(0.0);
}

Value json(Run& run, const Call& call) {
    const Value* indent = call.find(0, "indent");
    for (const auto& [key, value] : call.keywords)
        if (key != "indent" && key != "ensure_ascii") return run.fail("'tojson' does not know '" + key + "'.");
    if (call.on.undefined()) return run.fail("'tojson' has nothing to write: its value is undefined.");
    const bool spaced = indent != nullptr && indent->whole();
    const int width = spaced ? int(std::clamp<std::int64_t>(indent->asInteger(), 0, 100)) : -1;
    const auto deepest = std::size_t(std::max(width, 0)) * std::size_t(std::min(call.on.depth(), Value::kEndless));
    run.charge(call.on.size() + call.on.size() / Value::kElement * deepest);
    return run.ok() ? Value(toJson(call.on, width)) : Value();
}

Value ends(Run& run, const Call& call) {
    const List all = elements(run, call.on);
    if (all.empty()) return {};
    return call.name == "first" ? all.front() : all.back();
}

Value reversed(Run& run, const Call& call) {
    List all = elements(run, call.on);
    std::reverse(all.begin(), all.end());
    if (call.on.text() == nullptr) return all;
    std::string out;
    for (const Value& character : all) out += character.str();
    return out;
}

Value orDefault(Run&, const Call& call) {
    const bool missing = call.on.undefined() || (flagOf(call, 1, "boolean") && !call.on.truthy());
    const Value* fallback = call.find(0, "default_value");
    return !missing ? call.on : fallback != nullptr ? *fallback : Value("");
}

Value absolute(Run& run, const Call& call) {
    if (call.on.whole()) return call.on.asInteger() < 0 ? arithmetic(run, "-", std::int64_t(0), call.on) : call.on;
    return call.on.real() != nullptr ? Value(std::fabs(*call.on.real())) : run.fail("'abs' needs a number.");
}

struct Named {
    std::string_view name;
    Value (*apply)(Run& run, const Call& call);
};

constexpr std::array kFilters = {
    Named{"abs", absolute},
    Named{"capitalize", [](Run& run, const Call& call) { return asMethod(run, call, "capitalize"); }},
    Named{"count", lengthOf},
    Named{"d", orDefault},
    Named{"default", orDefault},
    Named{"first", ends},
    Named{"float", toNumber},
    Named{"indent", indent},
    Named{"int", toNumber},
    Named{"items", items},
    Named{"join", join},
    Named{"last", ends},
    Named{"length", lengthOf},
    Named{"list", [](Run& run, const Call& call) { return Value(elements(run, call.on)); }},
    Named{"lower", [](Run& run, const Call& call) { return asMethod(run, call, "lower"); }},
    Named{"map", map},
    Named{"reject", choose},
    Named{"rejectattr", choose},
    Named{"replace", [](Run& run, const Call& call) { return asMethod(run, call, "replace"); }},
    Named{"reverse", reversed},
    Named{"safe", [](Run&, const Call& call) { return call.on; }},
    Named{"select", choose},
    Named{"selectattr", choose},
    Named{"sort", sorted},
    Named{"string", [](Run&, const Call& call) { return Value(call.on.str()); }},
    Named{"tojson", json},
    Named{"trim", [](Run& run, const Call& call) { return asMethod(run, call, "strip"); }},
    Named{"unique", unique},
    Named{"upper", [](Run& run, const Call& call) { return asMethod(run, call, "upper"); }},
};

}  // namespace

Value filter(Run& run, const Call& call) {
    run.charge();
    for (const Named& known : kFilters)
        if (known.name == call.name) return known.apply(run, call);
    return run.fail("the filter '" + std::string(call.name) + "' is not known.");
}

}  // namespace lectern::jinja
