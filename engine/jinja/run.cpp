// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/jinja/run.h"

#include <algorithm>
#include <cmath>

#include "engine/text/utf8.h"

namespace lectern::jinja {
namespace {

constexpr std::size_t kMostWork = 1'000'000;
constexpr std::size_t kBytesOfAStep = 256;

Value wrongTypes(Run& run, std::string_view sign, const Value& a, const Value& b) {
    return run.fail("'" + std::string(sign) + "' does not take " + a.typeName() + " and " + b.typeName() + ".");
}

/// Whole numbers, as Python rounds: towards minus infinity.
Value wholeArithmetic(Run& run, std::string_view sign, std::int64_t a, std::int64_t b) {
    std::int64_t result = 0;
    bool overflow = false;
    if (sign == "+") overflow = __builtin_add_overflow(a, b, &result);
    if (sign == "-") overflow = __builtin_sub_overflow(a, b, &result);
    if (sign == "*") overflow = __builtin_mul_overflow(a, b, &result);
    if (sign == "/" || sign == "//" || sign == "%") {
        if (b == 0) return run.fail("a division by zero.");
        if (sign == "/") return double(a) / double(b);
        if (b == -1) return sign == "%" ? Value(std::int64_t(0)) : wholeArithmetic(run, "-", 0, a);
        const std::int64_t rest = a % b, down = rest != 0 && (rest < 0) != (b < 0) ? 1 : 0;
        result = sign == "//" ? a / b - down : rest + (down != 0 ? b : 0);
    }
    return overflow ? run.fail("a number is too large.") : Value(result);
}

Value realArithmetic(Run& run, std::string_view sign, double a, double b) {
    if (sign == "+") return a + b;
    if (sign == "-") return a - b;
    if (sign == "*") return a * b;
    if (b == 0) return run.fail("a division by zero.");
    if (sign == "/") return a / b;
    if (sign == "//") return std::floor(a / b);
    return a - std::floor(a / b) * b;
}

bool contains(Run& run, const Value& container, const Value& item) {
    if (container.text() != nullptr) {
        run.charge(container.text()->size());
        if (item.text() != nullptr) return container.text()->find(*item.text()) != std::string::npos;
        run.fail(std::string("'in' a text does not take ") + item.typeName() + ".");
        return false;
    }
    if (container.dict() != nullptr) return item.text() != nullptr && container.dict()->find(*item.text()) != nullptr;
    const List all = elements(run, container);
    return std::any_of(all.begin(), all.end(), [&](const Value& element) { return compare(run, "==", element, item); });
}

Value listMember(const List& list, std::int64_t index) {
    const auto size = std::int64_t(list.size());
    if (index < 0) index += size;
    return index >= 0 && index < size ? list[std::size_t(index)] : Value();
}

Value characterOf(std::string_view text, std::int64_t index) {
    if (index < 0) index += characters(text);
    if (index < 0) return {};
    text.remove_prefix(characterPlace(text, index));
    return text.empty() ? Value() : Value(std::string(text.substr(0, utf8Step(text))));
}

}  // namespace

Value Run::fail(const std::string& sentence) {
    if (m_status) m_status = Error{ErrorCode::BadInput, "line " + std::to_string(line) + ": " + sentence};
    return {};
}

void Run::charge(std::size_t bytes) {
    m_work += 1 + bytes / kBytesOfAStep;
    if (m_work > kMostWork) fail("the template does more than any prompt needs.");
}

const Value* Call::find(std::size_t index, std::string_view keyword) const {
    if (index < args.size()) return &args[index];
    for (const auto& [key, value] : keywords)
        if (key == keyword) return &value;
    return nullptr;
}

List elements(Run& run, const Value& value) {
    List out;
    if (value.list() != nullptr) out = *value.list();
    if (value.dict() != nullptr)
        for (const auto& [key, element] : value.dict()->entries) out.emplace_back(key);
    if (value.text() != nullptr)
        for (std::string_view left = *value.text(); !left.empty() && run.ok(); left.remove_prefix(utf8Step(left)))
            out.emplace_back(std::string(left.substr(0, utf8Step(left)))), run.charge();
    if (value.number() || value.none() || value.macro() != nullptr)
        run.fail(std::string(value.typeName()) + " has no elements to go through.");
    run.charge(out.size() * sizeof(Value));
    return out;
}

Value member(Run& run, const Value& value, const Value& key) {
    if (value.undefined()) return run.fail("what a member is asked of is undefined.");
    if (value.dict() != nullptr) {
        const Value* found = key.text() != nullptr ? value.dict()->find(*key.text()) : nullptr;
        return found != nullptr ? *found : Value();
    }
    if (!key.whole()) return {};
    if (value.list() != nullptr) return listMember(*value.list(), key.asInteger());
    if (value.text() == nullptr) return {};
    run.charge(value.text()->size());
    return characterOf(*value.text(), key.asInteger());
}

Value arithmetic(Run& run, std::string_view sign, const Value& a, const Value& b) {
    if (sign == "~") {
        run.charge(a.size() + b.size());
        return run.ok() ? Value(a.str() + b.str()) : Value();
    }
    if (a.whole() && b.whole()) return wholeArithmetic(run, sign, a.asInteger(), b.asInteger());
    if (a.number() && b.number()) return realArithmetic(run, sign, a.asReal(), b.asReal());
    if (sign != "+") return wrongTypes(run, sign, a, b);
    if (a.text() != nullptr && b.text() != nullptr) {
        run.charge(a.text()->size() + b.text()->size());
        return run.ok() ? Value(*a.text() + *b.text()) : Value();
    }
    if (a.list() == nullptr || b.list() == nullptr) return wrongTypes(run, sign, a, b);
    run.charge((a.list()->size() + b.list()->size()) * sizeof(Value));
    if (!run.ok()) return {};
    List both = *a.list();
    both.insert(both.end(), b.list()->begin(), b.list()->end());
    return both;
}

bool less(Run& run, const Value& a, const Value& b) {
    if (a.whole() && b.whole()) return a.asInteger() < b.asInteger();
    if (a.number() && b.number()) return a.asReal() < b.asReal();
    if (a.text() != nullptr && b.text() != nullptr) return *a.text() < *b.text();
    wrongTypes(run, "<", a, b);
    return false;
}

bool compare(Run& run, std::string_view sign, const Value& a, const Value& b) {
    run.charge(std::min(a.size(), b.size()));
    if (!run.ok()) return false;
    if (sign == "==") return equal(a, b);
    if (sign == "!=") return !equal(a, b);
    if (sign == "in") return contains(run, b, a);
    if (sign == "not in") return !contains(run, b, a);
    if (sign == "<") return less(run, a, b);
    if (sign == ">") return less(run, b, a);
    return sign == "<=" ? !less(run, b, a) : !less(run, a, b);
}

}  // namespace lectern::jinja
