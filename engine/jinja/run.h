// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/jinja/value.h"

namespace lectern::jinja {

/// How far one rendering has come: its first defect and the work done. After a defect everything is undefined.
class Run {
public:
    /// Remembers the first defect, with the line at which it was found; gives undefined.
    Value fail(const std::string& sentence);
    bool ok() const { return m_status.has_value(); }
    const Status& status() const { return m_status; }

    /// Counts one step and the bytes (or elements) that it copies. Fails beyond what any template needs.
    void charge(std::size_t bytes = 0);

    int line = 0;  ///< of what is rendered

private:
    Status m_status;
    std::size_t m_work = 0;
};

/// What a filter, test, method or function is called with.
struct Call {
    std::string_view name;
    Value on;  ///< what stands before the `|`, the `is` or the dot
    List args;
    std::vector<std::pair<std::string, Value>> keywords;

    /// Argument `index`, or the one of that name; null where neither is there.
    const Value* find(std::size_t index, std::string_view keyword) const;
};

/// Filters, tests and methods of JINJA.md; an unknown name or a wrong type fails the run.
Value filter(Run& run, const Call& call);
bool test(Run& run, const Call& call);
Value method(Run& run, const Call& call);

/// The elements that a loop over `value` visits: those of a list, the keys of a dict, the characters of a text, nothing
/// of undefined. Other types fail the run.
List elements(Run& run, const Value& value);
/// value[key] or value.key; undefined where there is none.
Value member(Run& run, const Value& value, const Value& key);
/// Python's operators. `sign`: "+", "-", "*", "/", "//", "%" or "~".
Value arithmetic(Run& run, std::string_view sign, const Value& a, const Value& b);
/// `sign`: "==", "!=", "<", "<=", ">", ">=", "in" or "not in".
bool compare(Run& run, std::string_view sign, const Value& a, const Value& b);
/// a < b of texts or numbers.
bool less(Run& run, const Value& a, const Value& b);

}  // namespace lectern::jinja
