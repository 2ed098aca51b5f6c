// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "engine/answer/prompt.h"
#include "engine/base/result.h"
#include "engine/text/tokenizer_spec.h"

namespace lectern {

/// The frames that a model's own chat template (Jinja) puts around documents, questions and answers, called "model". A
/// conversation whose first question stands behind the documents is rendered with marks in their places and cut there;
/// the template's own system text, where it has one, comes before the documents. It is told enable_thinking = false:
/// an answer holds no thoughts, where the model can do without.
/// Errors: BadInput where the template is empty or not rendered (engine/jinja/JINJA.md), where it changes, repeats or
/// drops what is said, or where what stands before the documents depends on what comes later.
Result<PromptTemplate> modelTemplate(std::string_view chat_template, const TokenizerSpec& tokenizer);

/// The frames of that name: one of promptTemplates(), "model" for the model's own, "" or "auto" for the model's own
/// where it has one that can be used, else the family whose signs it shows, else plain; `notice` is then told why.
/// Errors: Usage where there is no such name; BadInput as above.
Result<PromptTemplate> chooseTemplate(std::string_view name, std::string_view chat_template,
                                      const TokenizerSpec& tokenizer,
                                      const std::function<void(const std::string&)>& notice);

}  // namespace lectern
