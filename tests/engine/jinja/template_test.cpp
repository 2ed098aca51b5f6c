// SPDX-License-Identifier: GPL-3.0-or-later
// What jinja2 makes of the same templates is in tests/parity/templates.json (made by templates.py).
#include "engine/jinja/template.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "engine/base/crc32c.h"
#include "tests/support/test_data.h"

namespace lectern::jinja {
namespace {

using Json = nlohmann::ordered_json;

std::string contents(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

const Json& parity() {
    static const Json all = Json::parse(contents(LECTERN_SOURCE_DIR "/tests/parity/templates.json"));
    return all;
}

Value valueOf(const Json& json) {
    if (json.is_null()) return Value::None{};
    if (json.is_boolean()) return json.get<bool>();
    if (json.is_number_integer()) return json.get<std::int64_t>();
    if (json.is_number()) return json.get<double>();
    if (json.is_string()) return json.get<std::string>();
    if (json.is_array()) {
        List list;
        for (const Json& element : json) list.push_back(valueOf(element));
        return list;
    }
    Dict dict;
    for (const auto& [key, element] : json.items()) dict.set(key, valueOf(element));
    return dict;
}

Dict namesOf(const Json& json) {
    return *valueOf(json).dict();
}

Result<std::string> rendered(std::string_view source, const Dict& names = {}) {
    const auto made = Template::parse(source);
    if (!made) return made.error();
    return made->render(names);
}

TEST(JinjaTemplate, GivesWhatJinja2Gives) {
    for (const Json& one : parity()["own"]) {
        const auto source = one["template"].get<std::string>();
        const auto out = rendered(source, namesOf(one["names"]));
        EXPECT_EQ(bool(out), !one["output"].is_null()) << source << (out ? "" : "\n" + out.error().message);
        if (out && !one["output"].is_null()) {
            EXPECT_EQ(*out, one["output"].get<std::string>()) << source;
        }
    }
}

TEST(JinjaTemplate, GivesModelsTemplatesAsJinja2Does) {
    const auto folder = test::testData("tokenizers/chat-templates");
    if (!folder) GTEST_SKIP() << "no public test data";
    for (const Json& one : parity()["named"]) {
        const std::string name = one["file"].get<std::string>() + ", " + one["conversation"].get<std::string>();
        const auto out = rendered(contents(*folder / one["file"].get<std::string>()),
                                  namesOf(parity()["conversations"][one["conversation"].get<std::string>()]));
        EXPECT_EQ(bool(out), !one["size"].is_null()) << name << (out ? "" : "\n" + out.error().message);
        if (!out || one["size"].is_null()) continue;
        EXPECT_EQ(out->size(), one["size"].get<std::size_t>()) << name << "\n" << *out;
        EXPECT_EQ(crc32c(std::as_bytes(std::span(*out))), one["crc32c"].get<std::uint32_t>()) << name << "\n" << *out;
    }
}

/// A session's frames must be tomorrow what they are now.
TEST(JinjaTemplate, HasADayThatStays) {
    EXPECT_EQ(*rendered("{{ strftime_now('%d %b %Y|%Y-%m-%d|%d-%B-%y|%A %j 100%%') }}"),
              "26 Jul 2024|2024-07-26|26-July-24|Friday 208 100%");
    EXPECT_EQ(*rendered("{{ strftime_now is defined }}"), "False") << "so that templates take a day of their own";
}

struct Refusal {
    const char* source;
    const char* says;
};

TEST(JinjaTemplate, RefusesByLineAndName) {
    const Refusal refusals[] = {
        {"a\n{{ x | shout }}", "line 2: the filter 'shout' is not known."},
        {"{{ x is prime }}", "the test 'prime' is not known."},
        {"{{ 'a'.zfill(3) }}", "texts have no method 'zfill' here."},
        {"{{ clock('%Y') }}", "the function 'clock' is not known."},
        {"{{ strftime_now('%Q') }}", "'strftime_now' does not know a part of its format."},
        {"{{ strftime_now('%Y%') }}", "'strftime_now' does not know a part of its format."},
        {"{{ strftime_now(2) }}", "'strftime_now' takes a format."},
        {"\n\n{% include 'x' %}", "line 3: the statement 'include' is not known here"},
        {"{% call x() %}", "the statement 'call' is not known here"},
        {"{{ raise_exception('roles must alternate') }}", "the template refuses: roles must alternate"},
        {"{% if x %}", "'endif' is missing."},
        {"{{ x", "a tag has no end."},
        {"{# x", "a comment has no end."},
        {"{{ 'x }}", "a text has no end."},
        {"{{ x ] }}", "']' closes nothing."},
        {"{{ x $ }}", "'$' belongs to no expression."},
        {"{% break %}", "the statement 'break' is not known here"},
        {"{{ a.b }}", "what a member is asked of is undefined."},
        {"{{ 2 ** 3 }}", "a tag does not end where it should."},
        {"{{ 9223372036854775807 + 1 }}", "a number is too large."},
        {"{% set a, b = [1] %}", "2 names do not fit 1 values."},
        {"{% set x.y = 1 %}", "'x' is no namespace"},
        {"{{ {1: 2} }}", "the keys of a dict must be texts."},
    };
    for (const Refusal& refusal : refusals) {
        const auto out = rendered(refusal.source);
        ASSERT_FALSE(out) << refusal.source << " gave " << *out;
        EXPECT_EQ(out.error().code, ErrorCode::BadInput);
        EXPECT_NE(out.error().message.find(refusal.says), std::string::npos) << out.error().message;
    }
}

std::string repeated(std::string_view text, int count) {
    std::string out;
    for (int i = 0; i < count; ++i) out += text;
    return out;
}

/// ns.s has 128 KiB.
const std::string kLongText =
    "{% set ns = namespace(s='xx') %}{% for i in range(16) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}";

TEST(JinjaTemplate, EndsWhateverTheTemplateDoes) {
    const std::string hostile[] = {
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{% set ns = namespace(s='x') %}{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
        "{% set ns = namespace(s=[1]) %}{% for i in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
        "{% set ns = namespace(s=[]) %}{% for i in range(9999) %}{% set ns.s = [ns.s] %}{% endfor %}{{ ns.s }}",
        "{% set ns = namespace() %}{% set ns.me = ns %}{{ ns }}",
        "{% set ns = namespace() %}{{ [ns] }}",
        "{% set ns = namespace() %}{% set ns.me = {'ns': ns} %}{{ ns }}",
        "{% for i in range(99999) %}" + repeated("x", 1000) + "{% endfor %}",
        repeated("{% if 1 %}", 5000),
        repeated("{% if 1 %}", 5000) + repeated("{% endif %}", 5000),
        "{{ " + repeated("(", 50000) + repeated(")", 50000) + " }}",
        "{{ " + repeated("[", 50000),
        "{{ " + repeated("-", 50000) + "1 }}",
        "{{ " + repeated("1+", 50000) + "1 }}",
        "{{ x" + repeated("|trim", 50000) + " }}",
        "{{ x" + repeated("[0]", 50000) + " }}",
        "{% if 0 %}" + repeated("{% elif 0 %}", 5000) + "{% endif %}",
        "{{ range(100001) }}",
        "{% set ns = namespace(s=[1]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s }}",
        "{% set ns = namespace(s={}) %}{% for i in range(60) %}{% set ns.s = {'a': ns.s, 'b': ns.s} %}{% endfor %}"
        "{{ ns.s == ns.s }}",
        kLongText + "{{ range(99999) | join(ns.s) }}",
        kLongText +
            "{% set a = [ns.s, ns.s, ns.s, ns.s] %}{% for i in range(9999) %}{{ '' if a == [ns.s] }}{% endfor %}"
            "{% for i in range(9999) %}{{ '' if ns.s ~ 1 }}{% endfor %}",
        kLongText + "{% for i in range(99999) %}{{ '' if ns.s[99999] }}{{ '' if ns.s | length }}{% endfor %}",
        kLongText + "{% for i in range(99999) %}{{ '' if 'y' in ns.s }}{% endfor %}",
        "{{ range(100000) | unique | length }}",
        "{% set ns = namespace(s=range(9999) | list) %}{% for i in range(60) %}{% set ns.s = [ns.s] %}{% endfor %}"
        "{{ ns.s | tojson(indent=100) }}",
        "{% macro f() %}" + repeated("{% for a in [1] %}", 80) + "{{ f() }}" + repeated("{% endfor %}", 80) +
            "{% endmacro %}{{ f() }}",
        std::string(2 << 20, 'x'),
    };
    for (const std::string& source : hostile) EXPECT_FALSE(rendered(source)) << source.substr(0, 80);
    EXPECT_TRUE(rendered("{{ " + repeated("not ", 50000) + "1 }}"));
}

TEST(JinjaTemplate, WholeNumbersOfWhatIsNoneAreTheFallback) {
    const auto out = rendered("{{ 'nan' | int }} {{ 'inf' | int(7) }} {{ 'inf' | float | int(3) }} {{ ' 12 ' | int }}");
    ASSERT_TRUE(out) << out.error().message;
    EXPECT_EQ(*out, "0 7 3 12");
}

TEST(JinjaTemplate, MarksOfTheModelsTextLeaveNothing) {
    const auto out = rendered("{% generation %}made{% endgeneration %} up");
    ASSERT_TRUE(out);
    EXPECT_EQ(*out, "made up");
}

TEST(JinjaTemplate, SurvivesEveryCut) {
    const std::string source = parity()["own"][11]["template"].get<std::string>() +
                               "{% for a in range(3) if a is odd %}{{ {'a': [1, a]}['a'][1:] | tojson }}{% endfor %}";
    for (std::size_t size = 0; size < source.size(); ++size) {
        const auto cut = rendered(source.substr(0, size));
        const auto damaged = rendered(source.substr(0, size) + "}" + source.substr(size + 1));
        EXPECT_TRUE(cut || !cut.error().message.empty());
        EXPECT_TRUE(damaged || !damaged.error().message.empty());
    }
}

}  // namespace
}  // namespace lectern::jinja
