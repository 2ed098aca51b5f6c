// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>

#include "engine/jinja/run.h"

namespace lectern::jinja {
namespace {

bool even(Run& run, const Value& value) {
    const Value rest = arithmetic(run, "%", value, std::int64_t(2));
    return run.ok() && rest.asReal() == 0;
}

struct Named {
    std::string_view name;
    bool (*holds)(Run& run, const Value& value, const Value& other);
    bool compares = false;  ///< needs `other`
};

using V = const Value&;

constexpr std::array kTests = {
    Named{"boolean", [](Run&, V v, V) { return v.boolean() != nullptr; }},
    Named{"defined", [](Run&, V v, V) { return !v.undefined(); }},
    Named{"divisibleby", [](Run& run, V v, V by) { return arithmetic(run, "%", v, by).asReal() == 0 && run.ok(); },
          true},
    Named{"eq", [](Run& run, V v, V other) { return compare(run, "==", v, other); }, true},
    Named{"equalto", [](Run& run, V v, V other) { return compare(run, "==", v, other); }, true},
    Named{"even", [](Run& run, V v, V) { return even(run, v); }},
    Named{"false", [](Run&, V v, V) { return v.boolean() != nullptr && !*v.boolean(); }},
    Named{"float", [](Run&, V v, V) { return v.real() != nullptr; }},
    Named{"ge", [](Run& run, V v, V other) { return compare(run, ">=", v, other); }, true},
    Named{"gt", [](Run& run, V v, V other) { return compare(run, ">", v, other); }, true},
    Named{"in", [](Run& run, V v, V other) { return compare(run, "in", v, other); }, true},
    Named{"integer", [](Run&, V v, V) { return v.integer() != nullptr; }},
    Named{"iterable",
          [](Run&, V v, V) {
              return v.text() != nullptr || v.list() != nullptr || v.dict() != nullptr || v.undefined();
          }},
    Named{"le", [](Run& run, V v, V other) { return compare(run, "<=", v, other); }, true},
    Named{"lt", [](Run& run, V v, V other) { return compare(run, "<", v, other); }, true},
    Named{"mapping", [](Run&, V v, V) { return v.dict() != nullptr; }},
    Named{"ne", [](Run& run, V v, V other) { return compare(run, "!=", v, other); }, true},
    Named{"none", [](Run&, V v, V) { return v.none(); }},
    Named{"number", [](Run&, V v, V) { return v.number(); }},
    Named{"odd", [](Run& run, V v, V) { return !even(run, v) && run.ok(); }},
    Named{"sequence", [](Run&, V v, V) { return v.text() != nullptr || v.list() != nullptr || v.dict() != nullptr; }},
    Named{"string", [](Run&, V v, V) { return v.text() != nullptr; }},
    Named{"true", [](Run&, V v, V) { return v.boolean() != nullptr && *v.boolean(); }},
    Named{"undefined", [](Run&, V v, V) { return v.undefined(); }},
};

/// The signs that `select` and its kin take for tests.
std::string_view spelledOut(std::string_view name) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kSigns = {
        {{"==", "eq"}, {"!=", "ne"}, {"<", "lt"}, {"<=", "le"}, {">", "gt"}, {">=", "ge"}}};
    for (const auto& [sign, word] : kSigns)
        if (sign == name) return word;
    return name;
}

}  // namespace

bool test(Run& run, const Call& call) {
    run.charge();
    const std::string_view name = spelledOut(call.name);
    const auto found = std::find_if(kTests.begin(), kTests.end(), [&](const Named& t) { return t.name == name; });
    if (found == kTests.end()) {
        run.fail("the test '" + std::string(call.name) + "' is not known.");
        return false;
    }
    if (call.args.size() != (found->compares ? 1U : 0U)) {
        run.fail("the test '" + std::string(call.name) + "' has the wrong number of arguments.");
        return false;
    }
    return found->holds(run, call.on, found->compares ? call.args[0] : Value());
}

}  // namespace lectern::jinja
