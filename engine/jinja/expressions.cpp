// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>

#include "engine/jinja/evaluator.h"
#include "engine/text/utf8.h"

namespace lectern::jinja {
namespace {

constexpr int kDepth = 64;                                ///< lists and dicts within each other
constexpr std::size_t kMostSize = std::size_t(16) << 20;  ///< of one value, what it holds counted as often as it does
constexpr std::int64_t kRange = 100'000;
constexpr std::size_t kLongestFormat = 1000;  ///< of strftime_now, in bytes

/// Python's bounds of [begin:end:step] over `size` elements: the indices in their order.
std::vector<std::size_t> sliced(std::int64_t size, const Value& begin, const Value& end, std::int64_t step) {
    const auto bound = [&](const Value& value, std::int64_t fallback) {
        if (!value.whole()) return fallback;
        const std::int64_t at = value.asInteger() < 0 ? value.asInteger() + size : value.asInteger();
        return step > 0 ? std::clamp<std::int64_t>(at, 0, size) : std::clamp<std::int64_t>(at, -1, size - 1);
    };
    const std::int64_t first = bound(begin, step > 0 ? 0 : size - 1), last = bound(end, step > 0 ? size : -1);
    std::vector<std::size_t> out;
    for (std::int64_t at = first; step > 0 ? at < last : at > last; at += step) out.push_back(std::size_t(at));
    return out;
}

/// The day that Llama's templates name where there is no clock: a session's frames must be tomorrow what they are now.
Value dateText(Run& run, const Call& call) {
    constexpr std::array<std::pair<char, std::string_view>, 14> kParts = {{{'Y', "2024"},
                                                                           {'y', "24"},
                                                                           {'m', "07"},
                                                                           {'B', "July"},
                                                                           {'b', "Jul"},
                                                                           {'d', "26"},
                                                                           {'e', "26"},
                                                                           {'A', "Friday"},
                                                                           {'a', "Fri"},
                                                                           {'j', "208"},
                                                                           {'H', "00"},
                                                                           {'M', "00"},
                                                                           {'S', "00"},
                                                                           {'%', "%"}}};
    const Value* format = call.find(0, "format");
    if (format == nullptr || format->text() == nullptr || format->text()->size() > kLongestFormat)
        return run.fail("'strftime_now' takes a format.");
    const std::string& text = *format->text();
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        const char letter = ++i < text.size() ? text[i] : ' ';
        const auto* part = std::find_if(kParts.begin(), kParts.end(), [&](const auto& p) { return p.first == letter; });
        if (part == kParts.end()) return run.fail("'strftime_now' does not know a part of its format.");
        out += part->second;
    }
    return out;
}

}  // namespace

Value Evaluator::evaluate(const Expr& expr) {
    m_run.charge();
    const Nested nested(*this, 1);
    Value value = m_run.ok() ? evaluated(expr) : Value();
    const bool built = value.list() != nullptr || (value.dict() != nullptr && !value.dict()->shared);
    if (built && value.depth() > kDepth) return m_run.fail("lists and dicts are nested too deeply.");
    if (value.size() > kMostSize) return m_run.fail("a value is larger than any prompt.");
    return m_run.ok() ? value : Value();
}

