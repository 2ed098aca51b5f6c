// SPDX-License-Identifier: GPL-3.0-or-later
// Pages, pictures and answers of the fake engine.
#pragma once

#include "tests/ui/fake_engine.h"

namespace lectern::test {

FakeDocument parseFakeDocument(const ReadRequest& request);
std::unique_ptr<ui::PageSource> makeFakePageSource(const std::filesystem::path& file, const std::string& password);
/// An answer out of the pages that share most words with the question.
Message fakeAnswer(const std::vector<FakeDocument>& documents, const std::string& question);

/// Questions and answers in a form that each format can be told by.
std::string fakeConversationText(const Session& session, const std::vector<BranchInfo>& branches,
                                 ui::ConversationFormat format);

}  // namespace lectern::test
