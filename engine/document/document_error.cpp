// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/document/document_error.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace lectern::documentError {
namespace {

/// Both sentences about passwords end so, and no other does: a file name cannot be mistaken for one.
constexpr std::string_view kGivePassword = ": open it with the document's password.";

enum class Detail : unsigned char { None, Word, Reason };  ///< a reason stands in brackets, and may be left out

/// A sentence: the name in quotes, `begin`, the detail, `end`.
struct Form {
    DocumentProblem problem;
    ErrorCode code;
    Detail detail;
    std::string_view begin, end;
};

constexpr ErrorCode kBad = ErrorCode::BadInput, kRoom = ErrorCode::NoRoom;
constexpr std::array kForms = {
    Form{DocumentProblem::Missing, kBad, Detail::None, " does not exist", ": check its name and folder."},
    Form{DocumentProblem::Folder, kBad, Detail::None, " is a folder", ": give the files in it."},
    Form{DocumentProblem::NoRegularFile, kBad, Detail::None, " is not a regular file", ": give a PDF or text file."},
    Form{DocumentProblem::Empty, kBad, Detail::None, " is empty", ": get a fresh copy of it."},
    Form{DocumentProblem::CannotOpen, kBad, Detail::Reason, " cannot be opened", ": check that you may read it."},
    Form{DocumentProblem::Changed, kBad, Detail::None, " changed while it was being read",
         ": read it again when it is complete."},
    Form{DocumentProblem::TookTooLong, kRoom, Detail::Word, " took longer than ",
         " s to read: split it or save it again as a simpler PDF."},
    Form{DocumentProblem::TooMuchText, kRoom, Detail::None, " holds more text than Lectern reads from one file",
         ": split it."},
    Form{DocumentProblem::ReaderLost, kBad, Detail::Word, " cannot be read, the document reader ",
         ": the file is probably damaged, get a fresh copy."},
    Form{DocumentProblem::AllPagesLost, kBad, Detail::Reason, " has no page that can be read",
         ": get a fresh copy of it."},
    Form{DocumentProblem::Binary, kBad, Detail::Reason, " looks like a binary file",
         ": give a PDF, text or Markdown file."},
    Form{DocumentProblem::Locked, kBad, Detail::None, " is locked", kGivePassword},
    Form{DocumentProblem::WrongPassword, kBad, Detail::None, " does not open with this password", kGivePassword},
    Form{DocumentProblem::Damaged, kBad, Detail::Reason, " is damaged and cannot be read as a PDF",
         ": get a fresh copy of it."},
    Form{DocumentProblem::NoPages, kBad, Detail::None, " has no pages",
         ": it is empty, cut short or damaged, get a fresh copy of it."},
    Form{DocumentProblem::TooLarge, kRoom, Detail::Reason, " is too large for Lectern", ": split it."},
    Form{DocumentProblem::NoMemory, kRoom, Detail::None, " needs more memory than one document may have",
         ": split it."},
    Form{DocumentProblem::NeedsOcr, kBad, Detail::None, " has pictures of pages and no text",
         ": read it with --ocr where Tesseract is installed, or run OCR over it first (for example: ocrmypdf in.pdf "
         "out.pdf)."},
    Form{DocumentProblem::NotRecognized, kBad, Detail::Reason, " has pictures of pages in which OCR found no text",
         ": try a better scan, or the languages it is written in."},
    Form{DocumentProblem::NoText, kBad, Detail::None, " has no text", "."},
    Form{DocumentProblem::Other, kBad, Detail::Reason, " cannot be read", ": get a fresh copy of it."},
};

std::string quoted(std::string_view name) {
    return "\"" + std::string(name) + "\"";
}

Error make(DocumentProblem problem, std::string_view name, std::string_view detail = {}) {
    const Form& form = *std::find_if(kForms.begin(), kForms.end() - 1,
                                     [&](const Form& candidate) { return candidate.problem == problem; });
    std::string said(detail);
    if (form.detail == Detail::Reason && !said.empty()) said = " (" + said + ")";
    return {form.code, quoted(name) + std::string(form.begin) + said + std::string(form.end)};
}

/// A sentence to be put in brackets within another one.
std::string_view withoutStop(std::string_view sentence) {
    while (sentence.ends_with('.')) sentence.remove_suffix(1);
    return sentence;
}

/// The detail of a sentence of this form; nothing where it is of another.
std::optional<std::string> detailIn(std::string_view sentence, const Form& form) {
    if (!sentence.starts_with('"') || !sentence.ends_with(form.end)) return std::nullopt;
    sentence.remove_suffix(form.end.size());
    const auto at = sentence.rfind("\"" + std::string(form.begin));
    if (at == std::string_view::npos || at == 0) return std::nullopt;
    std::string_view detail = sentence.substr(at + 1 + form.begin.size());
    if (form.detail == Detail::Word || detail.empty()) return std::string(detail);
    if (form.detail == Detail::None || !detail.starts_with(" (") || !detail.ends_with(')')) return std::nullopt;
    return std::string(detail.substr(2, detail.size() - 3));
}

}  // namespace