Value Evaluator::evaluated(const Expr& expr) {
    switch (expr.kind) {
        case Expr::Kind::Literal:
            return expr.value;
        case Expr::Kind::Name:
            return named(expr.name);
        case Expr::Kind::List:
            return listOf(expr);
        case Expr::Kind::Dict:
            return dictOf(expr);
        case Expr::Kind::Attribute:
            return member(m_run, evaluate(*expr.args[0]), expr.name);
        case Expr::Kind::Subscript: {
            const Value value = evaluate(*expr.args[0]);
            return member(m_run, value, evaluate(*expr.args[1]));
        }
        case Expr::Kind::Slice:
            return slice(expr);
        case Expr::Kind::Call:
            return call(expr);
        case Expr::Kind::Filter:
            return filter(m_run, callOf(expr, expr.name));
        case Expr::Kind::Test:
            return test(m_run, callOf(expr, expr.name));
        case Expr::Kind::Not:
            return !evaluate(*expr.args[0]).truthy();
        case Expr::Kind::Negate:
            return arithmetic(m_run, "-", std::int64_t(0), evaluate(*expr.args[0]));
        case Expr::Kind::Binary:
            return binary(expr);
        case Expr::Kind::Compare:
            return comparison(expr);
        case Expr::Kind::Choice:
            if (evaluate(*expr.args[0]).truthy()) return evaluate(*expr.args[1]);
            return expr.args[2] != nullptr ? evaluate(*expr.args[2]) : Value();
    }
    return {};
}

Value Evaluator::named(std::string_view name) {
    std::size_t names = 0;
    for (const Scope* scope = m_scope.get(); scope != nullptr; scope = scope->outer.get())
        names += scope->names.entries.size();
    m_run.charge(names);
    const Value* found = m_scope->find(name);
    return found != nullptr ? *found : Value();
}

Value Evaluator::listOf(const Expr& expr) {
    List list;
    for (const ExprPtr& element : expr.args) list.push_back(evaluate(*element));
    return list;
}

Value Evaluator::dictOf(const Expr& expr) {
    Dict dict;
    for (std::size_t i = 0; i + 1 < expr.args.size(); i += 2) {
        const Value key = evaluate(*expr.args[i]);
        if (key.text() == nullptr) return m_run.fail("the keys of a dict must be texts.");
        dict.set(*key.text(), evaluate(*expr.args[i + 1]));
    }
    return dict;
}

Value Evaluator::slice(const Expr& expr) {
    const Value value = evaluate(*expr.args[0]);
    Value bounds[3];
    for (std::size_t i = 0; i < 3; ++i)
        if (expr.args[i + 1] != nullptr) bounds[i] = evaluate(*expr.args[i + 1]);
    const std::int64_t step = bounds[2].whole() ? bounds[2].asInteger() : 1;
    if (step == 0 || step < -kRange || step > kRange) return m_run.fail("a slice cannot go in such steps.");
    if (value.list() == nullptr && value.text() == nullptr)
        return m_run.fail(std::string(value.typeName()) + " cannot be cut into slices.");
    const List all = elements(m_run, value);
    List chosen;
    for (const std::size_t at : sliced(std::int64_t(all.size()), bounds[0], bounds[1], step)) chosen.push_back(all[at]);
    if (value.list() != nullptr) return chosen;
    std::string text;
    for (const Value& character : chosen) text += *character.text();
    return text;
}

Value Evaluator::binary(const Expr& expr) {
    const Value left = evaluate(*expr.args[0]);
    if (expr.name == "and") return left.truthy() ? evaluate(*expr.args[1]) : left;
    if (expr.name == "or") return left.truthy() ? left : evaluate(*expr.args[1]);
    const Value right = evaluate(*expr.args[1]);
    return m_run.ok() ? arithmetic(m_run, expr.name, left, right) : Value();
}

Value Evaluator::comparison(const Expr& expr) {
    Value left = evaluate(*expr.args[0]);
    for (std::size_t i = 0; i < expr.signs.size() && m_run.ok(); ++i) {
        Value right = evaluate(*expr.args[i + 1]);
        if (!m_run.ok() || !compare(m_run, expr.signs[i], left, right)) return false;
        left = std::move(right);
    }
    return true;
}

/// The arguments behind args[0], which is the value called on (none for a call of a name).
Call Evaluator::callOf(const Expr& expr, std::string_view name) {
    Call call{name, {}, {}, {}};
    if (expr.kind != Expr::Kind::Call && expr.args[0] != nullptr) call.on = evaluate(*expr.args[0]);
    for (std::size_t i = 1; i < expr.args.size(); ++i) call.args.push_back(evaluate(*expr.args[i]));
    for (const auto& [keyword, value] : expr.keywords) call.keywords.emplace_back(keyword, evaluate(*value));
    return call;
}

