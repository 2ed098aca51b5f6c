// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/jinja/expression_parser.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace lectern::jinja {
namespace {

constexpr int kDepth = 100;   ///< expressions within each other
constexpr int kHeight = 500;  ///< and one after another: "a + b + c …" is a tree as high as it is long

/// Counts how deep expressions are nested while it lives.
class Nested {
public:
    explicit Nested(int& depth) : m_depth(depth) { ++m_depth; }
    ~Nested() { --m_depth; }
    Nested(const Nested&) = delete;
    Nested& operator=(const Nested&) = delete;

private:
    int& m_depth;
};

std::string shown(const Token& token) {
    if (token.kind == Token::Kind::TagEnd) return "the end of the tag";
    if (token.kind == Token::Kind::End) return "the end of the template";
    return "'" + token.text + "'";
}

}  // namespace

void ExpressionParser::fail(const std::string& sentence) {
    if (m_status) m_status = Error{ErrorCode::BadInput, "line " + std::to_string(at().line) + ": " + sentence};
    m_at = m_tokens.size() - 1;
}

bool ExpressionParser::takeSign(std::string_view sign) {
    if (!at().sign(sign)) return false;
    next();
    return true;
}

bool ExpressionParser::takeName(std::string_view name) {
    if (!at().name(name)) return false;
    next();
    return true;
}

void ExpressionParser::expectSign(std::string_view sign) {
    if (!takeSign(sign)) fail("expected '" + std::string(sign) + "', found " + shown(at()) + ".");
}

std::string ExpressionParser::expectName() {
    if (at().kind == Token::Kind::Name) return next().text;
    fail("expected a name, found " + shown(at()) + ".");
    return {};
}

std::unique_ptr<Expr> ExpressionParser::make(Expr::Kind kind, std::string name) const {
    auto expr = std::make_unique<Expr>();
    expr->kind = kind;
    expr->line = at().line;
    expr->name = std::move(name);
    return expr;
}

void ExpressionParser::adopt(Expr& parent, ExprPtr child) {
    if (child) parent.height = std::max(parent.height, child->height + 1);
    if (parent.height > kHeight) fail("an expression is too long.");
    parent.args.push_back(std::move(child));
}

ExprPtr ExpressionParser::binary(std::string name, ExprPtr left, ExprPtr right) {
    auto expr = make(Expr::Kind::Binary, std::move(name));
    adopt(*expr, std::move(left));
    adopt(*expr, std::move(right));
    return expr;
}

ExprPtr ExpressionParser::expression() {
    const Nested nested(m_depth);
    if (m_depth > kDepth) return fail("expressions are nested too deeply."), nullptr;
    ExprPtr expr = either();
    while (takeName("if")) {
        auto choice = make(Expr::Kind::Choice);
        adopt(*choice, either());
        adopt(*choice, std::move(expr));
        adopt(*choice, takeName("else") ? expression() : nullptr);
        expr = std::move(choice);
    }
    return expr;
}

ExprPtr ExpressionParser::withoutChoice() {
    return either();
}

ExprPtr ExpressionParser::expressionOrTuple() {
    ExprPtr first = expression();
    if (!at().sign(",")) return first;
    auto list = make(Expr::Kind::List);
    adopt(*list, std::move(first));
    while (takeSign(",") && at().kind != Token::Kind::TagEnd) adopt(*list, expression());
    return list;
}

ExprPtr ExpressionParser::either() {
    ExprPtr left = both();
    while (takeName("or")) left = binary("or", std::move(left), both());
    return left;
}

ExprPtr ExpressionParser::both() {
    ExprPtr left = negation();
    while (takeName("and")) left = binary("and", std::move(left), negation());
    return left;
}

ExprPtr ExpressionParser::negation() {
    int count = 0;
    while (takeName("not")) ++count;
    ExprPtr expr = comparison();
    for (int left = count == 0 ? 0 : 2 - count % 2; left > 0;
         --left) {  // pairs cancel but for the truth value they give
        auto outer = make(Expr::Kind::Not);
        adopt(*outer, std::move(expr));
        expr = std::move(outer);
    }
    return expr;
}

