// SPDX-License-Identifier: GPL-3.0-or-later
// The built-in model answers with quotes: on the sample document, through whole sessions.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "engine/engine.h"
#include "tests/support/test_data.h"

namespace lectern {
namespace {

namespace fs = std::filesystem;

constexpr const char* kAbsence = "The documents do not say.";

std::string plain(const std::string& text) {
    std::string out;
    for (const char c : text) {
        const bool space = c == ' ' || c == '\n';
        if (!space || (!out.empty() && out.back() != ' ')) out += space ? ' ' : c;
    }
    return out;
}

class QuoteTest : public testing::Test {
protected:
    void SetUp() override {
        EngineOptions options;
        options.threads = 1;
        options.worker = fs::path(LECTERN_BINARY_DIR) / "bin/lectern-document-worker";
        options.built_in = fs::path(LECTERN_SOURCE_DIR) / "resources/models/lectern-reader.gguf";
        auto engine = Engine::create(options);
        ASSERT_TRUE(engine);
        m_engine = std::move(*engine);
    }

    std::unique_ptr<Session> reading(const std::vector<fs::path>& files, const char* kv = "nuq4") {
        auto session = m_engine->createSession({m_dir / "s.lectern", {}, *parseKvSettings(kv)});
        EXPECT_TRUE(session) << (session ? "" : session.error().message);
        std::vector<ReadRequest> requests;
        for (const auto& file : files) requests.push_back({file, {}, {}});
        EXPECT_TRUE((*session)->addDocuments(requests, {}, {}));
        EXPECT_TRUE((*session)->ingest({}, {}));
        return std::move(*session);
    }
    std::unique_ptr<Session> sample() {
        return reading({fs::path(LECTERN_SOURCE_DIR) / "resources/samples/sample.pdf"});
    }
    fs::path write(const std::string& name, const std::string& text) const {
        std::ofstream(m_dir / name) << text;
        return m_dir / name;
    }

    static Message ask(Session& session, const std::string& question, std::vector<std::string> without = {}) {
        AskRequest request;
        request.question = question;
        request.branch = question;
        request.without = std::move(without);
        std::string streamed;
        auto message = session.ask(request, [&](const std::string& text) { streamed += text; }, {});
        EXPECT_TRUE(message) << (message ? "" : message.error().message);
        EXPECT_EQ(streamed, message->answer);
        return std::move(*message);
    }
    static bool says(const Session& session, const std::string& answer) {
        for (const auto& document : session.documents()) {
            const int pages = int(session.pages(document.id).size());
            for (int page = 0; page < pages; ++page)
                if (plain(session.pageText(document.id, page)->text).find(plain(answer)) != std::string::npos)
                    return true;
        }
        return false;
    }