Value Evaluator::call(const Expr& expr) {
    const Expr& what = *expr.args[0];
    Call call = callOf(expr, what.name);
    if (!m_run.ok()) return {};
    if (what.kind == Expr::Kind::Attribute) {
        call.on = evaluate(*what.args[0]);
        if (call.on.undefined()) return m_run.fail("what '" + what.name + "' is called on is undefined.");
        return m_run.ok() ? method(m_run, call) : Value();
    }
    if (what.kind != Expr::Kind::Name) return m_run.fail("only names and methods can be called.");
    const Value* found = m_scope->find(what.name);
    if (found == nullptr) return function(call);
    const Value callee = *found;
    if (callee.macro() == nullptr) return m_run.fail("'" + what.name + "' is no macro and cannot be called.");
    return callMacro(*callee.macro(), call);
}

Value Evaluator::function(const Call& call) {
    if (call.name == "namespace") return namespaceOf(call);
    if (call.name == "range") return range(call);
    if (call.name == "dict") {
        Dict dict;
        for (const auto& [key, value] : call.keywords) dict.set(key, value);
        return call.args.empty() ? Value(std::move(dict)) : m_run.fail("'dict' takes names and values only.");
    }
    if (call.name == "raise_exception") {
        const Value* said = call.find(0, "message");
        return m_run.fail("the template refuses: " + (said != nullptr ? said->str() : std::string()));
    }
    if (call.name == "strftime_now") return dateText(m_run, call);
    return m_run.fail("the function '" + std::string(call.name) + "' is not known.");
}

Value Evaluator::namespaceOf(const Call& call) {
    Dict dict;
    dict.shared = true;
    for (const auto& [key, value] : call.keywords) {
        if (value.depth() >= Value::kEndless) return m_run.fail("a namespace cannot hold another.");
        dict.set(key, value);
    }
    if (!call.args.empty()) return m_run.fail("'namespace' takes names and values only.");
    return dict;
}

Value Evaluator::range(const Call& call) {
    if (call.args.empty() || call.args.size() > 3 ||
        !std::all_of(call.args.begin(), call.args.end(),
                     [](const Value& v) { return v.whole() && v.asInteger() >= -kRange && v.asInteger() <= kRange; }))
        return m_run.fail("'range' takes one to three whole numbers up to 100,000.");
    const bool one = call.args.size() == 1;
    const std::int64_t first = one ? 0 : call.args[0].asInteger(), last = call.args[one ? 0 : 1].asInteger();
    const std::int64_t step = call.args.size() == 3 ? call.args[2].asInteger() : 1;
    if (step == 0) return m_run.fail("'range' cannot go in steps of 0.");
    List out;
    for (std::int64_t at = first; (step > 0 ? at < last : at > last) && m_run.ok(); at += step) {
        out.emplace_back(at);
        m_run.charge();
    }
    return out;
}

Value Evaluator::callMacro(const Macro& macro, const Call& call) {
    const auto around = macro.defined_in.lock();
    if (around == nullptr) return m_run.fail("a macro is called where its names are gone.");
    if (call.args.size() > macro.code->parameters.size())
        return m_run.fail("the macro '" + macro.code->name + "' is called with too much.");
    auto inside = std::make_shared<Scope>();
    inside->outer = around;
    const auto outer = std::exchange(m_scope, inside);
    std::size_t index = 0;
    for (const auto& [name, fallback] : macro.code->parameters) {
        const Value* given = call.find(index++, name);
        inside->names.set(name, given != nullptr ? *given : fallback != nullptr ? evaluate(*fallback) : Value());
    }
    std::string text = captured(macro.code->body);
    m_scope = outer;
    return text;
}

}  // namespace lectern::jinja
