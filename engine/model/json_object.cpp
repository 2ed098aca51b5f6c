// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/model/json_object.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/base/mapped_file.h"
#include "engine/model/model_limits.h"
#include "engine/model/stored_tensor.h"

namespace lectern {
namespace {

using Json = nlohmann::json;

/// What all objects of one text share.
struct JsonText {
    std::filesystem::path file;
    Json root;
    Status status;
};

/// Whether brackets outside strings nest at most `most` deep; counted before parsing, so that nothing is built for a
/// text that only nests.
bool nestsAtMost(std::string_view text, int most) {
    int depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size() && depth <= most; ++i) {
        const char c = text[i];
        if (c == '"') in_string = !in_string;
        if (in_string && c == '\\') ++i;
        if (in_string) continue;
        if (c == '{' || c == '[') ++depth;
        if (c == '}' || c == ']') --depth;
    }
    return depth <= most;
}

/// Watches the parser for a key that stands twice in one object.
class DuplicateKeys {
public:
    void see(Json::parse_event_t event, const Json& parsed) {
        if (event == Json::parse_event_t::object_start) m_open.emplace_back();
        if (event == Json::parse_event_t::object_end) m_open.pop_back();
        if (event != Json::parse_event_t::key) return;
        const auto& key = parsed.get_ref<const std::string&>();
        if (!m_open.back().insert(key).second) m_found = key;
    }
    const std::optional<std::string>& found() const { return m_found; }

private:
    std::vector<std::set<std::string>> m_open;
    std::optional<std::string> m_found;
};

Error bad(const std::filesystem::path& file, const std::string& sentence) {
    return {ErrorCode::BadInput, file.string() + ": " + sentence};
}

/// The value of `key`, or null where it is absent or JSON's null.
const Json* find(const Json& object, std::string_view key) {
    const auto found = object.find(key);
    return found != object.end() && !found->is_null() ? &*found : nullptr;
}

}  // namespace

struct JsonObject::Node {
    std::shared_ptr<JsonText> text;
    const Json* value;   // an object inside *text
    std::string prefix;  // "rope_scaling." in messages about a nested object
};

JsonObject::JsonObject(std::shared_ptr<Node> node) : m_node(std::move(node)) {}

