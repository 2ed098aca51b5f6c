// SPDX-License-Identifier: GPL-3.0-or-later
// Tokens of a session: appended only, and chained.
#include "engine/session/seals.h"
#include "engine/session/session_store.h"
#include "tests/engine/session/samples.h"
#include "tests/support/test_data.h"

namespace lectern::test {
namespace {

namespace fs = std::filesystem;

class SessionTokensTest : public testing::Test {
protected:
    SessionStore make() {
        auto store = SessionStore::create(file, sampleIdentity());
        EXPECT_TRUE(store) << messageOf(store);
        return std::move(*store);
    }

    TempDir folder;
    fs::path file = folder / "notes.lectern";
};

TEST_F(SessionTokensTest, TokensThatDoNotFollowTheOthersAreRefused) {
    auto store = make();
    SessionCommit c;
    c.tokens = {{0, 0, {1, 2}}, {0, 5, {6}}};
    EXPECT_TRUE(failsWith(store.commit(c), ErrorCode::Usage, "The tokens from 5 of branch 0 do not follow the 2"));
    EXPECT_EQ(store.tokens(0).value(), std::vector<std::int32_t>());
}

/// The chain of tokens is what checksums of rows and their sum are not: it says which tokens come before a row.
TEST_F(SessionTokensTest, TokensOutOfTheirOrderAreDamageEvenWhereEveryRowIsWhole) {
    {
        auto store = make();
        SessionCommit c;
        c.tokens = {{0, 0, {1, 2, 3}}, {0, 3, {4, 5, 6}}, {1, 0, {1, 2, 3}}};
        ASSERT_OK(store.commit(c));
    }
    {
        Database db;
        ASSERT_OK(db.open(file, true, 0));
        SealDeltas seals;
        TokenRun reversed{0, 0, {3, 2, 1}};
        reversed.chain = chained(reversed, 0);
        ASSERT_OK(db.exec("BEGIN"));
        ASSERT_OK(putRow(db, seals, reversed));
        ASSERT_OK(seals.write(db, "notes.lectern"));
        ASSERT_OK(db.exec("COMMIT"));
    }
    const auto store = SessionStore::open(file, OpenMode::ReadOnly);
    ASSERT_OK(store);
    const std::string where = "the run of tokens from 3 of branch 0 does not follow what comes before it";
    EXPECT_TRUE(failsWith(store->tokens(0), ErrorCode::Damaged, where));
    EXPECT_TRUE(store->tokens(1));
    const auto damage = store->verify({});
    ASSERT_OK(damage);
    ASSERT_EQ(damage->problems.size(), 1U);
    EXPECT_NE(damage->problems[0].find(where), std::string::npos) << damage->problems[0];
}

TEST_F(SessionTokensTest, TheChainOfTokensDoesNotDependOnWhereRunsEnd) {
    const auto chainOf = [this](const std::vector<TokenRun>& runs, std::uint64_t cut) {
        fs::remove(file);
        auto store = make();
        SessionCommit c;
        c.tokens = runs;
        EXPECT_TRUE(store.commit(c));
        SessionCommit shorter;
        shorter.truncate = {{0, cut, 0, 0}};
        EXPECT_TRUE(store.commit(shorter));
        Database db;
        EXPECT_TRUE(db.open(file, false, 0));
        return db.number("SELECT chain FROM tokens ORDER BY id DESC LIMIT 1").value();
    };
    const auto whole = chainOf({{0, 0, {1, 2, 3, 4, 5, 6}}}, 6);
    EXPECT_EQ(chainOf({{0, 0, {1, 2}}, {0, 2, {3, 4, 5}}, {0, 5, {6}}}, 6), whole);
    EXPECT_EQ(chainOf({{0, 0, {1, 2}}, {0, 2, {3, 4, 5, 6, 7, 8}}}, 6), whole);
    EXPECT_NE(chainOf({{0, 0, {1, 2, 3, 4, 6, 5}}}, 6), whole);
}

}  // namespace
}  // namespace lectern::test
