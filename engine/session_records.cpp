// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/session_records.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <nlohmann/json.hpp>

#include "engine/base/finite.h"
#include "engine/ledger_record.h"
#include "engine/whole_number.h"

namespace lectern {

using nlohmann::json;

namespace {

static_assert(sizeof(WordBox) == 24 && std::is_trivially_copyable_v<WordBox>,
              "the file holds WordBox as it lies in memory");

json rectsJson(const std::vector<Rect>& rects) {
    json all = json::array();
    for (const auto& r : rects) all.push_back({r.x, r.y, r.width, r.height});
    return all;
}

json citationJson(const Citation& c) {
    return {{"document_id", c.document_id}, {"document", c.document}, {"page", c.page},
            {"page_label", c.page_label},   {"share", c.share},       {"text", c.text},
            {"rects", rectsJson(c.rects)}};
}

Citation citationFrom(const json& j) {
    Citation c;
    c.document_id = whole(j.at("document_id"));
    c.document = j.at("document");
    c.page = whole(j.at("page"));
    c.page_label = j.at("page_label");
    c.share = j.at("share");
    c.text = j.at("text");
    for (const auto& r : j.at("rects")) {
        const Rect& rect = c.rects.emplace_back(Rect{r.at(0), r.at(1), r.at(2), r.at(3)});
        const std::array places = {rect.x, rect.y, rect.width, rect.height};  // infinite: JSON's numbers are longer
        if (!allFinite(places)) throw json::out_of_range::create(401, "no place on a page", &r);
    }
    return c;
}

json documentsJson(const std::vector<DocumentShare>& documents) {
    json all = json::array();
    for (const auto& d : documents)
        all.push_back({{"document_id", d.document_id}, {"document", d.document}, {"share", d.share}});
    return all;
}

/// Sessions made before shares were kept have none.
std::vector<DocumentShare> documentsFrom(const json& message) {
    std::vector<DocumentShare> documents;
    for (const auto& j : message.value("documents", json::array()))
        documents.push_back({whole(j.at("document_id")), j.at("document"), j.at("share")});
    return documents;
}

json settingsJson(const KvSettings& s) {
    json layers = json::array();
    for (const LayerBits& l : s.layers) layers.push_back({l.first, l.last, l.key_bits, l.value_bits});
    return {{"key_bits", s.key_bits}, {"value_bits", s.value_bits},
            {"outliers", s.outliers}, {"sinks", s.sinks},
            {"window", s.window},     {"codebook", s.codebook == Codebook::Uniform ? "uniform" : "normal-float"},
            {"qnorm", int(s.qnorm)},  {"layers", layers}};
}

/// Text for JSON: bytes that are not UTF-8 become U+FFFD instead of an exception.
std::string dump(const json& j) {
    return j.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::vector<std::byte> packWords(const std::vector<WordBox>& words) {
    std::vector<std::byte> bytes(words.size() * sizeof(WordBox));
    if (!words.empty()) std::memcpy(bytes.data(), words.data(), bytes.size());
    return bytes;
}

bool unpackWords(const std::vector<std::byte>& bytes, std::size_t text_bytes, std::vector<WordBox>& words) {
    if (bytes.size() % sizeof(WordBox) != 0) return false;
    words.resize(bytes.size() / sizeof(WordBox));
    if (!words.empty()) std::memcpy(words.data(), bytes.data(), bytes.size());
    for (const auto& word : words) {
        if (word.begin > word.end || word.end > text_bytes) return false;
    }
    return true;
}

/// Nothing where it is damaged: only shown.
std::vector<OutlineItem> outlineFrom(const std::string& text) {
    std::vector<OutlineItem> outline;
    try {
        for (const auto& item : json::parse(text))
            outline.push_back(
                {whole(item.value("level", json(0))), item.value("title", ""), whole(item.value("page", json(-1)))});
    } catch (const json::exception&) {
        return {};
    }
    return outline;
}

Error damagedPage(const DocumentRecord& document, int page) {
    return {ErrorCode::Damaged, "Page " + std::to_string(page + 1) + " of \"" + document.name +
                                    "\" is damaged in the session; verify the session or read the document again."};
}

Result<SessionPage> pageFrom(const DocumentRecord& document, PageRecord& record) {
    SessionPage page;
    page.text.state = PageState(record.state);
    page.text.label = std::move(record.label);
    page.text.text = std::move(record.text);
    page.text.problem = std::move(record.problem);
    page.text.width = record.width;
    page.text.height = record.height;
    page.token_begin = record.token_begin;
    page.token_end = record.token_end;
    page.token_offsets = std::move(record.token_offsets);
    page.words = record.words;
    const bool sane = record.state >= 0 && record.words >= 0 && record.state <= int(PageState::Unreadable) &&
                      page.token_begin <= page.token_end &&
                      page.token_offsets.size() == page.token_end - page.token_begin;
    if (!sane) return damagedPage(document, record.page);
    for (const auto offset : page.token_offsets) {
        if (offset != 0xFFFFFFFF && offset > page.text.text.size()) return damagedPage(document, record.page);
    }
    return page;
}

}  // namespace

DocumentRecord toRecord(const SessionDocument& document, int place) {
    const DocumentInfo& info = document.info;
    json outline = json::array();
    for (const auto& item : info.outline)
        outline.push_back({{"level", item.level}, {"title", item.title}, {"page", item.page}});
    DocumentRecord record;
    record.id = info.id;
    record.name = info.name;
    record.source = info.source.string();
    record.kind = info.kind;
    record.title = info.title;
    record.author = info.author;
    record.content_hash = info.content_hash;
    record.problem = info.problem;
    record.outline_json = dump(outline);
    record.file_bytes = document.file_bytes;
    record.token_begin = info.token_begin;
    record.token_end = info.token_end;
    record.state = int(info.state);
    record.used = info.on ? 1 : 0;
    record.place = place;
    record.modified = document.modified;
    record.read_tokens = document.read;
    return record;
}

PageRecord toRecord(int document, int page, const SessionPage& data) {
    PageRecord record;
    record.document = document;
    record.page = page;
    record.state = int(data.text.state);
    record.label = data.text.label;
    record.text = data.text.text;
    record.problem = data.text.problem;
    record.width = data.text.width;
    record.height = data.text.height;
    record.words = data.words;
    record.token_begin = data.token_begin;
    record.token_end = data.token_end;
    record.token_offsets = data.token_offsets;
    return record;
}

WordsRecord wordsRecord(int document, int page, const SessionPage& data) {
    return {document, page, packWords(data.text.words)};
}

Result<std::vector<WordBox>> wordsFrom(const WordsRecord& record, const SessionPage& page) {
    std::vector<WordBox> words;
    if (unpackWords(record.boxes, page.text.text.size(), words) && words.size() == std::size_t(page.words))
        return words;
    return Error{ErrorCode::Damaged, "The places of the words on page " + std::to_string(record.page + 1) +
                                         " are damaged in the session; verify the session or read the document again."};
}

MessageRecord toRecord(int branch, int index, const StoredMessage& stored) {
    const Message& m = stored.message;
    json citations = json::array();
    for (const auto& c : m.citations) citations.push_back(citationJson(c));
    const json body = {{"question", m.question}, {"answer", m.answer},
                       {"citations", citations}, {"documents", documentsJson(m.documents)},
                       {"layers", m.layers},     {"ledger", ledgerJson<json>(m.ledger)},
                       {"stop", int(m.stop)},    {"time", m.time},
                       {"without", m.without}};
    return {branch, index, dump(body), stored.token_begin, stored.token_end};
}

Result<SessionDocument> fromRecord(const DocumentRecord& record, std::vector<PageRecord> pages) {
    SessionDocument document;
    DocumentInfo& info = document.info;
    info.id = record.id;
    info.name = record.name;
    info.source = record.source;
    info.kind = record.kind;
    info.title = record.title;
    info.author = record.author;
    info.content_hash = record.content_hash;
    info.problem = record.problem;
    info.token_begin = record.token_begin;
    info.token_end = record.token_end;
    info.state = DocumentState(record.state);
    info.on = record.used != 0;
    document.file_bytes = record.file_bytes;
    document.modified = record.modified;
    document.read = record.read_tokens;
    info.outline = outlineFrom(record.outline_json);
    if (record.state < 0 || record.state > int(DocumentState::Failed) || record.token_begin > record.token_end)
        return damagedPage(record, 0);
    for (auto& page : pages) {
        if (page.page != int(document.pages.size())) return damagedPage(record, page.page);
        auto data = pageFrom(record, page);
        if (!data) return data.error();
        document.pages.push_back(std::move(*data));
    }
    return document;
}

Result<StoredMessage> fromRecord(const MessageRecord& record) {
    const Error damaged{ErrorCode::Damaged, "Message " + std::to_string(record.index + 1) +
                                                " of a conversation is damaged in the session; verify the session."};
    StoredMessage stored;
    stored.token_begin = record.token_begin;
    stored.token_end = record.token_end;
    try {
        const json body = json::parse(record.json);
        Message& m = stored.message;
        m.question = body.at("question");
        m.answer = body.at("answer");
        for (const auto& c : body.at("citations")) m.citations.push_back(citationFrom(c));
        m.documents = documentsFrom(body);
        m.layers = body.value("layers", std::vector<double>());
        for (double& share : m.layers) share = std::clamp(share, 0.0, 1.0);
        m.ledger = ledgerFrom(body.at("ledger"));
        m.stop = StopReason(std::clamp<int>(whole(body.at("stop")), 0, int(StopReason::StopString)));
        m.time = whole(body.at("time"));
        for (const auto& id : body.at("without")) m.without.push_back(whole(id));
    } catch (const json::exception&) {
        return damaged;
    }
    if (record.token_begin > record.token_end) return damaged;
    return stored;
}

std::string citationsText(const std::vector<Citation>& citations) {
    json all = json::array();
    for (const auto& c : citations) all.push_back(citationJson(c));
    return dump(all);
}

std::optional<std::vector<Citation>> citationsFromText(const std::string& text) {
    try {
        std::vector<Citation> citations;
        for (const auto& c : json::parse(text)) citations.push_back(citationFrom(c));
        return citations;
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

std::string settingsText(const KvSettings& settings, SessionMode mode) {
    json j = settingsJson(settings);
    j["mode"] = mode == SessionMode::Shelf ? "shelf" : "joint";
    return dump(j);
}

Result<KvSettings> settingsFromText(const std::string& text) {
    const Error damaged{ErrorCode::Damaged, "The session's cache settings are damaged; verify the session."};
    KvSettings s;
    try {
        const json j = json::parse(text);
        s.key_bits = whole(j.at("key_bits"));
        s.value_bits = whole(j.at("value_bits"));
        s.outliers = j.at("outliers");
        s.sinks = whole(j.at("sinks"));
        s.window = whole(j.at("window"));
        s.codebook = j.at("codebook") == "uniform" ? Codebook::Uniform : Codebook::NormalFloat;
        s.qnorm = QNorm(std::clamp<int>(whole(j.value("qnorm", json(0))), 0, 2));
        for (const auto& l : j.value("layers", json::array()))
            s.layers.push_back({whole(l.at(0)), whole(l.at(1)), whole(l.at(2)), whole(l.at(3))});
    } catch (const json::exception&) {
        return damaged;
    }
    if (!checkKvSettings(s)) return damaged;
    return s;
}

SessionMode modeFromText(const std::string& text) {
    const json j = json::parse(text, nullptr, false);
    return j.is_object() && j.value("mode", json()) == "shelf" ? SessionMode::Shelf : SessionMode::Joint;
}

std::string fidelityText(const Fidelity& f) {
    return json{
        {"kv", f.kv},         {"kl_mean", f.kl_mean}, {"kl_p99", f.kl_p99}, {"top1_agreement", f.top1_agreement},
        {"tokens", f.tokens}, {"context", f.context}, {"time", f.time}}
        .dump();
}

std::optional<Fidelity> fidelityFromText(const std::string& text) {
    Fidelity f;
    try {
        const json j = json::parse(text);
        f.kv = j.at("kv");
        f.kl_mean = j.at("kl_mean");
        f.kl_p99 = j.at("kl_p99");
        f.top1_agreement = j.at("top1_agreement");
        f.tokens = whole(j.at("tokens"));
        f.context = whole(j.at("context"));
        f.time = whole(j.at("time"));
    } catch (const json::exception&) {
        return std::nullopt;
    }
    return f;
}

std::string comparisonText(const Comparison& comparison) {
    json settings = json::array();
    for (const auto& s : comparison.settings)
        settings.push_back({{"kv", dump(settingsJson(s.kv))},
                            {"calibrated", s.calibrated},
                            {"perplexity", s.perplexity},
                            {"kl_mean", s.kl_mean},
                            {"kl_p99", s.kl_p99},
                            {"top1_agreement", s.top1_agreement},
                            {"bytes_per_token", s.bytes_per_token}});
    return json{{"settings", settings},
                {"tokens", comparison.tokens},
                {"context", comparison.context},
                {"time", comparison.time}}
        .dump();
}

std::optional<Comparison> comparisonFromText(const std::string& text) {
    Comparison comparison;
    try {
        const json j = json::parse(text);
        for (const auto& row : j.at("settings")) {
            auto kv = settingsFromText(row.at("kv"));
            if (!kv) return std::nullopt;
            comparison.settings.push_back({std::move(*kv), row.at("calibrated"), row.at("perplexity"),
                                           row.at("kl_mean"), row.at("kl_p99"), row.at("top1_agreement"),
                                           row.at("bytes_per_token")});
        }
        comparison.tokens = whole(j.at("tokens"));
        comparison.context = whole(j.at("context"));
        comparison.time = whole(j.at("time"));
    } catch (const json::exception&) {
        return std::nullopt;
    }
    return comparison;
}

}  // namespace lectern