ExprPtr ExpressionParser::comparison() {
    constexpr std::array<std::string_view, 6> kSigns = {"==", "!=", "<=", ">=", "<", ">"};
    auto compare = make(Expr::Kind::Compare);
    adopt(*compare, sum());
    for (;;) {
        const auto found = std::find_if(kSigns.begin(), kSigns.end(), [&](auto sign) { return at().sign(sign); });
        if (found != kSigns.end()) {
            next();
            compare->signs.emplace_back(*found);
        } else if (takeName("in")) {
            compare->signs.emplace_back("in");
        } else if (at().name("not") && m_tokens[m_at + 1].name("in")) {
            next(), next();
            compare->signs.emplace_back("not in");
        } else {
            break;
        }
        adopt(*compare, sum());
    }
    if (compare->signs.empty()) return std::move(compare->args.front());
    return compare;
}

ExprPtr ExpressionParser::sum() {
    ExprPtr left = joined();
    while (at().sign("+") || at().sign("-")) {
        const std::string sign = next().text;
        left = binary(sign, std::move(left), joined());
    }
    return left;
}

ExprPtr ExpressionParser::joined() {
    ExprPtr left = product();
    while (takeSign("~")) left = binary("~", std::move(left), product());
    return left;
}

ExprPtr ExpressionParser::product() {
    ExprPtr left = unary(true);
    while (at().sign("*") || at().sign("/") || at().sign("//") || at().sign("%")) {
        const std::string sign = next().text;
        left = binary(sign, std::move(left), unary(true));
    }
    return left;
}

ExprPtr ExpressionParser::unary(bool with_filter) {
    const Nested nested(m_depth);
    if (m_depth > kDepth) return fail("expressions are nested too deeply."), nullptr;
    ExprPtr expr;
    if (takeSign("-")) {
        auto negated = make(Expr::Kind::Negate);
        adopt(*negated, unary(false));
        expr = std::move(negated);
    } else if (takeSign("+")) {
        expr = unary(false);
    } else {
        expr = postfix(primary());
    }
    return with_filter ? filtered(std::move(expr)) : std::move(expr);
}

ExprPtr ExpressionParser::primary() {
    const Token token = at();
    switch (token.kind) {
        case Token::Kind::Name:
        case Token::Kind::String:
        case Token::Kind::Integer:
        case Token::Kind::Real:
            next();
            return literal(token);
        default:
            break;
    }
    if (takeSign("(")) return parenthesised();
    if (takeSign("[")) return listLiteral();
    if (takeSign("{")) return dictLiteral();
    fail("expected an expression, found " + shown(token) + ".");
    return nullptr;
}

ExprPtr ExpressionParser::literal(const Token& token) {
    auto expr = make(Expr::Kind::Literal);
    if (token.kind == Token::Kind::String) {
        std::string text = token.text;
        while (at().kind == Token::Kind::String) text += next().text;  // neighbours join, as in Python
        expr->value = std::move(text);
    } else if (token.kind == Token::Kind::Integer) {
        std::int64_t number = 0;
        const char* end = token.text.data() + token.text.size();
        if (std::from_chars(token.text.data(), end, number).ec != std::errc()) fail("a number is too large.");
        expr->value = number;
    } else if (token.kind == Token::Kind::Real) {
        double number = 0;
        std::from_chars(token.text.data(), token.text.data() + token.text.size(), number);
        expr->value = number;
    } else if (token.text == "true" || token.text == "True") {
        expr->value = true;
    } else if (token.text == "false" || token.text == "False") {
        expr->value = false;
    } else if (token.text == "none" || token.text == "None") {
        expr->value = Value::None{};
    } else {
        expr->kind = Expr::Kind::Name;
        expr->name = token.text;
    }
    return expr;
}

ExprPtr ExpressionParser::parenthesised() {
    if (takeSign(")")) return make(Expr::Kind::List);
    ExprPtr first = expression();
    if (takeSign(")")) return first;
    auto list = make(Expr::Kind::List);
    adopt(*list, std::move(first));
    while (takeSign(",") && !at().sign(")")) adopt(*list, expression());
    expectSign(")");
    return list;
}

