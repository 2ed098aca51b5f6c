// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/document/tesseract.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "engine/document/child_process.h"
#include "engine/document/tesseract_table.h"
#include "engine/document/word_composer.h"

namespace lectern {
namespace {

namespace fs = std::filesystem;
using Outcome = ChildProcess::Outcome;

constexpr std::uint64_t kMemoryBytes = std::uint64_t{4} << 30;
constexpr std::size_t kMostTableBytes = std::size_t{32} << 20;
constexpr std::size_t kMostListBytes = std::size_t{1} << 20;
constexpr double kListSeconds = 20;
constexpr std::string_view kNoteBegin = "The text of this page was recognized in its picture (Tesseract, ",
                           kNoteEnd = ") and may have mistakes.";

/// In the folders of PATH that are named from the root.
std::optional<fs::path> programOnPath() {
    const char* path = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe): nothing of ours changes it
    for (std::string_view rest = path != nullptr ? path : ""; !rest.empty();) {
        const auto folder = rest.substr(0, rest.find(':'));
        rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
        const fs::path program = fs::path(folder) / "tesseract";
        std::error_code ignored;
        if (folder.starts_with('/') && fs::is_regular_file(program, ignored) && access(program.c_str(), X_OK) == 0)
            return program;
    }
    return std::nullopt;
}

struct Answer {
    Outcome outcome = Outcome::Nonsense;
    std::string text;
};

Answer run(const fs::path& program, std::vector<std::string> arguments, std::string_view input, std::size_t most,
           double seconds, const std::stop_token& stop) {
    using namespace std::chrono;
    const auto deadline =
        steady_clock::now() + duration_cast<steady_clock::duration>(duration<double>(std::clamp(seconds, 0.0, 1e6)));
    Answer answer;
    auto child = ChildProcess::startOther(program, std::move(arguments), kMemoryBytes);
    if (child) answer.outcome = child->exchange(input, answer.text, most, deadline, stop);
    return answer;
}

bool isLanguage(std::string_view name) {
    return !name.empty() && name.front() != '-' && std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return (c < 0x80 && std::isalnum(c) != 0) || c == '_' || c == '-' || c == '/';
    });
}

std::vector<std::string> split(std::string_view text, char at) {
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(at, begin), text.size());
        parts.emplace_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

/// The languages in the answer to --list-langs: one a line, below a sentence. Without those that are no languages.
std::vector<std::string> languagesIn(std::string_view list) {
    std::vector<std::string> languages = split(list, '\n');
    std::erase_if(languages,
                  [](const std::string& line) { return !isLanguage(line) || line == "osd" || line == "equ"; });
    return languages;
}

Error notInstalled() {
    return {ErrorCode::Failed,
            "OCR needs the program \"tesseract\", which is not on PATH: install it (for example: sudo apt install "
            "tesseract-ocr)."};
}

Error doesNotRun(const fs::path& program) {
    return {ErrorCode::Failed,
            "\"" + program.string() + "\" does not say which languages it has: install Tesseract again."};
}

Error noLanguage(const std::string& name, const std::vector<std::string>& there) {
    std::string all;
    for (const auto& each : there) all += (all.empty() ? "" : ", ") + each;
    return {ErrorCode::Usage, "Tesseract has no language \"" + (isLanguage(name) ? name : "?") + "\" here" +
                                  (all.empty() ? "" : ", only " + all) +
                                  ": install it (for example: sudo apt install tesseract-ocr-deu)."};
}

/// A grey picture in the format PGM.
std::string pgm(const PageImage& picture) {
    std::string bytes = "P5\n" + std::to_string(picture.width) + " " + std::to_string(picture.height) + "\n255\n";
    bytes.reserve(bytes.size() + picture.pixels.size());
    for (const std::uint32_t p : picture.pixels)  // luma of BT.601
        bytes.push_back(char((((p >> 16) & 0xff) * 77 + ((p >> 8) & 0xff) * 150 + (p & 0xff) * 29) >> 8));
    return bytes;
}

}  // namespace

bool Tesseract::isInstalled() {
    return programOnPath().has_value();
}

Result<Tesseract> Tesseract::find(const std::string& languages, const std::stop_token& stop) {
    const auto program = programOnPath();
    if (!program) return notInstalled();
    const Answer list = run(*program, {"--list-langs"}, {}, kMostListBytes, kListSeconds, stop);
    if (list.outcome == Outcome::Stopped) return Error{ErrorCode::Interrupted, "Starting OCR was stopped."};
    if (list.outcome != Outcome::Ended) return doesNotRun(*program);
    const auto there = languagesIn(list.text);
    const auto has = [&](const std::string& name) {
        return std::find(there.begin(), there.end(), name) != there.end();
    };
    Tesseract found;
    found.m_program = *program;
    found.m_languages = !languages.empty() || there.empty() ? languages : has("eng") ? "eng" : there.front();
    for (const auto& name : split(found.m_languages, '+'))
        if (!has(name)) return noLanguage(found.m_languages.empty() ? "eng" : name, there);
    return found;
}

Status Tesseract::read(const PageImage& picture, double dpi, double seconds, const std::stop_token& stop,
                       PageText& page) const {
    const Answer answer =
        run(m_program,
            {"stdin", "stdout", "-l", m_languages, "--dpi", std::to_string(std::max(70L, std::lround(dpi))), "--psm",
             "3", "-c", "tessedit_create_tsv=1"},
            pgm(picture), kMostTableBytes, seconds, stop);
    if (answer.outcome == Outcome::Stopped) return Error{ErrorCode::Interrupted, "OCR of this page was stopped."};
    if (answer.outcome == Outcome::TimedOut)
        return Error{ErrorCode::NoRoom, "OCR of this page took longer than " +
                                            std::to_string(std::lround(std::ceil(seconds))) + " s and was stopped."};
    if (answer.outcome != Outcome::Ended) return Error{ErrorCode::Failed, "Tesseract failed on this page."};
    const auto words = tesseractWords(answer.text, {picture.width, picture.height, dpi});
    if (!words) return Error{ErrorCode::Failed, "Tesseract answered with nonsense for this page."};
    composePage(*words, page);
    page.state = page.text.empty() ? PageState::ImageOnly : PageState::Read;
    page.problem = page.text.empty() ? "OCR found no text in the picture of this page." : byOcr(m_languages);
    return {};
}

std::string byOcr(const std::string& languages) {
    return std::string(kNoteBegin) + languages + std::string(kNoteEnd);
}

std::optional<std::string> ocrLanguagesIn(std::string_view problem) {
    if (!problem.starts_with(kNoteBegin) || !problem.ends_with(kNoteEnd)) return std::nullopt;
    problem.remove_prefix(kNoteBegin.size());
    if (problem.size() < kNoteEnd.size()) return std::nullopt;
    return std::string(problem.substr(0, problem.size() - kNoteEnd.size()));
}

}  // namespace lectern
