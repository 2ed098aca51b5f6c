// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/answer/model_template.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "engine/jinja/template.h"
#include "tests/support/test_data.h"

namespace lectern {
namespace {

constexpr const char* kOwn =
    "{{ bos_token }}{% for m in messages %}<|{{ m.role }}|>\n{{ m.content | trim }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}";

TokenizerSpec vocabulary() {
    TokenizerSpec spec;
    spec.tokens = {"<unk>", "<s>", "</s>"};
    spec.bos = 1, spec.eos = 2;
    return spec;
}

Result<PromptTemplate> chosen(std::string_view name, std::string_view source, std::string* told = nullptr) {
    return chooseTemplate(name, source, vocabulary(), [&](const std::string& sentence) {
        if (told != nullptr) *told += sentence;
    });
}

TEST(ModelTemplate, IsCutWhereDocumentsQuestionsAndAnswersStand) {
    const auto made = modelTemplate(kOwn, vocabulary());
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->name, "model");
    EXPECT_EQ(made->before_documents, "<|user|>\n");
    EXPECT_EQ(made->first_question, "\n{q}<|end|>\n<|assistant|>\n");
    EXPECT_EQ(made->next_question, "<|end|>\n<|user|>\n{q}<|end|>\n<|assistant|>\n");
    EXPECT_TRUE(made->begins_with_bos);
    EXPECT_FALSE(made->eos_after_answer);
}

TEST(ModelTemplate, KeepsTheSystemTextThatATemplateBrings) {
    const auto made = modelTemplate(std::string("<|system|>You help.<|end|>\n") + kOwn, vocabulary());
    ASSERT_TRUE(made);
    EXPECT_EQ(made->before_documents, "<|system|>You help.<|end|>\n<s><|user|>\n");
    EXPECT_FALSE(made->begins_with_bos);
}

/// As Mistral Small's begins.
TEST(ModelTemplate, MayNameTheDay) {
    const auto made = modelTemplate(
        "{%- set today = strftime_now('%Y-%m-%d') %}{{ bos_token }}[SYSTEM_PROMPT]It is {{ "
        "today }}.[/SYSTEM_PROMPT]{% for m in messages %}{{ '[INST]' + m.content + '[/INST]' "
        "if m.role == 'user' else m.content + eos_token }}{% endfor %}",
        vocabulary());
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->before_documents, "[SYSTEM_PROMPT]It is 2024-07-26.[/SYSTEM_PROMPT][INST]");
    EXPECT_EQ(made->first_question, "\n{q}[/INST]");
    EXPECT_EQ(made->next_question, "</s>[INST]{q}[/INST]");
}

/// As Qwen3's ends: what it thinks would stand in the answer, before anything that answers.
TEST(ModelTemplate, AsksModelsThatThinkAloudToAnswerAtOnce) {
    const auto made = modelTemplate(std::string(kOwn) +
                                        "{% if enable_thinking is defined and enable_thinking is false %}"
                                        "{{ '<think>\n\n</think>\n\n' }}{% endif %}",
                                    vocabulary());
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->first_question, "\n{q}<|end|>\n<|assistant|>\n<think>\n\n</think>\n\n");
}

/// As SmolLM3's: how it is to think stands in the system text, and an answer that it did not think about begins with
/// thoughts that are empty.
TEST(ModelTemplate, TellsTheModeOfThinkingInTheSystemText) {
    const auto made = modelTemplate(
        R"({%- if enable_thinking is not defined -%}{%- set enable_thinking = true -%}{%- endif -%}
{%- set mode = "/think" if enable_thinking else "/no_think" -%}
{{- "<|im_start|>system\n" -}}
{%- if messages[0].role == "system" -%}{%- set system_text = messages[0].content -%}{%- endif -%}
{%- if "/system_override" in system_text -%}{{- system_text.replace("/system_override", "").rstrip() -}}
{%- else -%}{{- "Today Date: " ~ strftime_now("%d %B %Y") ~ "\n" -}}{{- "Reasoning Mode: " + mode + "\n\n" -}}
{%- if xml_tools or tools -%}{{- "### Tools\n" -}}{%- endif -%}{{- "<|im_end|>\n" -}}{%- endif -%}
{%- for message in messages -%}
    {%- set content = message.content if message.content is string else "" -%}
    {%- if message.role == "user" -%}{{ "<|im_start|>" + message.role + "\n" + content + "<|im_end|>\n" }}
    {%- elif message.role == "assistant" -%}{% generation %}{{ "<|im_start|>assistant\n" + ("" if mode == "/think"
        else "<think>\n\n</think>\n") + content.lstrip("\n") + "<|im_end|>\n" }}{% endgeneration %}
    {%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{ "<|im_start|>assistant\n" }}
    {%- if mode == "/no_think" -%}{{ "<think>\n\n</think>\n" }}{%- endif -%}{%- endif -%})",
        vocabulary());
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->before_documents,
              "<|im_start|>system\nToday Date: 26 July 2024\nReasoning Mode: /no_think\n\n<|im_end|>\n"
              "<|im_start|>user\n");
    EXPECT_EQ(made->first_question, "\n{q}<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n");
    EXPECT_EQ(made->next_question,
              "<|im_end|>\n<|im_start|>user\n{q}<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n");
}

