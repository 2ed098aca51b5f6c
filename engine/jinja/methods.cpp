// SPDX-License-Identifier: GPL-3.0-or-later
// Methods of texts and dicts, as Python has them.
#include <algorithm>
#include <array>

#include "engine/jinja/run.h"

namespace lectern::jinja {
namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? char(c | 0x20) : c;
}
char upper(char c) {
    return c >= 'a' && c <= 'z' ? char(c & ~0x20) : c;
}

Value cased(std::string text, std::string_view how) {
    bool begins = true;
    for (char& c : text) {
        const bool large = how == "upper" || (begins && how != "lower");
        c = large ? upper(c) : lower(c);
        begins = false;
    }
    return text;
}

/// startswith, endswith: with one text or several.
Value beginsOrEnds(Run& run, const Call& call, const std::string& text) {
    const Value* wanted = call.find(0, "prefix");
    if (wanted == nullptr) return run.fail("'" + std::string(call.name) + "' needs a text.");
    const List all = wanted->list() != nullptr ? *wanted->list() : List{*wanted};
    return std::any_of(all.begin(), all.end(), [&](const Value& value) {
        if (value.text() == nullptr) return false;
        return call.name == "startswith" ? text.starts_with(*value.text()) : text.ends_with(*value.text());
    });
}

/// How often replace and split act at most; all of them where nothing is said.
std::int64_t limitOf(const Call& call, std::string_view keyword, std::size_t index) {
    const Value* most = call.find(index, keyword);
    return most != nullptr && most->whole() && most->asInteger() >= 0 ? most->asInteger() : INT64_MAX;
}

Value replaced(Run& run, const Call& call, std::string_view text) {
    if (call.args.size() < 2 || call.args[0].text() == nullptr || call.args[1].text() == nullptr)
        return run.fail("'replace' needs two texts.");
    const std::string &from = *call.args[0].text(), &to = *call.args[1].text();
    if (from.empty()) return run.fail("'replace' cannot replace nothing.");
    std::string out;
    for (std::int64_t left = limitOf(call, "count", 2); left > 0 && run.ok(); --left) {
        const auto at = text.find(from);
        if (at == std::string_view::npos) break;
        run.charge(at + to.size());
        (out += text.substr(0, at)) += to;
        text.remove_prefix(at + from.size());
    }
    run.charge(text.size());
    return out += text;
}

Value split(Run& run, const Call& call, std::string_view text) {
    const Value* by = call.find(0, "sep");
    const bool words = by == nullptr || by->none();
    if (!words && (by->text() == nullptr || by->text()->empty()))
        return run.fail("'split' needs a text that is not empty.");
    List out;
    std::int64_t left = limitOf(call, "maxsplit", 1);
    if (words) text = strip(text, true, false);
    if (words && text.empty()) return out;
    for (; left > 0 && run.ok(); --left) {
        auto at = std::string_view::npos;
        std::size_t size = 0;
        if (words) {
            const std::string_view rest = text.substr(std::min(text.find_first_of(" \t\n\r\v\f"), text.size()));
            if (!rest.empty()) at = text.size() - rest.size(), size = rest.size() - strip(rest, true, false).size();
        } else {
            at = text.find(*by->text()), size = by->text()->size();
        }
        if (at == std::string_view::npos) break;
        run.charge(at + 64);
        out.emplace_back(std::string(text.substr(0, at)));
        text.remove_prefix(at + size);
    }
    if (!words || !text.empty()) out.emplace_back(std::string(words ? strip(text, false, true) : text));
    run.charge(text.size());
    return out;
}

Value stripped(Run& run, const Call& call, std::string_view text) {
    const Value* set = call.find(0, "chars");
    if (set != nullptr && set->text() != nullptr && set->text()->empty()) return std::string(text);
    run.charge(text.size());
    return std::string(strip(text, call.name != "rstrip", call.name != "lstrip",
                             set != nullptr && set->text() != nullptr ? std::string_view(*set->text()) : ""));
}

Value found(const Call& call, const std::string& text) {
    const auto at =
        call.args.empty() || call.args[0].text() == nullptr ? std::string::npos : text.find(*call.args[0].text());
    return at == std::string::npos ? std::int64_t(-1) : characters(std::string_view(text).substr(0, at));
}

Value textMethod(Run& run, const Call& call, const std::string& text) {
    const std::string_view name = call.name;
    run.charge(text.size());
    if (name == "strip" || name == "lstrip" || name == "rstrip") return stripped(run, call, text);
    if (name == "lower" || name == "upper" || name == "capitalize") return cased(text, name);
    if (name == "startswith" || name == "endswith") return beginsOrEnds(run, call, text);
    if (name == "replace") return replaced(run, call, text);
    if (name == "split") return split(run, call, text);
    if (name == "find") return found(call, text);
    return run.fail("texts have no method '" + std::string(name) + "' here.");
}

Value dictMethod(Run& run, const Call& call, const Dict& dict) {
    if (call.name == "items") return filter(run, call);
    if (call.name == "keys") return elements(run, call.on);
    if (call.name == "values") {
        List out;
        for (const auto& [key, value] : dict.entries) out.push_back(value);
        run.charge(out.size() * sizeof(Value));
        return out;
    }
    if (call.name != "get") return run.fail("dicts have no method '" + std::string(call.name) + "' here.");
    const Value* value =
        !call.args.empty() && call.args[0].text() != nullptr ? dict.find(*call.args[0].text()) : nullptr;
    if (value != nullptr) return *value;
    return call.args.size() > 1 ? call.args[1] : Value(Value::None{});
}

}  // namespace

Value method(Run& run, const Call& call) {
    run.charge();
    if (call.on.text() != nullptr) return textMethod(run, call, *call.on.text());
    if (call.on.dict() != nullptr) return dictMethod(run, call, *call.on.dict());
    return run.fail(std::string(call.on.typeName()) + " has no method '" + std::string(call.name) + "' here.");
}

}  // namespace lectern::jinja
