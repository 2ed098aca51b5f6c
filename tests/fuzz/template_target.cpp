// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/jinja/template.h"
#include "tests/fuzz/targets.h"

namespace lectern::test {
namespace {

jinja::Value message(const char* role, const char* content) {
    jinja::Dict dict;
    dict.set("role", role);
    dict.set("content", content);
    return dict;
}

/// What a conversation gives a chat template.
jinja::Dict conversation() {
    jinja::Dict names;
    names.set("messages", jinja::List{message("system", "Be brief."), message("user", "Who\nwrote  it? \u00e9"),
                                      message("assistant", "A <b>clerk</b>."), message("user", "")});
    names.set("bos_token", "<s>");
    names.set("eos_token", "</s>");
    names.set("add_generation_prompt", true);
    names.set("tools", jinja::Value::None{});
    names.set("n", std::int64_t(3));
    names.set("x", 2.5);
    return names;
}

}  // namespace

void fuzzChatTemplate(std::span<const std::byte> input) {
    const auto code = jinja::Template::parse({reinterpret_cast<const char*>(input.data()), input.size()});
    if (code) static_cast<void>(code->render(conversation()));
}

}  // namespace lectern::test
