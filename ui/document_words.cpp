// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/document_words.h"

#include <QCoreApplication>

#include "ui/format.h"

namespace lectern::ui {
namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("document", text);
}

/// Of files that cannot be read as they are; empty where it is another problem.
QString fileProblem(DocumentProblem problem) {
    switch (problem) {
        case DocumentProblem::Missing:
            return tr("“%1” does not exist: check its name and folder.");
        case DocumentProblem::Folder:
            return tr("“%1” is a folder: give the files in it.");
        case DocumentProblem::NoRegularFile:
            return tr("“%1” is no regular file: give a PDF or text file.");
        case DocumentProblem::Empty:
            return tr("“%1” is empty: get a fresh copy of it.");
        case DocumentProblem::CannotOpen:
            return tr("“%1” cannot be opened: check that you may read it.");
        case DocumentProblem::Changed:
            return tr("“%1” changed while it was being read: read it again when it is complete.");
        case DocumentProblem::Binary:
            return tr("“%1” looks like a binary file: give a PDF, text or Markdown file.");
        case DocumentProblem::Locked:
            return tr("“%1” is locked: open it with its password.");
        case DocumentProblem::WrongPassword:
            return tr("“%1” does not open with this password.");
        default:
            return {};
    }
}

/// Of what is in a file.
QString contentProblem(DocumentProblem problem) {
    switch (problem) {
        case DocumentProblem::TookTooLong:
            return tr("“%1” took longer than %2 s to read: split it or save it again as a simpler PDF.");
        case DocumentProblem::TooMuchText:
            return tr("“%1” holds more text than Lectern reads from one file: split it.");
        case DocumentProblem::ReaderLost:
            return tr("“%1” could not be read: it is probably damaged, get a fresh copy.");
        case DocumentProblem::AllPagesLost:
            return tr("“%1” has no page that can be read: get a fresh copy of it.");
        case DocumentProblem::Damaged:
            return tr("“%1” is damaged and cannot be read as a PDF: get a fresh copy of it.");
        case DocumentProblem::NoPages:
            return tr("“%1” has no pages: it is empty, cut short or damaged, get a fresh copy of it.");
        case DocumentProblem::TooLarge:
            return tr("“%1” is too large for Lectern: split it.");
        case DocumentProblem::NoMemory:
            return tr("“%1” needs more memory than one document may have: split it.");
        case DocumentProblem::NeedsOcr:
            return tr(
                "“%1” has pictures of pages and no text. Choose “Recognize text”, or run OCR over it, for example with "
                "ocrmypdf, and choose “Try again” where the new file takes the old one's place.");
        case DocumentProblem::NotRecognized:
            return tr("“%1” has pictures of pages in which OCR found no text: try a better scan.");
        case DocumentProblem::NoText:
            return tr("“%1” has no text.");
        default:
            return {};
    }
}

}  // namespace

QString problemText(const DocumentProblemParts& parts, const QString& file, const QString& sentence) {
    const auto& [problem, detail] = parts;
    QString own = fileProblem(problem);
    if (own.isEmpty()) own = contentProblem(problem);
    if (own.isEmpty()) return sentence;
    if (problem == DocumentProblem::TookTooLong) return own.arg(file, text(detail));
    own = own.arg(file);
    return detail.empty() ? own : QString("%1 (%2)").arg(own, text(detail));
}

QString problemText(const DocumentEntry& entry) {
    return problemText(entry.info.problem_parts, text(entry.info.name), text(entry.info.problem));
}

QString problemText(PageState state) {
    switch (state) {
        case PageState::Read:
            break;
        case PageState::Empty:
            return tr("This page has no text.");
        case PageState::ImageOnly:
            return tr("This page is a picture: there is no text in it to read.");
        case PageState::Unreadable:
            return tr("This page is damaged, or missing from its file.");
    }
    return {};
}

}  // namespace lectern::ui
