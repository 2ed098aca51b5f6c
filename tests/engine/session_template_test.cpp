// SPDX-License-Identifier: GPL-3.0-or-later
// Which frames a session puts around documents and questions.
#include "engine/session/session_store.h"
#include "tests/engine/session_fixture.h"

namespace lectern {
namespace {

using test::fs::path;

class SessionTemplateTest : public test::SessionTest {
protected:
    /// Makes the tiny model say that it wants conversations like this.
    void bring(const std::string& chat_template) {
        m_engine.reset();
        m_model = test::writeTinyGguf(m_dir.path(), {.chat_template = chat_template});
        m_engine = makeEngine();
    }

    std::string kept(const path& file) const {
        return SessionStore::open(file, OpenMode::ReadOnly)->identity()->prompt_template;
    }

    /// Tokens of documents and framing before the first question.
    std::uint64_t tokensOf(const path& file) { return ingested(file, {writeText("text.txt", 1)})->tokens(); }
};

constexpr const char* kShort = "{% for m in messages %}<{{ m.role }}>{{ m.content }}</>{% endfor %}<assistant>";

TEST_F(SessionTemplateTest, TheModelsOwnComesFirstAndStaysWithTheSession) {
    const auto plain = tokensOf(m_dir / "plain.lectern");
    EXPECT_EQ(kept(m_dir / "plain.lectern"), "plain");
    bring("{{ 'You read with care.' * 1 }}" + std::string(kShort));
    EXPECT_EQ(tokensOf(m_dir / "refused.lectern"), plain) << "a text times a number is not known: plain";
    EXPECT_EQ(kept(m_dir / "refused.lectern"), "plain");
    bring("You read with care." + std::string(kShort));
    const auto file = m_dir / "own.lectern";
    EXPECT_GT(tokensOf(file), plain);
    EXPECT_EQ(kept(file), "model");
    for (int turn = 0; turn < 2; ++turn) {
        auto session = m_engine->openSession(file);
        ASSERT_TRUE(session) << session.error().message;
        const auto answer = (*session)->ask(question("Who lit the lamp?"), {}, {});
        ASSERT_TRUE(answer) << answer.error().message;
        EXPECT_EQ((*session)->branches()[0].messages.size(), std::size_t(turn + 1));
    }
    EXPECT_EQ(kept(file), "model");
}

TEST_F(SessionTemplateTest, ANewSessionSaysWhyTheModelsOwnIsNotTaken) {
    bring("{{ 'You read with care.' * 1 }}" + std::string(kShort));
    const auto refused = ingested(m_dir / "refused.lectern", {writeText("text.txt", 1)});
    EXPECT_EQ(refused->promptFrame().name, "plain");
    EXPECT_NE(refused->promptFrame().why.find("plain"), std::string::npos) << refused->promptFrame().why;
    const auto named = m_engine->createSession({.file = m_dir / "named.lectern", .prompt_template = "plain"});
    ASSERT_TRUE(named) << named.error().message;
    EXPECT_EQ((*named)->promptFrame().why, "") << "that is what was asked for";
    bring("You read with care." + std::string(kShort));
    const auto own = ingested(m_dir / "own.lectern", {writeText("text.txt", 1)});
    EXPECT_EQ(own->promptFrame().name, "model");
    EXPECT_EQ(own->promptFrame().why, "");
}

TEST_F(SessionTemplateTest, AShelfSaysWhereATemplateBeginsWithTooMuch) {
    std::string text;
    for (int i = 0; i < 200; ++i) text += "care ";
    bring(text + kShort);
    const auto session = m_engine->createSession({.file = m_dir / "a.lectern", .mode = SessionMode::Shelf});
    ASSERT_FALSE(session);
    EXPECT_EQ(session.error().code, ErrorCode::Usage);
    EXPECT_NE(session.error().message.find("a shelf holds 64 before its documents: choose another with --template."),
              std::string::npos)
        << session.error().message;
}

}  // namespace
}  // namespace lectern
