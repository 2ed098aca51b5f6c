// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/document/document_error.h"

#include <cmath>

namespace lectern::documentError {
namespace {

/// Both sentences about passwords end so, and no other does: a file name cannot be mistaken for one.
constexpr std::string_view kGivePassword = "open it with the document's password.";

std::string quoted(std::string_view name) {
    return "\"" + std::string(name) + "\"";
}

Error bad(std::string_view name, std::string_view rest) {
    return {ErrorCode::BadInput, quoted(name) + std::string(rest)};
}

std::string bracketed(std::string_view reason) {
    return reason.empty() ? std::string() : " (" + std::string(reason) + ")";
}

}  // namespace

Error missing(std::string_view name) {
    return bad(name, " does not exist: check its name and folder.");
}
Error isFolder(std::string_view name) {
    return bad(name, " is a folder: give the files in it.");
}
Error notAFile(std::string_view name) {
    return bad(name, " is not a regular file: give a PDF or text file.");
}
Error empty(std::string_view name) {
    return bad(name, " is empty: get a fresh copy of it.");
}

Error cannotOpen(std::string_view name, std::string_view reason) {
    return bad(name, " cannot be opened" + bracketed(reason) + ": check that you may read it.");
}

Error changed(std::string_view name) {
    return bad(name, " changed while it was being read: read it again when it is complete.");
}

Error interrupted(std::string_view name) {
    return {ErrorCode::Interrupted, "Reading " + quoted(name) + " was stopped: read it again to include it."};
}

Error tookTooLong(std::string_view name, double seconds) {
    const auto whole = std::to_string(std::lround(std::ceil(seconds)));
    return {ErrorCode::NoRoom,
            quoted(name) + " took longer than " + whole + " s to read: split it or save it again as a simpler PDF."};
}

Error tooMuchText(std::string_view name) {
    return {ErrorCode::NoRoom, quoted(name) + " holds more text than Lectern reads from one file: split it."};
}

Error readerLost(std::string_view name, std::string_view obituary) {
    const std::string what = obituary.empty() ? "answered with nonsense" : std::string(obituary);
    return bad(name,
               " cannot be read, the document reader " + what + ": the file is probably damaged, get a fresh copy.");
}

Error allPagesLost(std::string_view name, std::string_view reason) {
    std::string_view sentence = reason;
    while (sentence.ends_with('.')) sentence.remove_suffix(1);
    return bad(name, " has no page that can be read" + bracketed(sentence) + ": get a fresh copy of it.");
}

Error fromFailure(std::string_view name, const wire::Failure& failure) {
    using wire::FailureKind;
    switch (failure.kind) {
        case FailureKind::CannotOpen:
            return cannotOpen(name, failure.detail);
        case FailureKind::Empty:
            return empty(name);
        case FailureKind::Binary:
            return bad(
                name, " looks like a binary file" + bracketed(failure.detail) + ": give a PDF, text or Markdown file.");
        case FailureKind::Locked:
            return bad(name, " is locked: " + std::string(kGivePassword));
        case FailureKind::WrongPassword:
            return bad(name, " does not open with this password: " + std::string(kGivePassword));
        case FailureKind::Damaged:
            return bad(name, " is damaged and cannot be read as a PDF" + bracketed(failure.detail) +
                                 ": get a fresh copy of it.");
        case FailureKind::NoPages:
            return bad(name, " has no pages: it is empty, cut short or damaged, get a fresh copy of it.");
        case FailureKind::TooLarge:
            return {ErrorCode::NoRoom,
                    quoted(name) + " is too large for Lectern" + bracketed(failure.detail) + ": split it."};
        case FailureKind::NoMemory:
            return {ErrorCode::NoRoom, quoted(name) + " needs more memory than one document may have: split it."};
        case FailureKind::BadRequest:
            break;
    }
    return bad(name, " cannot be read" + bracketed(failure.detail) + ": get a fresh copy of it.");
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