    test::TempDir m_dir;
    std::unique_ptr<Engine> m_engine;
};

TEST_F(QuoteTest, QuestionsOnTheSampleAreAnsweredWithTheirPage) {
    struct Asked {
        const char* question;
        const char* sentence;
        int page;
    };
    constexpr Asked kAsked[] = {
        {"Who keeps the keys of the north tower?", "The keys of the north tower are kept by Marta Venn", 4},
        {"How much does the great lens weigh?", "The great lens was made in Lyon and weighs two and a half tonnes.", 5},
        {"Who is the relief keeper?", "The relief keeper is Susannah Pell.", 6},
        {"What is the price of admission for adults?", "The price of admission is three crowns for adults", 7},
        {"How large is the reserve fund?", "The reserve fund stands at forty-five thousand crowns.", 10},
        {"Who will open the sealed chamber?", "Professor Aurelio Santos will open the sealed chamber", 11}};
    auto session = sample();
    int right = 0, cited = 0;
    for (const auto& asked : kAsked) {
        const Message message = ask(*session, asked.question);
        EXPECT_TRUE(message.answer == kAbsence || says(*session, message.answer)) << message.answer;
        if (plain(message.answer).find(asked.sentence) == std::string::npos) continue;
        ++right;
        ASSERT_FALSE(message.citations.empty());
        cited += message.citations[0].page == asked.page ? 1 : 0;
        EXPECT_EQ(plain(message.citations[0].text), plain(message.answer)) << "the quote is what is marked";
        EXPECT_FALSE(message.citations[0].rects.empty());
    }
    EXPECT_GE(right, 5);
    EXPECT_EQ(cited, right);
}

TEST_F(QuoteTest, WhatNoPageSaysIsNotSaid) {
    auto session = sample();
    for (const char* question : {"xyzzy?", "What is the capital of France?", "Write a poem about the sea."}) {
        const Message message = ask(*session, question);
        EXPECT_TRUE(message.answer == kAbsence || says(*session, message.answer)) << message.answer;
        EXPECT_FALSE(message.answer.empty());
    }
}

TEST_F(QuoteTest, DocumentThatIsOffIsNotQuoted) {
    const std::string filler = "The harbour was quiet all week and the boats stayed in. Nobody came to the market.\n\n";
    auto session = reading({write("a.txt", filler + "The passkey of the boathouse is 4711.\n\n" + filler),
                            write("b.txt", filler + "The ferry leaves at noon.\n\n" + filler)});
    const std::string question = "What is the passkey of the boathouse?";
    EXPECT_EQ(ask(*session, question).answer, "The passkey of the boathouse is 4711.");
    const Message without = ask(*session, question + " Say it.", {"a.txt"});
    EXPECT_EQ(without.answer.find("4711"), std::string::npos) << without.answer;
    for (const auto& citation : without.citations) EXPECT_EQ(citation.document, "b.txt");
}

// The model is almost sure that nothing answers where a note stands beside text of quite another kind (absence 96%).
TEST_F(QuoteTest, NoteBesideTechnicalTextIsFound) {
    const std::string about =
        "# Lectern\n"
        "\n"
        "Lectern is a desktop application for reading very long things with a language model. PDFs and texts go whole "
        "into **one\n"
        "context**, no retrieval of snippets; the model's key-value cache stays compressed in memory with\n"
        "[KVQuant](https://arxiv.org/abs/2401.18079) (4, 3 or 2 bits, outliers kept sparse); answers cite the pages "
        "that the model\n"
        "attended to; and the whole context is saved in one file, so that a session opens again without reading "
        "anything twice.\n"
        "\n"
        "![The window: documents on the left, the conversation with its citations in the middle, the cited page on "
        "the\n"
        "right](main.png)\n";
    auto session =
        reading({write("d1.txt", "The harbour gate closes at 21:40 each night.\nThe keeper is called Orlov.\n"),
                 write("ab3.md", about)});
    EXPECT_EQ(ask(*session, "When does the harbour gate close?").answer,
              "The harbour gate closes at 21:40 each night.");
    EXPECT_EQ(ask(*session, "Who is the keeper?").answer, "The keeper is called Orlov.");
    EXPECT_EQ(ask(*session, "Who wrote the letter to the mayor?").answer, kAbsence);
}

TEST_F(QuoteTest, HeadingIsQuotedOnlyForWhatItAdds) {
    auto session = sample();
    const Message message = ask(*session, "What is the reserve?");
    EXPECT_EQ(message.answer, "The reserve fund stands at forty-five thousand crowns.")
        << "the heading says nothing more";
    ASSERT_FALSE(message.citations.empty());
    EXPECT_EQ(message.citations[0].text, message.answer);

    session.reset();
    fs::remove(m_dir / "s.lectern");
    const std::string line =
        "The harbour was quiet all week and the boats stayed in the old port. Nobody came to sell.\n";
    session = reading({write(
        "f.txt", line + line + "Total cost of the bridge\nUSD 4.5 million, of which 2 are paid.\n" + line + line)});
    EXPECT_EQ(ask(*session, "What is the total cost of the bridge?").answer,
              "Total cost of the bridge USD 4.5 million, of which 2 are paid.")
        << "without the heading nobody knows of what";
}

// Neither stretch can tell by itself that the other has a later date.
TEST_F(QuoteTest, LaterOfTwoDatesIsQuotedWhicheverStandsFirst) {
    std::string filler;
    for (int day = 1; day < 30; ++day)
        filler += "On the morning of the " + std::to_string(day) + "th the boats stayed in and nobody came to sell.\n";
    const std::string older = "As of March 1972, the headcount of the Fenwick laboratory is 519.\n\n";
    const std::string newer = "As of May 1990, the headcount of the Fenwick laboratory is 8,813.\n\n";
    const std::vector<std::string> orders = {older + filler + filler + newer + filler,
                                             newer + filler + filler + older + filler};
    for (std::size_t i = 0; i < orders.size(); ++i) {
        auto session = reading({write("report" + std::to_string(i) + ".txt", orders[i])});
        EXPECT_EQ(ask(*session, "What is the headcount of the Fenwick laboratory now?").answer,
                  "As of May 1990, the headcount of the Fenwick laboratory is 8,813.");
        EXPECT_EQ(ask(*session, "What was the headcount of the Fenwick laboratory in 1972?").answer,
                  "As of March 1972, the headcount of the Fenwick laboratory is 519.");
        session.reset();
        fs::remove(m_dir / "s.lectern");
    }
}

TEST_F(QuoteTest, ConversationGoesOnAndComesBackTheSame) {
    auto session = sample();
    AskRequest request;
    request.question = "Who is the relief keeper?";
    ASSERT_TRUE(session->ask(request, {}, {}));
    const auto file = session->file();
    session.reset();
    auto opened = m_engine->openSession(file);
    ASSERT_TRUE(opened) << opened.error().message;
    request.question = "Who will open the sealed chamber?";
    const auto second = (*opened)->ask(request, {}, {});
    ASSERT_TRUE(second);
    EXPECT_NE(plain(second->answer).find("Aurelio Santos"), std::string::npos) << second->answer;
    EXPECT_GT(second->ledger.tokens_reused, (*opened)->tokens());
    EXPECT_EQ((*opened)->branches()[0].messages.size(), 2U);
}

TEST_F(QuoteTest, StopBeforeTheAnswerIsAnInterruptionAndLeavesNothing) {
    auto session = sample();
    std::stop_source stop;
    stop.request_stop();
    AskRequest request;
    request.question = "Who is the relief keeper?";
    const auto message = session->ask(request, {}, stop.get_token());
    ASSERT_FALSE(message);
    EXPECT_EQ(message.error().code, ErrorCode::Interrupted);
    EXPECT_NE(ask(*session, request.question).answer.find("Susannah Pell"), std::string::npos);
}

}  // namespace
}  // namespace lectern
