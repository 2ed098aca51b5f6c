// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/answer/model_template.h"

#include <cstddef>
#include <vector>

#include "engine/jinja/template.h"

namespace lectern {
namespace {

// Words that no template looks for, with nothing in them that trimming or escaping would change.
constexpr std::string_view kDocuments = "LECTERN-DOCUMENTS", kFirst = "LECTERN-FIRST-QUESTION";
constexpr std::string_view kAnswer = "LECTERN-ANSWER", kNext = "LECTERN-NEXT-QUESTION";
constexpr std::string_view kQuestion = "{q}";

Error bad(const std::string& sentence) {
    return {ErrorCode::BadInput, "The model's chat template " + sentence + ": choose another with --template."};
}

jinja::Value message(std::string_view role, std::string_view content) {
    jinja::Dict dict;
    dict.set("role", std::string(role));
    dict.set("content", std::string(content));
    return dict;
}

std::string spelled(const TokenizerSpec& tokenizer, std::int32_t id) {
    return id >= 0 && std::size_t(id) < tokenizer.tokens.size() ? tokenizer.tokens[std::size_t(id)] : std::string();
}

/// What lies before, between and behind the marks, each of which stands once, in this order.
Result<std::vector<std::string>> cut(std::string_view text, std::initializer_list<std::string_view> marks) {
    std::vector<std::string> parts;
    for (const std::string_view mark : marks) {
        const auto at = text.find(mark);
        if (at == std::string_view::npos) return bad("drops or changes what is said");
        parts.emplace_back(text.substr(0, at));
        text.remove_prefix(at + mark.size());
    }
    parts.emplace_back(text);
    for (const std::string& part : parts)
        for (const std::string_view mark : marks)
            if (part.find(mark) != std::string::npos || part.find(kQuestion) != std::string::npos)
                return bad("repeats what is said, or holds \"{q}\"");
    return parts;
}

class Rendering {
public:
    Rendering(const jinja::Template& code, const TokenizerSpec& tokenizer) : m_code(code) {
        m_names.set("bos_token", spelled(tokenizer, tokenizer.bos));
        m_names.set("eos_token", spelled(tokenizer, tokenizer.eos));
        m_names.set("add_generation_prompt", true);
        m_names.set("enable_thinking", false);  // models that can think aloud first (Qwen3) answer at once
    }
    Result<std::string> of(jinja::List messages) {
        m_names.set("messages", std::move(messages));
        auto text = m_code.render(m_names);
        if (!text) return bad("cannot be used (" + text.error().message + ")");
        return text;
    }

private:
    const jinja::Template& m_code;
    jinja::Dict m_names;
};

}  // namespace

Result<PromptTemplate> modelTemplate(std::string_view chat_template, const TokenizerSpec& tokenizer) {
    if (chat_template.empty()) return Error{ErrorCode::BadInput, "The model brings no chat template of its own."};
    const auto code = jinja::Template::parse(chat_template);
    if (!code) return bad("cannot be used (" + code.error().message + ")");
    Rendering render(*code, tokenizer);
    const jinja::Value first = message("user", std::string(kDocuments) + "\n" + std::string(kFirst));
    const auto asked = render.of({first});
    if (!asked) return asked.error();
    const auto again = render.of({first, message("assistant", kAnswer), message("user", kNext)});
    if (!again) return again.error();
    const auto opening = cut(*asked, {kDocuments, kFirst});
    if (!opening) return opening.error();
    const auto whole = cut(*again, {kDocuments, kFirst, kAnswer, kNext});
    if (!whole) return whole.error();
    if ((*opening)[0] != (*whole)[0] || (*opening)[1] != (*whole)[1])
        return bad("frames what was said by what comes later");
    PromptTemplate made;
    made.name = "model";
    made.before_documents = (*opening)[0];
    made.first_question = (*opening)[1] + std::string(kQuestion) + (*opening)[2];
    made.next_question = (*whole)[3] + std::string(kQuestion) + (*whole)[4];
    const std::string bos = spelled(tokenizer, tokenizer.bos);
    made.begins_with_bos = !bos.empty() && made.before_documents.starts_with(bos);
    if (made.begins_with_bos) made.before_documents.erase(0, bos.size());
    return made;
}

Result<PromptTemplate> chooseTemplate(std::string_view name, std::string_view chat_template,
                                      const TokenizerSpec& tokenizer,
                                      const std::function<void(const std::string&)>& notice) {
    const bool automatic = name.empty() || name == "auto";
    if (name == "model" || (automatic && !chat_template.empty())) {
        auto own = modelTemplate(chat_template, tokenizer);
        if (own || !automatic) return own;
        const auto family = findTemplate(name, chat_template);
        if (notice) notice("Framing questions as \"" + family->name + "\". " + own.error().message);
        return *family;
    }
    if (auto found = findTemplate(name, chat_template)) return *found;
    std::string names;
    for (const PromptTemplate& known : promptTemplates()) names += known.name + ", ";
    return Error{ErrorCode::Usage, "There is no prompt template \"" + std::string(name) + "\"; possible are " + names +
                                       "and model, the model's own."};
}

}  // namespace lectern
