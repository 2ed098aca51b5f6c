// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/jinja/ast.h"
#include "engine/jinja/lexer.h"

namespace lectern::jinja {

/// Walks the tokens of a template and parses expressions, each by the first token of its rest. The first defect stays;
/// after it every expression is null.
class ExpressionParser {
public:
    explicit ExpressionParser(std::vector<Token> tokens) : m_tokens(std::move(tokens)) {}

    ExprPtr expression();           ///< with `a if b else c`
    ExprPtr withoutChoice();        ///< what `for … in` takes
    ExprPtr expressionOrTuple();    ///< `a, b` is a list
    void filterCall(Expr& filter);  ///< name and arguments behind `|` or `filter`

    const Token& at() const { return m_tokens[m_at]; }
    const Token& next() { return m_tokens[m_at + 1 < m_tokens.size() ? m_at++ : m_at]; }
    bool takeSign(std::string_view sign);
    bool takeName(std::string_view name);
    void expectSign(std::string_view sign);
    std::string expectName();

    void fail(const std::string& sentence);
    const Status& status() const { return m_status; }

private:
    ExprPtr either();
    ExprPtr both();
    ExprPtr negation();
    ExprPtr comparison();
    ExprPtr sum();
    ExprPtr joined();
    ExprPtr product();
    ExprPtr unary(bool with_filter);
    ExprPtr primary();
    ExprPtr literal(const Token& token);
    ExprPtr listLiteral();
    ExprPtr dictLiteral();
    ExprPtr parenthesised();
    ExprPtr postfix(ExprPtr base);
    ExprPtr filtered(ExprPtr base);
    ExprPtr subscript(ExprPtr base);
    ExprPtr test(ExprPtr base);
    void arguments(Expr& call);
    std::unique_ptr<Expr> make(Expr::Kind kind, std::string name = {}) const;
    void adopt(Expr& parent, ExprPtr child);
    ExprPtr binary(std::string name, ExprPtr left, ExprPtr right);

    std::vector<Token> m_tokens;
    std::size_t m_at = 0;
    int m_depth = 0;
    Status m_status;
};

}  // namespace lectern::jinja
