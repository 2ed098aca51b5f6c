// SPDX-License-Identifier: GPL-3.0-or-later
// Documents, their pages and the places of their words, as they come and go.
#include "tests/engine/session/samples.h"
#include "tests/support/test_data.h"

namespace lectern::test {
namespace {

class SessionDocumentsTest : public testing::Test {
protected:
    TempDir folder;
    std::filesystem::path file = folder / "notes.lectern";
};

TEST_F(SessionDocumentsTest, RemovedDocumentGoesWithItsPagesAndMayComeAgain) {
    makeSession(file, 2);
    auto store = SessionStore::open(file, OpenMode::ReadWrite).value();
    SessionCommit c;
    c.removed_documents = {0, 1};
    c.documents.push_back(sampleDocument(1));
    c.pages.push_back(samplePage(1, 0));
    c.words.push_back(sampleWords(1, 0));
    ASSERT_OK(store.commit(c));
    ASSERT_EQ(store.documents().value().size(), 1U);
    EXPECT_EQ(store.documents().value()[0].id, 1);
    EXPECT_TRUE(store.pages(0).value().empty());
    EXPECT_EQ(store.pages(1).value().size(), 1U) << "not its old ones";
    EXPECT_TRUE(contentsOf(store)) << messageOf(contentsOf(store));
}

TEST_F(SessionDocumentsTest, PlacesOfWordsStayWhereOnlyTheirPageIsWrittenAgain) {
    makeSession(file, 2);
    auto store = SessionStore::open(file, OpenMode::ReadWrite).value();
    SessionCommit c;
    c.pages.push_back(samplePage(1, 0));
    c.pages[0].token_begin += 100, c.pages[0].token_end += 100;
    ASSERT_OK(store.commit(c));
    EXPECT_EQ(store.words(1, 0).value().boxes, sampleWords(1, 0).boxes);
    EXPECT_TRUE(failsWith(store.words(1, 9), ErrorCode::Damaged, "the words on page 10 of document 1"));
    EXPECT_TRUE(store.verify({}).value().problems.empty());
}

}  // namespace
}  // namespace lectern::test
