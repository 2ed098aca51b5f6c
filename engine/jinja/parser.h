// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

#include "engine/base/result.h"
#include "engine/jinja/ast.h"

namespace lectern::jinja {

/// Parses a template of the subset in JINJA.md. Errors: BadInput naming the line and what is not known there.
Result<Body> parse(std::string_view source);

}  // namespace lectern::jinja
