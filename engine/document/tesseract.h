// SPDX-License-Identifier: GPL-3.0-or-later
// Tesseract: a program of others that may be installed, run as a child process on the picture of a page.
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/document/document.h"

namespace lectern {

/// The program `tesseract` on PATH and the languages that it is to read. A value; any thread.
class Tesseract {
public:
    static bool isInstalled();  ///< quick: looks for the file only

    /// Asks it for its languages. `languages` as in OcrSettings. Errors: Failed (not installed, or it does not run; the
    /// sentence says how to install it), Usage (a language that is not installed), Interrupted.
    static Result<Tesseract> find(const std::string& languages, const std::stop_token& stop = {});

    const std::string& languages() const { return m_languages; }  ///< "eng+deu"

    /// Reads a page drawn at `dpi` dots per inch, `seconds` at most. Fills text, words (boxes in points of the page),
    /// state and problem of `page`; without text in the picture it stays as it was, but for its problem.
    /// Errors, a sentence about this page: Failed (the program fails or answers with nonsense), NoRoom (time),
    /// Interrupted.
    Status read(const PageImage& picture, double dpi, double seconds, const std::stop_token& stop,
                PageText& page) const;

private:
    std::filesystem::path m_program;
    std::string m_languages;
};

/// What PageText::problem says of a page that was read so.
std::string byOcr(const std::string& languages);
/// The languages in such a sentence; nothing in another one.
std::optional<std::string> ocrLanguagesIn(std::string_view problem);

}  // namespace lectern