DocumentProblemParts problemIn(std::string_view sentence) {
    for (const Form& form : kForms)
        if (auto detail = detailIn(sentence, form)) return {form.problem, std::move(*detail)};
    return {};
}

Error missing(std::string_view name) {
    return make(DocumentProblem::Missing, name);
}
Error isFolder(std::string_view name) {
    return make(DocumentProblem::Folder, name);
}
Error notAFile(std::string_view name) {
    return make(DocumentProblem::NoRegularFile, name);
}
Error empty(std::string_view name) {
    return make(DocumentProblem::Empty, name);
}
Error cannotOpen(std::string_view name, std::string_view reason) {
    return make(DocumentProblem::CannotOpen, name, reason);
}
Error changed(std::string_view name) {
    return make(DocumentProblem::Changed, name);
}
Error tooMuchText(std::string_view name) {
    return make(DocumentProblem::TooMuchText, name);
}
Error needsOcr(std::string_view name) {
    return make(DocumentProblem::NeedsOcr, name);
}
Error noText(std::string_view name) {
    return make(DocumentProblem::NoText, name);
}

Error interrupted(std::string_view name) {
    return {ErrorCode::Interrupted, "Reading " + quoted(name) + " was stopped: read it again to include it."};
}

Error tookTooLong(std::string_view name, double seconds) {
    return make(DocumentProblem::TookTooLong, name, std::to_string(std::lround(std::ceil(seconds))));
}

Error readerLost(std::string_view name, std::string_view obituary) {
    return make(DocumentProblem::ReaderLost, name, obituary.empty() ? "answered with nonsense" : obituary);
}

Error allPagesLost(std::string_view name, std::string_view reason) {
    return make(DocumentProblem::AllPagesLost, name, withoutStop(reason));
}

Error notRecognized(std::string_view name, std::string_view reason) {
    return make(DocumentProblem::NotRecognized, name, withoutStop(reason));
}

Error fromFailure(std::string_view name, const wire::Failure& failure) {
    using wire::FailureKind;
    switch (failure.kind) {
        case FailureKind::CannotOpen:
            return cannotOpen(name, failure.detail);
        case FailureKind::Empty:
            return empty(name);
        case FailureKind::Binary:
            return make(DocumentProblem::Binary, name, failure.detail);
        case FailureKind::Locked:
            return make(DocumentProblem::Locked, name);
        case FailureKind::WrongPassword:
            return make(DocumentProblem::WrongPassword, name);
        case FailureKind::Damaged:
            return make(DocumentProblem::Damaged, name, failure.detail);
        case FailureKind::NoPages:
            return make(DocumentProblem::NoPages, name);
        case FailureKind::TooLarge:
            return make(DocumentProblem::TooLarge, name, failure.detail);
        case FailureKind::NoMemory:
            return make(DocumentProblem::NoMemory, name);
        case FailureKind::BadRequest:
            break;
    }
    return make(DocumentProblem::Other, name, failure.detail);
}

Error cannotDraw(std::string_view name, int page, std::string_view reason) {
    return {ErrorCode::Failed, "Page " + std::to_string(page + 1) + " of " + quoted(name) +
                                   " cannot be drawn because " + std::string(reason) + ": its text can still be read."};
}

Error drawingTooLarge(std::string_view name, int page) {
    return {ErrorCode::NoRoom, "Page " + std::to_string(page + 1) + " of " + quoted(name) +
                                   " is too large to be drawn at this size: use a smaller zoom."};
}

bool needsPassword(const Error& error) {
    return error.code == ErrorCode::BadInput && error.message.ends_with(kGivePassword);
}

}  // namespace lectern::documentError
