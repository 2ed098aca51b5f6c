// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "engine/jinja/evaluator.h"
#include "engine/jinja/parser.h"
#include "engine/jinja/template.h"

namespace lectern::jinja {
namespace {

constexpr std::size_t kMostText = std::size_t(16) << 20;  ///< bytes that a template gives
constexpr std::size_t kMostSource = std::size_t(1) << 20;

/// What `loop` is in a body: one element's place among all.
Dict loopNames(const List& all, std::size_t index) {
    const auto at = std::int64_t(index), size = std::int64_t(all.size());
    Dict names;
    names.set("index", at + 1);
    names.set("index0", at);
    names.set("revindex", size - at);
    names.set("revindex0", size - at - 1);
    names.set("first", at == 0);
    names.set("last", at + 1 == size);
    names.set("length", size);
    names.set("previtem", at > 0 ? all[index - 1] : Value());
    names.set("nextitem", at + 1 < size ? all[index + 1] : Value());
    return names;
}

}  // namespace

const Value* Scope::find(std::string_view name) const {
    for (const Scope* scope = this; scope != nullptr; scope = scope->outer.get())
        if (const Value* value = scope->names.find(name)) return value;
    return nullptr;
}

void Evaluator::body(const Body& statements) {
    const Nested nested(*this, 10);
    for (const Statement& each : statements) {
        if (!m_run.ok() || m_flow != Flow::On) return;
        m_run.line = each.line;
        m_run.charge();
        statement(each);
    }
}

void Evaluator::write(std::string_view text) {
    m_run.charge(text.size());
    if (m_out.size() + text.size() > kMostText) m_run.fail("the template gives more text than any prompt has.");
    if (m_run.ok()) m_out += text;
}

void Evaluator::writeValue(const Value& value) {
    if (value.text() != nullptr) return write(*value.text());
    m_run.charge(value.size());
    if (m_run.ok()) write(value.str());
}

/// What statements would write.
std::string Evaluator::captured(const Body& statements) {
    std::string outer = std::exchange(m_out, {});
    body(statements);
    return std::exchange(m_out, std::move(outer));
}

void Evaluator::statement(const Statement& s) {
    switch (s.kind) {
        case Statement::Kind::Text:
            return write(s.name);
        case Statement::Kind::Output:
            return writeValue(evaluate(*s.expr));
        case Statement::Kind::If:
            return body(evaluate(*s.expr).truthy() ? s.body : s.otherwise);
        case Statement::Kind::For:
            return loop(s);
        case Statement::Kind::Set:
            return bind(s.names, evaluate(*s.expr));
        case Statement::Kind::SetMember:
            return setMember(s, evaluate(*s.expr));
        case Statement::Kind::SetBlock:
            return bind(s.names, captured(s.body));
        case Statement::Kind::Macro:
            return bind({s.macro->name}, Value(std::make_shared<const Macro>(Macro{s.macro, m_scope})));
        case Statement::Kind::Filter: {
            Call filtered = callOf(*s.expr, s.expr->name);
            filtered.on = captured(s.body);
            return writeValue(filter(m_run, filtered));
        }
        case Statement::Kind::Break:
            m_flow = Flow::Break;
            return;
        case Statement::Kind::Continue:
            m_flow = Flow::Continue;
            return;
    }
}

/// One name takes the value; several take the elements of a list.
void Evaluator::bind(const std::vector<std::string>& names, Value value) {
    if (names.size() == 1) return m_scope->names.set(names.front(), std::move(value));
    const List parts = elements(m_run, value);
    if (parts.size() != names.size()) {
        m_run.fail(std::to_string(names.size()) + " names do not fit " + std::to_string(parts.size()) + " values.");
        return;
    }
    for (std::size_t i = 0; i < names.size(); ++i) m_scope->names.set(names[i], parts[i]);
}

void Evaluator::setMember(const Statement& s, Value value) {
    const Value* found = m_scope->find(s.names[0]);
    Value space = found != nullptr ? *found : Value();
    if (space.dict() == nullptr || !space.dict()->shared)
        m_run.fail("'" + s.names[0] + "' is no namespace: its members cannot be set.");
    else if (value.depth() >= Value::kEndless)
        m_run.fail("a namespace cannot hold another.");
    else
        space.dict()->set(s.names[1], std::move(value));
}

void Evaluator::loop(const Statement& s) {
    List all = elements(m_run, evaluate(*s.expr));
    const auto outer = m_scope;
    const auto within = [&](const Value& element) {
        m_scope = std::make_shared<Scope>();
        m_scope->outer = outer;
        bind(s.names, element);
    };
    if (s.condition != nullptr) {
        List chosen;
        for (const Value& element : all) {
            if (!m_run.ok()) break;
            within(element);
            if (evaluate(*s.condition).truthy()) chosen.push_back(element);
        }
        all = std::move(chosen);
    }
    for (std::size_t i = 0; i < all.size() && m_run.ok(); ++i) {
        within(all[i]);
        m_scope->names.set("loop", loopNames(all, i));
        body(s.body);
        if (std::exchange(m_flow, m_flow == Flow::Break ? Flow::Break : Flow::On) == Flow::Break) break;
    }
    m_flow = Flow::On;
    m_scope = outer;
    if (all.empty()) body(s.otherwise);
}

struct Template::Code {
    Body body;
};

Template::Template(std::unique_ptr<const Code> code) : m_code(std::move(code)) {}
Template::Template(Template&& other) noexcept = default;
Template& Template::operator=(Template&& other) noexcept = default;
Template::~Template() = default;

Result<Template> Template::parse(std::string_view source) {
    if (source.size() > kMostSource) return Error{ErrorCode::BadInput, "the template is longer than any."};
    auto body = jinja::parse(source);
    if (!body) return body.error();
    return Template(std::make_unique<const Code>(Code{*std::move(body)}));
}

Result<std::string> Template::render(const Dict& names) const {
    Run run;
    Evaluator evaluator(run, names);
    evaluator.body(m_code->body);
    if (!run.ok()) return run.status().error();
    return evaluator.takeOutput();
}

}  // namespace lectern::jinja
