// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/document/tesseract_table.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "engine/document/unicode.h"
#include "engine/document/word_order.h"

namespace lectern {
namespace {

constexpr std::string_view kHead = "level\tpage_num\tblock_num\t";
constexpr std::size_t kNumbers = 10;          ///< before the confidence
constexpr std::size_t kMostWords = 100'000;   ///< of one page
constexpr std::size_t kMostWordBytes = 1000;  ///< no word of a page is longer
constexpr int kWordLevel = 5;

struct Row {
    std::array<int, kNumbers> numbers{};  ///< level, page, block, paragraph, line, word, left, top, width, height
    double confidence = 0;
    std::string_view text;

    bool sameLine(const Row& other) const {
        return std::equal(numbers.begin() + 1, numbers.begin() + 5, other.numbers.begin() + 1);
    }
    int left() const { return numbers[6]; }
    int top() const { return numbers[7]; }
    int right() const { return numbers[6] + numbers[8]; }
    int bottom() const { return numbers[7] + numbers[9]; }
};

/// Takes what stands before the next tab.
std::string_view cell(std::string_view& rest) {
    const auto text = rest.substr(0, rest.find('\t'));
    rest.remove_prefix(std::min(rest.size(), text.size() + 1));
    return text;
}

template <typename Number>
bool parse(std::string_view text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
}

/// A place or size within any picture that is drawn, so that sums of two of them are numbers too.
bool isSane(int number) {
    return number >= 0 && number <= 1'000'000;
}

std::optional<Row> rowOf(std::string_view line) {
    Row row;
    for (int& number : row.numbers)
        if (!parse(cell(line), number) || !isSane(number)) return std::nullopt;
    if (!parse(cell(line), row.confidence) || !(row.confidence >= -1 && row.confidence <= 1000)) return std::nullopt;
    row.text = line;
    return row;
}

/// Scripts that put no space between words.
bool isUnspaced(char32_t c) {
    return (c >= 0x2e80 && c <= 0x9fff) || (c >= 0xf900 && c <= 0xfaff) || (c >= 0xff00 && c <= 0xffef) ||
           (c >= 0x20000 && c <= 0x3ffff);
}

std::u32string textOf(std::string_view text) {
    std::u32string codes = unicode::toUtf32(unicode::repaired(text.substr(0, kMostWordBytes), kMostWordBytes));
    std::erase(codes, U' ');
    return codes;
}

/// Adds the words of one line, from left to right; sorts them.
void addLine(std::vector<Row>& line, const PictureSize& picture, std::vector<RawWord>& words) {
    const auto scale = float(72 / picture.dpi);
    int top = picture.height, bottom = 0;
    for (const Row& row : line) top = std::min(top, row.top()), bottom = std::max(bottom, row.bottom());
    bottom = std::min(bottom, picture.height);
    std::stable_sort(line.begin(), line.end(), [](const Row& a, const Row& b) { return a.left() < b.left(); });
    const std::size_t first = words.size();
    for (const Row& row : line) {
        const int right = std::min(row.right(), picture.width);
        const std::u32string read = textOf(row.text);
        if (row.left() >= right || top >= bottom || read.empty()) continue;
        RawWord word;
        word.text = drawnOrder(read);
        word.box = {float(row.left()) * scale, float(top) * scale, float(right - row.left()) * scale,
                    float(bottom - top) * scale};
        if (words.size() > first)
            words.back().space_after = !isUnspaced(words.back().text.back()) || !isUnspaced(word.text.front());
        words.push_back(std::move(word));
    }
    line.clear();
}

}  // namespace

std::optional<std::vector<RawWord>> tesseractWords(std::string_view table, const PictureSize& picture) {
    if (!table.starts_with(kHead) || !(picture.dpi > 0)) return std::nullopt;
    table.remove_prefix(std::min(table.size(), table.find('\n')));
    std::vector<RawWord> words;
    std::vector<Row> line;
    while (!table.empty()) {
        table.remove_prefix(1);  // the end of the row before
        std::string_view text = table.substr(0, table.find('\n'));
        table.remove_prefix(text.size());
        if (text.ends_with('\r')) text.remove_suffix(1);
        if (text.empty()) continue;
        const auto row = rowOf(text);
        if (!row) return std::nullopt;
        if (row->numbers[0] != kWordLevel || row->confidence < 0) continue;
        if (words.size() + line.size() >= kMostWords) return std::nullopt;
        if (!line.empty() && !line.front().sameLine(*row)) addLine(line, picture, words);
        line.push_back(*row);
    }
    addLine(line, picture, words);
    return words;
}

}  // namespace lectern