struct Unusable {
    const char *source, *says;
};

TEST(ModelTemplate, IsRefusedWhereItCannotFrameDocuments) {
    const Unusable all[] = {
        {"", "brings no chat template"},
        {"{{ messages | magic }}", "the filter 'magic' is not known"},
        {"{% if %}", "cannot be used (line 1"},
        {"{{ raise_exception('no users here') }}", "no users here"},
        {"{% for m in messages %}{{ m.role }}{% endfor %}", "drops or changes what is said"},
        {"{% for m in messages %}{{ m.content | lower }}{% endfor %}", "drops or changes what is said"},
        {"{% for m in messages %}{{ m.content }}{{ m.content }}{% endfor %}", "repeats what is said"},
        {"{q}{% for m in messages %}{{ m.content }}{% endfor %}", "holds \"{q}\""},
        {"{{ messages | length }}{% for m in messages %}{{ m.content }}{% endfor %}", "by what comes later"},
    };
    for (const Unusable& one : all) {
        const auto made = modelTemplate(one.source, vocabulary());
        ASSERT_FALSE(made) << one.source;
        EXPECT_NE(made.error().message.find(one.says), std::string::npos) << made.error().message;
    }
}

TEST(ModelTemplate, IsTheFirstChoiceAndAFamilyTheSecond) {
    std::string told;
    EXPECT_EQ(chosen("", kOwn, &told)->name, "model");
    EXPECT_EQ(chosen("auto", "", &told)->name, "plain");
    EXPECT_EQ(chosen("gemma", kOwn, &told)->name, "gemma");
    EXPECT_EQ(told, "");
    EXPECT_EQ(chosen("auto", "<|im_start|>{{ messages | magic }}", &told)->name, "chatml");
    EXPECT_NE(told.find("Framing questions as \"chatml\". The model's chat template cannot be used"), std::string::npos)
        << told;
    EXPECT_FALSE(chosen("model", "{{ messages | magic }}"));
    const auto unknown = chosen("nonsense", kOwn);
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().message,
              "There is no prompt template \"nonsense\"; possible are plain, chatml, llama-3, gemma, phi-3, llama-2, "
              "and model, the model's own.");
}

std::string contents(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string filled(std::string frame, const std::string& question) {
    return frame.replace(frame.find("{q}"), 3, question);
}

/// What the template itself makes of a first question behind documents.
std::string rendered(const std::string& source, const std::string& content) {
    jinja::Dict names, message;
    message.set("role", "user");
    message.set("content", content);
    names.set("bos_token", "<s>");
    names.set("eos_token", "</s>");
    names.set("add_generation_prompt", true);
    names.set("messages", jinja::List{jinja::Value(message)});
    return *jinja::Template::parse(source)->render(names);
}

TEST(ModelTemplate, FramesAsTheTemplatesOfKnownModelsDo) {
    const auto folder = test::testData("tokenizers/chat-templates");
    if (!folder) GTEST_SKIP() << "no public test data";
    int usable = 0;
    for (const auto& entry : std::filesystem::directory_iterator(*folder)) {
        if (entry.path().extension() != ".jinja") continue;
        const std::string source = contents(entry.path());
        const auto made = modelTemplate(source, vocabulary());
        if (!made) {  // it asks for a list of functions
            EXPECT_NE(entry.path().string().find("firefunction"), std::string::npos) << made.error().message;
            continue;
        }
        ++usable;
        const std::string bos = made->begins_with_bos ? "<s>" : "";
        EXPECT_EQ(bos + made->before_documents + "# Text\nwords." + filled(made->first_question, "Who?"),
                  rendered(source, "# Text\nwords.\nWho?"))
            << entry.path();
        EXPECT_FALSE(made->next_question.empty());
    }
    EXPECT_EQ(usable, 16);
}

}  // namespace
}  // namespace lectern
