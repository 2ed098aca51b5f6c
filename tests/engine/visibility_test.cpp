// SPDX-License-Identifier: GPL-3.0-or-later
// Documents that are off: for one question, or until they are switched on again.
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/session/session_store.h"
#include "tests/engine/session_fixture.h"

namespace lectern {
namespace {

namespace fs = std::filesystem;

class VisibilityTest : public test::SessionTest {
protected:
    /// A text of digits: another seed gives other tokens, and as many.
    fs::path writeDigits(const std::string& folder, unsigned seed) const {
        fs::create_directories(m_dir / folder);
        std::mt19937 random(seed);
        std::ofstream out(m_dir / folder / "c.txt");
        for (int i = 0; i < 900; ++i) out << random() % 10 << (i % 30 == 29 ? ". " : " ");
        return m_dir / folder / "c.txt";
    }

    std::unique_ptr<Session> three(const std::string& name, unsigned last_seed = 3) {
        return ingested(m_dir / name, {writeText("a.txt", 2), writeText("b.txt", 1, 2),
                                       writeDigits(std::to_string(last_seed), last_seed)});
    }

    /// Of the conversation, from the first page on that holds nothing of the documents (5 sinks, pages of 64).
    std::vector<std::byte> ownPagesOf(const fs::path& file) const {
        std::vector<std::byte> bytes;
        auto store = SessionStore::open(file, OpenMode::ReadOnly);
        EXPECT_TRUE(store);
        const std::uint64_t documents = (*store->branches())[0].base_tokens;
        EXPECT_TRUE(store->readBlocks(1, [&](BlockRecord&& b) -> Status {
            if (5 + std::uint64_t(b.page - 1) * 64 >= documents)
                bytes.insert(bytes.end(), b.bytes.begin(), b.bytes.end());
            return {};
        }));
        EXPECT_FALSE(bytes.empty());
        return bytes;
    }

    static AskRequest without(const std::string& text, std::vector<std::string> off) {
        auto request = question(text);
        request.without = std::move(off);
        return request;
    }
};

TEST_F(VisibilityTest, AnswerWithoutTheLastDocumentDoesNotDependOnIt) {
    auto one = three("1.lectern", 3), two = three("2.lectern", 4);
    ASSERT_EQ(one->tokens(), two->tokens());
    auto request = without(
        "Who lit the lamp of the northern tower at dusk, and was it lit again when the sea was calm?", {"c.txt"});
    const auto a = one->ask(request, {}, {}), seeing = one->ask(question("Who lit the lamp?", "other"), {}, {});
    ASSERT_TRUE(a && seeing) << a.error().message;
    EXPECT_EQ(a->without, (std::vector<int>{3}));
    for (const auto& citation : a->citations) EXPECT_NE(citation.document, "c.txt");
    EXPECT_TRUE(std::any_of(seeing->citations.begin(), seeing->citations.end(),
                            [](const Citation& c) { return c.document == "c.txt"; }));
    EXPECT_TRUE(seeing->without.empty());
    const auto b = two->ask(request, {}, {});
    ASSERT_TRUE(b);
    EXPECT_EQ(a->answer, b->answer);
    one.reset(), two.reset();
    EXPECT_TRUE(ownPagesOf(m_dir / "1.lectern") == ownPagesOf(m_dir / "2.lectern"));
}

TEST_F(VisibilityTest, OnlyNamesWhatIsReadEvenWhereItIsSwitchedOff) {
    auto session = three("a.lectern");
    ASSERT_TRUE(session->switchDocument("b.txt", false));
    auto request =
        question("Who lit the lamp of the northern tower at dusk, and was it lit again when the sea was calm?");
    request.only = {"b.txt"};
    const auto answer = session->ask(request, {}, {});
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->without, (std::vector<int>{1, 3}));
    ASSERT_FALSE(answer->citations.empty());
    double sum = 0;
    for (const auto& citation : answer->citations) {
        EXPECT_EQ(citation.document, "b.txt");
        sum += citation.share;
    }
    EXPECT_NEAR(sum, 1, 1e-6) << "shares are of what was read";
}

TEST_F(VisibilityTest, SwitchedOffStaysOffInTheFileAndComesBack) {
    auto session = three("a.lectern");
    ASSERT_TRUE(session->switchDocument("a.txt", false));
    session.reset();
    auto again = m_engine->openSession(m_dir / "a.lectern");
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_FALSE((*again)->documents()[0].on);
    const auto off = (*again)->ask(question("Who?"), {}, {});
    ASSERT_TRUE(off);
    EXPECT_EQ(off->without, (std::vector<int>{1}));
    ASSERT_TRUE((*again)->switchDocument("a.txt", true));
    const auto on = (*again)->ask(question("Who?", "other"), {}, {});
    ASSERT_TRUE(on);
    EXPECT_TRUE(on->without.empty());
    again->reset();
    auto peeked = m_engine->peekSession(m_dir / "a.lectern");
    ASSERT_TRUE(peeked);
    EXPECT_TRUE((*peeked)->documents()[0].on);
    EXPECT_EQ((*peeked)->branches()[0].messages[0].without, (std::vector<int>{1})) << "each answer says what it missed";
}

TEST_F(VisibilityTest, QuestionsThatSeeNothingOrNameTheUnknownAreRefused) {
    auto session = three("a.lectern");
    EXPECT_FALSE(session->switchDocument("nowhere.txt", false));
    for (const auto& request : {without("Who?", {"nowhere.txt"}), without("Who?", {"a.txt", "b.txt", "c.txt"})}) {
        const auto refused = session->ask(request, {}, {});
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, ErrorCode::Usage);
    }
    EXPECT_TRUE(session->branches().empty()) << "a refused question begins no conversation";
}

TEST_F(VisibilityTest, ConversationComputedAgainSeesWhatItSawThen) {
    for (const bool off : {true, false}) {
        std::vector<std::string> answers;
        for (const unsigned seed : {3U, 4U}) {
            const auto file = m_dir / (std::to_string(seed) + (off ? "off.lectern" : "on.lectern"));
            std::vector<std::string> names;
            if (off) names = {"c.txt"};
            ASSERT_TRUE(three(file.filename().string(), seed)->ask(without("Who?", names), {}, {}));
            ASSERT_TRUE(m_engine->rereadSession(file, {}, {}, {}));
            auto session = m_engine->openSession(file);
            ASSERT_TRUE(session) << session.error().message;
            const auto answer = (*session)->ask(without("And then?", {"c.txt"}), {}, {});
            ASSERT_TRUE(answer);
            EXPECT_GT(answer->ledger.tokens_new, 20U) << "the first question was computed again";
            EXPECT_EQ((*session)->branches()[0].messages[0].without.size(), names.size());
            answers.push_back((*session)->branches()[0].messages[0].answer + answer->answer);
        }
        const std::string ending = off ? "off.lectern" : "on.lectern";
        const bool same = ownPagesOf(m_dir / ("3" + ending)) == ownPagesOf(m_dir / ("4" + ending));
        if (off) {
            EXPECT_EQ(answers[0], answers[1]);
            EXPECT_TRUE(same);
        } else {
            EXPECT_FALSE(same);
        }
    }
}

}  // namespace
}  // namespace lectern
