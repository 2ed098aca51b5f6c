// SPDX-License-Identifier: GPL-3.0-or-later
// The sentences that documents fail with say what they are to those who translate them.
#include "engine/document/document_error.h"

#include <gtest/gtest.h>

namespace lectern {
namespace {

using wire::FailureKind;

struct Said {
    Error error;
    DocumentProblem problem;
    std::string detail = {};
};

std::vector<Said> everySentence(std::string_view name) {
    namespace say = documentError;
    const auto failure = [&](FailureKind kind, const char* detail = "") {
        return say::fromFailure(name, {kind, detail});
    };
    return {{say::missing(name), DocumentProblem::Missing},
            {say::isFolder(name), DocumentProblem::Folder},
            {say::notAFile(name), DocumentProblem::NoRegularFile},
            {say::empty(name), DocumentProblem::Empty},
            {say::cannotOpen(name, "Permission denied"), DocumentProblem::CannotOpen, "Permission denied"},
            {say::cannotOpen(name, ""), DocumentProblem::CannotOpen},
            {say::changed(name), DocumentProblem::Changed},
            {say::tookTooLong(name, 11.2), DocumentProblem::TookTooLong, "12"},
            {say::tooMuchText(name), DocumentProblem::TooMuchText},
            {say::readerLost(name, "crashed"), DocumentProblem::ReaderLost, "crashed"},
            {say::allPagesLost(name, "It is torn."), DocumentProblem::AllPagesLost, "It is torn"},
            {say::needsOcr(name), DocumentProblem::NeedsOcr},
            {say::noText(name), DocumentProblem::NoText},
            {say::notRecognized(name, "It is torn."), DocumentProblem::NotRecognized, "It is torn"},
            {failure(FailureKind::Binary, "ELF"), DocumentProblem::Binary, "ELF"},
            {failure(FailureKind::Locked), DocumentProblem::Locked},
            {failure(FailureKind::WrongPassword), DocumentProblem::WrongPassword},
            {failure(FailureKind::Damaged, "no trailer"), DocumentProblem::Damaged, "no trailer"},
            {failure(FailureKind::NoPages), DocumentProblem::NoPages},
            {failure(FailureKind::TooLarge), DocumentProblem::TooLarge},
            {failure(FailureKind::NoMemory), DocumentProblem::NoMemory},
            {failure(FailureKind::BadRequest, "a riddle"), DocumentProblem::Other, "a riddle"}};
}

TEST(DocumentError, EverySentenceTellsItsProblemAndDetail) {
    for (const char* name : {"report.pdf", "a (b).pdf", "\" is empty", "\u4e95.pdf"}) {
        for (const Said& said : everySentence(name)) {
            const DocumentProblemParts parts = documentError::problemIn(said.error.message);
            EXPECT_EQ(parts.problem, said.problem) << said.error.message;
            EXPECT_EQ(parts.detail, said.detail) << said.error.message;
            EXPECT_TRUE(said.error.message.starts_with('"' + std::string(name) + '"')) << said.error.message;
        }
    }
}

TEST(DocumentError, OtherTextsTellNothing) {
    for (const char* text : {"", "\"", "report.pdf is empty: get a fresh copy of it.", "Something else."})
        EXPECT_EQ(documentError::problemIn(text).problem, DocumentProblem::Other) << text;
}

}  // namespace
}  // namespace lectern
