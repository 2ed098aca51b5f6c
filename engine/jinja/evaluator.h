// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/jinja/ast.h"
#include "engine/jinja/run.h"

namespace lectern::jinja {

/// The names that are known at a place. A body of a loop or a macro has its own, within those of what it stands in.
struct Scope {
    std::shared_ptr<const Scope> outer;
    Dict names;

    const Value* find(std::string_view name) const;
};

/// A macro and the names it was defined among. It does not keep them: they hold it.
struct Macro {
    std::shared_ptr<const MacroCode> code;
    std::weak_ptr<const Scope> defined_in;
};

/// Renders one template once.
class Evaluator {
public:
    Evaluator(Run& run, const Dict& names) : m_run(run) { m_scope->names = names; }

    void body(const Body& statements);
    std::string takeOutput() { return std::move(m_out); }

private:
    enum class Flow : unsigned char { On, Break, Continue };

    void statement(const Statement& statement);
    void loop(const Statement& statement);
    void setMember(const Statement& statement, Value value);
    void bind(const std::vector<std::string>& names, Value value);
    void write(std::string_view text);
    void writeValue(const Value& value);
    std::string captured(const Body& statements);

    /// Counts how deep the work is while it lives: expressions as 1, bodies of statements as 10.
    class Nested {
    public:
        Nested(Evaluator& evaluator, int by) : m_depth(evaluator.m_depth), m_by(by) {
            if ((m_depth += by) > kMostDepth) evaluator.m_run.fail("the template calls itself too often.");
        }
        ~Nested() { m_depth -= m_by; }
        Nested(const Nested&) = delete;
        Nested& operator=(const Nested&) = delete;

    private:
        int& m_depth;
        int m_by;
    };
    static constexpr int kMostDepth = 1000;

    Value evaluate(const Expr& expr);
    Value evaluated(const Expr& expr);
    Value named(std::string_view name);
    Value listOf(const Expr& expr);
    Value dictOf(const Expr& expr);
    Value slice(const Expr& expr);
    Value binary(const Expr& expr);
    Value comparison(const Expr& expr);
    Value call(const Expr& expr);
    Value function(const Call& call);
    Value namespaceOf(const Call& call);
    Value range(const Call& call);
    Value callMacro(const Macro& macro, const Call& call);
    Call callOf(const Expr& expr, std::string_view name);

    Run& m_run;
    std::shared_ptr<Scope> m_scope = std::make_shared<Scope>();
    std::string m_out;
    Flow m_flow = Flow::On;
    int m_depth = 0;
};

}  // namespace lectern::jinja