Result<JsonObject> JsonObject::read(const std::filesystem::path& file, std::uint64_t max_bytes) {
    auto mapped = MappedFile::open(file);
    if (!mapped) return std::move(mapped).error();
    if (mapped->size() > max_bytes)
        return bad(file, "the file has " + std::to_string(mapped->size()) + " bytes, more than such a file needs.");
    const auto bytes = mapped->bytes();
    return parse({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, file);
}

Result<JsonObject> JsonObject::parse(std::string_view text, const std::filesystem::path& file) {
    if (!nestsAtMost(text, limits::kJsonDepth))
        return bad(file, "the JSON nests deeper than " + std::to_string(limits::kJsonDepth) + " levels.");
    DuplicateKeys duplicates;
    const auto watch = [&](int, Json::parse_event_t event, Json& parsed) {
        return duplicates.see(event, parsed), true;
    };
    auto owned = std::make_shared<JsonText>();
    owned->file = file;
    owned->root = Json::parse(text, watch, false);
    if (!owned->root.is_object()) return bad(file, "this is no JSON object; the file is damaged.");
    if (duplicates.found()) return bad(file, "the key " + printable(*duplicates.found()) + " stands twice.");
    const Json* root = &owned->root;
    return JsonObject(std::make_shared<Node>(Node{std::move(owned), root, ""}));
}

void JsonObject::fail(const std::string& sentence) {
    if (m_node->text->status) m_node->text->status = bad(m_node->text->file, sentence);
}

const Status& JsonObject::status() const {
    return m_node->text->status;
}

void JsonObject::wrongType(std::string_view key, std::string_view expected) {
    const Json* value = find(*m_node->value, key);
    fail(m_node->prefix + printable(key) + " is " + (value != nullptr ? value->type_name() : "missing") +
         ", expected " + std::string(expected) + ".");
}

bool JsonObject::has(std::string_view key) const {
    return find(*m_node->value, key) != nullptr;
}

bool JsonObject::isText(std::string_view key) const {
    const Json* value = find(*m_node->value, key);
    return value != nullptr && value->is_string();
}

std::vector<std::string> JsonObject::keys() const {
    std::vector<std::string> keys;
    for (const auto& [key, value] : m_node->value->items()) keys.push_back(key);
    return keys;
}

int JsonObject::count(std::string_view key) {
    if (!has(key)) wrongType(key, "a number");
    return count(key, 0);
}

int JsonObject::count(std::string_view key, int fallback) {
    const Json* value = find(*m_node->value, key);
    if (value == nullptr) return fallback;
    if (value->is_number_unsigned() && value->get<std::uint64_t>() <= std::uint64_t(std::numeric_limits<int>::max()))
        return value->get<int>();
    return wrongType(key, "an integer from 0 to 2147483647"), fallback;
}

double JsonObject::real(std::string_view key, double fallback) {
    const Json* value = find(*m_node->value, key);
    if (value == nullptr) return fallback;
    if (value->is_number()) return value->get<double>();
    return wrongType(key, "a number"), fallback;
}

bool JsonObject::flag(std::string_view key, bool fallback) {
    const Json* value = find(*m_node->value, key);
    if (value == nullptr) return fallback;
    if (value->is_boolean()) return value->get<bool>();
    return wrongType(key, "true or false"), fallback;
}

std::string JsonObject::text(std::string_view key, std::string_view fallback) {
    const Json* value = find(*m_node->value, key);
    if (value == nullptr) return std::string(fallback);
    if (value->is_string()) return value->get<std::string>();
    return wrongType(key, "a text"), std::string(fallback);
}

std::optional<JsonObject> JsonObject::object(std::string_view key) {
    const Json* value = find(*m_node->value, key);
    if (value == nullptr) return std::nullopt;
    if (!value->is_object()) return wrongType(key, "an object"), std::nullopt;
    return JsonObject(std::make_shared<Node>(Node{m_node->text, value, m_node->prefix + printable(key) + "."}));
}

std::vector<JsonObject> JsonObject::objects(std::string_view key) {
    std::vector<JsonObject> out;
    const Json* value = find(*m_node->value, key);
    if (value == nullptr) return out;
    if (!value->is_array()) return wrongType(key, "an array of objects"), out;
    for (const Json& entry : *value) {
        if (!entry.is_object()) return wrongType(key, "an array of objects"), out;
        out.push_back(JsonObject(std::make_shared<Node>(Node{m_node->text, &entry, m_node->prefix})));
    }
    return out;
}

std::vector<std::string> JsonObject::texts(std::string_view key) {
    std::vector<std::string> out;
    const Json* value = find(*m_node->value, key);
    if (value == nullptr) return out;
    if (!value->is_array()) return wrongType(key, "an array of texts"), out;
    for (const Json& entry : *value) {
        if (!entry.is_string()) return wrongType(key, "an array of texts"), out;
        out.push_back(entry.get<std::string>());
    }
    return out;
}

std::vector<float> JsonObject::reals(std::string_view key) {
    std::vector<float> out;
    const Json* value = find(*m_node->value, key);
    if (value == nullptr) return out;
    if (!value->is_array()) return wrongType(key, "an array of numbers"), out;
    for (const Json& entry : *value) {
        if (!entry.is_number()) return wrongType(key, "an array of numbers"), out;
        out.push_back(entry.get<float>());
    }
    return out;
}

std::vector<std::uint64_t> JsonObject::numbers(std::string_view key) {
    std::vector<std::uint64_t> out;
    const Json* value = find(*m_node->value, key);
    if (value == nullptr || !value->is_array()) return wrongType(key, "an array of integers"), out;
    for (const Json& entry : *value) {
        if (!entry.is_number_unsigned()) return wrongType(key, "an array of integers from 0 on"), out;
        out.push_back(entry.get<std::uint64_t>());
    }
    return out;
}

std::vector<std::int64_t> JsonObject::oneOrMore(std::string_view key) const {
    std::vector<std::int64_t> out;
    const Json* value = find(*m_node->value, key);
    if (value == nullptr) return out;
    if (value->is_number_integer()) out.push_back(value->get<std::int64_t>());
    if (!value->is_array()) return out;
    for (const Json& entry : *value)
        if (entry.is_number_integer()) out.push_back(entry.get<std::int64_t>());
    return out;
}

}  // namespace lectern
