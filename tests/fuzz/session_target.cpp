// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdlib>
#include <cstring>
#include <string>

#include "engine/kv/statistics_collector.h"
#include "engine/session_records.h"
#include "engine/session_summaries.h"
#include "tests/fuzz/targets.h"

namespace lectern::test {
namespace {

/// What was taken for whole is written, and read again, as the same.
void expectSame(const std::string& written, const std::string& again) {
    if (written != again) std::abort();
}

void readMessage(const std::string& text) {
    const auto message = fromRecord(MessageRecord{1, 2, text, 3, 4});
    if (!message) return;
    const MessageRecord record = toRecord(1, 2, *message);
    expectSame(record.json, toRecord(1, 2, *fromRecord(record)).json);
}

void readDocument(const std::string& text) {
    DocumentRecord record;
    record.id = 1;
    record.name = "a.pdf";
    record.outline_json = text;
    const auto document = fromRecord(record, {});
    if (!document) return;
    const DocumentRecord written = toRecord(*document, 0);
    expectSame(written.outline_json, toRecord(*fromRecord(written, {}), 0).outline_json);
}

void readSettings(const std::string& text) {
    const auto settings = settingsFromText(text);
    if (!settings) return;
    const std::string written = settingsText(*settings, modeFromText(text));
    expectSame(written, settingsText(*settingsFromText(written), modeFromText(written)));
}

/// fidelity, comparison, citations, summary: nothing where they are damaged.
template <class Value>
void readOptional(const std::optional<Value>& value, std::string (*write)(const Value&),
                  std::optional<Value> (*read)(const std::string&)) {
    if (!value) return;
    const std::string written = write(*value);
    const auto again = read(written);
    if (!again) std::abort();
    expectSame(written, write(*again));
}

void readStatistics(const std::string& bytes) {
    const auto statistics = unpackStatistics(bytes);
    if (!statistics) return;
    summaries(statistics->layers, nullptr);
    expectSame(bytes, packStatistics(statistics->layers, statistics->channels));
}

void readWords(const std::string& bytes) {
    WordsRecord record{1, 0, std::vector<std::byte>(bytes.size())};
    if (!bytes.empty()) std::memcpy(record.boxes.data(), bytes.data(), bytes.size());
    SessionPage page;
    page.text.text = "Four words stand here.";
    page.words = int(bytes.size() / sizeof(WordBox));
    const auto words = wordsFrom(record, page);
    if (!words) return;
    for (const WordBox& word : *words)
        if (word.end > page.text.text.size()) std::abort();
}

}  // namespace

void fuzzSessionRecords(std::span<const std::byte> input) {
    if (input.empty()) return;
    const std::string text(reinterpret_cast<const char*>(input.data()) + 1, input.size() - 1);
    switch (char(input[0])) {
        case 'd':
            return readDocument(text);
        case 'm':
            return readMessage(text);
        case 'c':
            return readOptional(citationsFromText(text), &citationsText, &citationsFromText);
        case 'k':
            return readSettings(text);
        case 'f':
            return readOptional(fidelityFromText(text), &fidelityText, &fidelityFromText);
        case 'o':
            return readOptional(comparisonFromText(text), &comparisonText, &comparisonFromText);
        case 's':
            return readOptional(summaryFromText(text), &summaryText, &summaryFromText);
        case 't':
            return readStatistics(text);
        case 'w':
            return readWords(text);
        default:
            return;
    }
}

}  // namespace lectern::test
