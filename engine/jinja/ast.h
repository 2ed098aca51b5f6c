// SPDX-License-Identifier: GPL-3.0-or-later
// A parsed template: plain data, immutable once parsed.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/jinja/value.h"

namespace lectern::jinja {

struct Expr;
using ExprPtr = std::unique_ptr<const Expr>;

struct Expr {
    enum class Kind : unsigned char {
        Literal,    ///< value
        Name,       ///< name
        List,       ///< args
        Dict,       ///< args: key, value, key, value …
        Attribute,  ///< args[0].name
        Subscript,  ///< args[0][args[1]]
        Slice,      ///< args[0][args[1]:args[2]:args[3]], null where left out
        Call,       ///< args[0](args[1] …, keywords)
        Filter,     ///< args[0] | name(args[1] …, keywords)
        Test,       ///< args[0] is name(args[1] …)
        Not,        ///< args[0]
        Negate,     ///< args[0]
        Binary,     ///< args[0] name args[1]; "and", "or", "==", "in", "not in", "+", …
        Compare,    ///< args[0] signs[0] args[1] signs[1] args[2] …
        Choice,     ///< args[1] if args[0] else args[2] (or null)
    };
    Kind kind = Kind::Literal;
    int line = 0;
    int height = 1;  ///< of the tree
    std::string name;
    Value value;
    std::vector<ExprPtr> args;
    std::vector<std::pair<std::string, ExprPtr>> keywords;
    std::vector<std::string> signs;
};

struct Statement;
struct MacroCode;
using Body = std::vector<Statement>;

struct Statement {
    enum class Kind : unsigned char {
        Text,       ///< name
        Output,     ///< expr
        If,         ///< expr, body, otherwise
        For,        ///< names in expr if condition, body, otherwise where there is none
        Set,        ///< names = expr
        SetMember,  ///< names[0].names[1] = expr
        SetBlock,   ///< names[0] = what body gives
        Macro,      ///< macro
        Filter,     ///< expr (a Filter without args[0]) of what body gives
        Break,
        Continue,
    };
    Kind kind = Kind::Text;
    int line = 0;
    std::string name;
    std::vector<std::string> names;
    ExprPtr expr, condition;
    Body body, otherwise;
    std::shared_ptr<const MacroCode> macro;
};

/// A macro as it is written; a parameter's default is null where it has none.
struct MacroCode {
    std::string name;
    std::vector<std::pair<std::string, ExprPtr>> parameters;
    Body body;
};

}  // namespace lectern::jinja
