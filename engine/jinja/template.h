// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/jinja/value.h"

namespace lectern::jinja {

/// A parsed template of the subset in JINJA.md. Immutable: any thread may render it.
class Template {
public:
    /// Errors: BadInput naming the line and what is not known there.
    static Result<Template> parse(std::string_view source);

    Template(Template&& other) noexcept;
    Template& operator=(Template&& other) noexcept;
    ~Template();

    /// The text that the template gives with these names. Errors: BadInput naming the line: what raise_exception()
    /// says, an unknown filter, test or method, wrong types, or more work than any prompt needs.
    Result<std::string> render(const Dict& names) const;

private:
    struct Code;
    explicit Template(std::unique_ptr<const Code> code);
    std::unique_ptr<const Code> m_code;
};

}  // namespace lectern::jinja
