// SPDX-License-Identifier: GPL-3.0-or-later
// A parsed document: text in reading order with the place of each word. Value types, no Poppler here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace lectern {

/// In page units: points (1/72 inch), origin at the top left of the page as displayed (rotation applied).
struct Rect {
    float x = 0, y = 0, width = 0, height = 0;
};

/// One word of a page: its bytes in PageText::text and its box.
struct WordBox {
    std::uint32_t begin = 0, end = 0;
    Rect box;
};

enum class PageState : std::uint8_t {
    Read,       ///< has text
    Empty,      ///< has neither text nor pictures
    ImageOnly,  ///< pictures without text: needs OCR
    Unreadable  ///< the parser failed on it; PageText::problem says why
};

struct PageText {
    PageState state = PageState::Read;
    std::string label;  ///< as printed ("iv", "12"); equals the number where the file has no labels
    std::string text;  ///< UTF-8, NFC, reading order, hyphenation at line ends joined, ends with a newline unless empty
    std::string problem;          ///< one sentence: Unreadable, not recognized, or read by OCR (see tesseract.h)
    float width = 0, height = 0;  ///< points
    std::vector<WordBox> words;   ///< in text order; empty for plain text
};

/// Why a document could not be read.
enum class DocumentProblem : std::uint8_t {
    Other,  ///< none, or one without a name of its own
    Missing,
    Folder,
    NoRegularFile,
    Empty,
    CannotOpen,
    Changed,  ///< while it was read
    TookTooLong,
    TooMuchText,
    ReaderLost,
    AllPagesLost,
    Binary,
    Locked,
    WrongPassword,
    Damaged,
    NoPages,
    TooLarge,
    NoMemory,
    NeedsOcr,  ///< pictures of pages and no text
    NoText,
    NotRecognized  ///< pictures of pages in which OCR found no text, or that it failed on
};

/// What a sentence about a document says, for those who say it in another language.
struct DocumentProblemParts {
    DocumentProblem problem = DocumentProblem::Other;
    std::string detail;  ///< what the system or the parser added, in English; seconds of TookTooLong; or empty
};

struct OutlineItem {
    int level = 0;  ///< 0 = top
    std::string title;
    int page = -1;  ///< 0-based, -1 unknown
};

struct Document {
    std::string name;              ///< file name, made unique within a session
    std::filesystem::path source;  ///< absolute
    std::string kind;              ///< "pdf", "text", "markdown"
    std::string title, author;
    std::string content_hash;  ///< 32 hex digits over the file's bytes
    std::uint64_t file_bytes = 0;
    std::vector<PageText> pages;
    std::vector<OutlineItem> outline;
};

struct ReadLimits {
    double seconds = 120;                     ///< wall clock for one file, OCR not counted
    double seconds_per_page = 15;             ///< without any progress
    std::uint64_t memory_bytes = 2ULL << 30;  ///< address space of the child beyond its start
    std::uint64_t text_bytes = 512ULL << 20;  ///< extracted text of one file
};

/// How pages that are pictures are read.
struct OcrSettings {
    std::string languages = {};    ///< as Tesseract names them, "eng+deu"; empty: English, or what is installed
    double seconds_per_page = 60;  ///< for Tesseract; a page that takes longer stays a picture
};

struct ReadRequest {
    std::filesystem::path file;
    std::string password;  ///< UTF-8; empty = none
    ReadLimits limits;
    std::optional<OcrSettings> ocr = {};  ///< none: pages that are pictures stay so
};

/// pages done, pages in all; counted anew for those that OCR reads
using PageProgress = std::function<void(int, int)>;

/// Reads documents in a child process of ours (the worker program), so that a hostile file costs that file and nothing
/// else. Stateless apart from the worker's path; any thread, one child per call.
class DocumentReader {
public:
    explicit DocumentReader(std::filesystem::path worker);  ///< the program lectern-document-worker

    /// Errors: BadInput (missing, empty, not what it claims to be, damaged beyond reading, no page with text is NOT an
    /// error: look at the page states), Error code BadInput with message containing "password" for a locked file (see
    /// needsPassword), NoRoom (limits), Interrupted; with OCR wanted and pictures found, those of Tesseract::find().
    /// Each message is one sentence that names the file or program.
    Result<Document> read(const ReadRequest& request, const PageProgress& progress = {},
                          std::stop_token stop = {}) const;

    static bool needsPassword(const Error& error);

private:
    std::filesystem::path m_worker;
};

/// A rendered page: 0xffRRGGBB pixels, row-major, stride = width.
struct PageImage {
    int width = 0, height = 0;
    std::vector<std::uint32_t> pixels;
};

}  // namespace lectern
