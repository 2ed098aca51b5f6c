// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/jinja/parser.h"

#include <algorithm>
#include <utility>

#include "engine/jinja/expression_parser.h"

namespace lectern::jinja {
namespace {

constexpr int kDepth = 100;  ///< statements within each other

/// Statements by their first word.
class Parser {
public:
    explicit Parser(std::vector<Token> tokens) : m_in(std::move(tokens)) {}
    Result<Body> run();

private:
    using Kind = Statement::Kind;

    Body body(std::initializer_list<std::string_view> ends);
    Statement block();
    Statement conditional();
    Statement loop();
    Statement assignment();
    Statement macro();
    Statement filter();
    void generation(Body& out);
    void endTag();
    void endBlock(std::string_view name);
    Statement made(Kind kind) const {
        Statement statement;
        statement.kind = kind;
        statement.line = m_in.at().line;
        return statement;
    }

    ExpressionParser m_in;
    int m_depth = 0, m_loops = 0;
};

Result<Body> Parser::run() {
    Body whole = body({});
    if (!m_in.status()) return m_in.status().error();
    return whole;
}

/// Statements up to a block that begins with one of `ends` (its first word is the next token), or up to the end.
Body Parser::body(std::initializer_list<std::string_view> ends) {
    Body out;
    if (++m_depth > kDepth) m_in.fail("statements are nested too deeply.");
    while (m_in.status() && m_in.at().kind != Token::Kind::End) {
        const Token token = m_in.next();
        if (token.kind == Token::Kind::Text) {
            out.push_back(made(Kind::Text));
            out.back().name = token.text;
        } else if (token.kind == Token::Kind::OutputBegin) {
            Statement output = made(Kind::Output);
            output.expr = m_in.expressionOrTuple();
            endTag();
            out.push_back(std::move(output));
        } else if (std::any_of(ends.begin(), ends.end(), [&](auto end) { return m_in.at().name(end); })) {
            --m_depth;
            return out;
        } else if (m_in.at().name("generation")) {
            generation(out);
        } else {
            out.push_back(block());
        }
    }
    if (m_in.status() && ends.size() != 0) m_in.fail("'" + std::string(*(ends.end() - 1)) + "' is missing.");
    --m_depth;
    return out;
}

void Parser::endTag() {
    if (m_in.status() && m_in.next().kind != Token::Kind::TagEnd) m_in.fail("a tag does not end where it should.");
}

void Parser::endBlock(std::string_view name) {
    if (!m_in.takeName(name)) m_in.fail("'" + std::string(name) + "' is missing.");
    endTag();
}

Statement Parser::block() {
    if (m_in.takeName("if")) return conditional();
    if (m_in.takeName("for")) return loop();
    if (m_in.takeName("set")) return assignment();
    if (m_in.takeName("macro")) return macro();
    if (m_in.takeName("filter")) return filter();
    const bool leave = m_in.at().name("break");
    if ((leave || m_in.at().name("continue")) && m_loops > 0) {
        m_in.next();
        endTag();
        return made(leave ? Kind::Break : Kind::Continue);
    }
    m_in.fail("the statement '" + m_in.at().text + "' is not known here; see engine/jinja/JINJA.md for what is.");
    return {};
}

/// `{% generation %}` only marks what the model writes.
void Parser::generation(Body& out) {
    m_in.next();
    endTag();
    for (Statement& statement : body({"endgeneration"})) out.push_back(std::move(statement));
    endBlock("endgeneration");
}

Statement Parser::conditional() {
    Statement statement = made(Kind::If);
    statement.expr = m_in.expression();
    endTag();
    statement.body = body({"elif", "else", "endif"});
    if (m_in.takeName("elif")) {
        if (++m_depth > kDepth) m_in.fail("statements are nested too deeply.");
        statement.otherwise.push_back(conditional());
        --m_depth;
        return statement;
    }
    if (m_in.takeName("else")) {
        endTag();
        statement.otherwise = body({"endif"});
    }
    endBlock("endif");
    return statement;
}

Statement Parser::loop() {
    Statement statement = made(Kind::For);
    const bool grouped = m_in.takeSign("(");
    do statement.names.push_back(m_in.expectName());
    while (m_in.takeSign(","));
    if (grouped) m_in.expectSign(")");
    if (!m_in.takeName("in")) m_in.fail("a loop has no 'in'.");
    statement.expr = m_in.withoutChoice();
    if (m_in.takeName("if")) statement.condition = m_in.expression();
    if (m_in.at().name("recursive")) m_in.fail("recursive loops are not known.");
    endTag();
    ++m_loops;
    statement.body = body({"else", "endfor"});
    --m_loops;
    if (m_in.takeName("else")) {
        endTag();
        statement.otherwise = body({"endfor"});
    }
    endBlock("endfor");
    return statement;
}

Statement Parser::assignment() {
    Statement statement = made(Kind::Set);
    statement.names.push_back(m_in.expectName());
    if (m_in.takeSign(".")) {
        statement.kind = Kind::SetMember;
        statement.names.push_back(m_in.expectName());
    } else {
        while (m_in.takeSign(",")) statement.names.push_back(m_in.expectName());
    }
    if (m_in.takeSign("=")) {
        statement.expr = m_in.expressionOrTuple();
        endTag();
        return statement;
    }
    if (statement.kind == Kind::SetMember || statement.names.size() != 1) m_in.fail("'set' has no '='.");
    statement.kind = Kind::SetBlock;
    endTag();
    statement.body = body({"endset"});
    endBlock("endset");
    return statement;
}

Statement Parser::macro() {
    Statement statement = made(Kind::Macro);
    auto code = std::make_shared<MacroCode>();
    code->name = m_in.expectName();
    m_in.expectSign("(");
    while (m_in.status() && !m_in.at().sign(")")) {
        std::string parameter = m_in.expectName();
        code->parameters.emplace_back(std::move(parameter), m_in.takeSign("=") ? m_in.expression() : nullptr);
        if (!m_in.takeSign(",")) break;
    }
    m_in.expectSign(")");
    endTag();
    const int loops = std::exchange(m_loops, 0);
    code->body = body({"endmacro"});
    m_loops = loops;
    endBlock("endmacro");
    statement.macro = std::move(code);
    return statement;
}

Statement Parser::filter() {
    Statement statement = made(Kind::Filter);
    auto expr = std::make_unique<Expr>();
    expr->kind = Expr::Kind::Filter;
    expr->line = statement.line;
    expr->args.push_back(nullptr);
    m_in.filterCall(*expr);
    statement.expr = std::move(expr);
    endTag();
    statement.body = body({"endfilter"});
    endBlock("endfilter");
    return statement;
}

}  // namespace

Result<Body> parse(std::string_view source) {
    auto tokens = tokenize(source);
    if (!tokens) return tokens.error();
    return Parser(*std::move(tokens)).run();
}

}  // namespace lectern::jinja