ExprPtr ExpressionParser::listLiteral() {
    auto list = make(Expr::Kind::List);
    while (m_status && !at().sign("]")) {
        adopt(*list, expression());
        if (!takeSign(",")) break;
    }
    expectSign("]");
    return list;
}

ExprPtr ExpressionParser::dictLiteral() {
    auto dict = make(Expr::Kind::Dict);
    while (m_status && !at().sign("}")) {
        adopt(*dict, expression());
        expectSign(":");
        adopt(*dict, expression());
        if (!takeSign(",")) break;
    }
    expectSign("}");
    return dict;
}

ExprPtr ExpressionParser::postfix(ExprPtr base) {
    while (m_status) {
        if (takeSign(".")) {
            const bool number = at().kind == Token::Kind::Integer;
            auto member = make(number ? Expr::Kind::Subscript : Expr::Kind::Attribute);
            adopt(*member, std::move(base));
            if (number)
                adopt(*member, literal(next()));
            else
                member->name = expectName();
            base = std::move(member);
        } else if (takeSign("[")) {
            base = subscript(std::move(base));
        } else if (at().sign("(")) {
            auto call = make(Expr::Kind::Call);
            adopt(*call, std::move(base));
            arguments(*call);
            base = std::move(call);
        } else {
            break;
        }
    }
    return base;
}

ExprPtr ExpressionParser::subscript(ExprPtr base) {
    std::vector<ExprPtr> parts;
    int colons = 0;
    parts.push_back(at().sign(":") ? nullptr : expression());
    while (m_status && colons < 2 && takeSign(":")) {
        ++colons;
        parts.push_back(at().sign(":") || at().sign("]") ? nullptr : expression());
    }
    expectSign("]");
    auto expr = make(colons > 0 ? Expr::Kind::Slice : Expr::Kind::Subscript);
    adopt(*expr, std::move(base));
    for (ExprPtr& part : parts) adopt(*expr, std::move(part));
    if (colons > 0) expr->args.resize(4);
    return expr;
}

ExprPtr ExpressionParser::filtered(ExprPtr base) {
    while (m_status) {
        if (takeSign("|")) {
            auto filter = make(Expr::Kind::Filter);
            adopt(*filter, std::move(base));
            filterCall(*filter);
            base = std::move(filter);
        } else if (takeName("is")) {
            base = test(std::move(base));
        } else if (at().sign("(")) {
            base = postfix(std::move(base));
        } else {
            break;
        }
    }
    return base;
}

void ExpressionParser::filterCall(Expr& filter) {
    filter.name = expectName();
    if (at().sign("(")) arguments(filter);
}

ExprPtr ExpressionParser::test(ExprPtr base) {
    const bool negated = takeName("not");
    auto test = make(Expr::Kind::Test, expectName());
    adopt(*test, std::move(base));
    const Token::Kind kind = at().kind;
    const bool ends = at().name("else") || at().name("or") || at().name("and") || at().name("is") || at().name("if") ||
                      at().name("not") || at().name("in");
    if (at().sign("("))
        arguments(*test);
    else if ((kind == Token::Kind::Name && !ends) || kind == Token::Kind::String || kind == Token::Kind::Integer ||
             kind == Token::Kind::Real || at().sign("[") || at().sign("{"))
        adopt(*test, postfix(primary()));
    if (!negated) return test;
    auto outer = make(Expr::Kind::Not);
    adopt(*outer, std::move(test));
    return outer;
}

void ExpressionParser::arguments(Expr& call) {
    expectSign("(");
    while (m_status && !at().sign(")")) {
        if (at().kind == Token::Kind::Name && m_tokens[m_at + 1].sign("=")) {
            std::string name = next().text;
            next();
            call.keywords.emplace_back(std::move(name), expression());
        } else {
            adopt(call, expression());
        }
        if (!takeSign(",")) break;
    }
    expectSign(")");
}

}  // namespace lectern::jinja
