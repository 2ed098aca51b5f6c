// SPDX-License-Identifier: GPL-3.0-or-later
// The real program with the built-in model: the whole job, bad input, signals.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "tests/app/process.h"
#include "tests/support/test_data.h"

namespace lectern {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::Ended;
using test::Process;
using test::runProgram;
using testing::HasSubstr;

const fs::path kModel = fs::path(LECTERN_SOURCE_DIR) / "resources/models/lectern-reader.gguf";
const fs::path kSample = fs::path(LECTERN_SOURCE_DIR) / "resources/samples/sample.pdf";

json lastLine(const std::string& text) {
    std::istringstream in(text);
    json last;
    for (std::string line; std::getline(in, line);) last = json::parse(line);
    return last;
}

/// Exactly one sentence of ours, and nothing a library printed besides.
void expectOneSentence(const Ended& ended) {
    EXPECT_THAT(ended.err, testing::StartsWith("lectern-cli: "));
    EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << ended.err;
}

class Program : public testing::Test {
protected:
    void SetUp() override {
        if (!fs::exists(kModel)) GTEST_SKIP() << "the built-in model is not in this checkout";
        m_session = (m_folder / "s.lectern").string();
    }

    /// A text that takes the built-in model some seconds to read.
    std::string longText() const {
        const fs::path file = m_folder / "long.txt";
        std::ofstream out(file);
        for (int line = 0; line < 300; ++line) {
            out << "On day " << line << " the keeper of the northern lighthouse wrote down wind, tide and visitors.\n";
        }
        return file.string();
    }

    Ended ingestSample() { return runProgram({"ingest", m_session, kSample.string(), "--json"}); }
    json info() { return json::parse(runProgram({"info", m_session, "--json"}).out); }
    std::string answer(const std::string& session) {
        const Ended asked = runProgram({"ask", session, "Who kept the lighthouse?", "--max-tokens", "16", "--json"});
        EXPECT_EQ(asked.status, 0) << asked.err;
        return asked.status == 0 ? std::string(lastLine(asked.out)["answer"]) : std::string();
    }

    test::TempDir m_folder;
    std::string m_session;
};

TEST_F(Program, WholeJobFromPdfToCitedAnswerAndBack) {
    const Ended ingested = ingestSample();
    ASSERT_EQ(ingested.status, 0) << ingested.err;
    const json done = lastLine(ingested.out);
    EXPECT_EQ(done["event"], "done");
    EXPECT_GT(done["tokens"], 100);
    EXPECT_LT(done["kv_bytes"], done["fp16_bytes"]);

    const Ended first = runProgram({"ask", m_session, "What is this report about?", "--max-tokens", "24", "--json"});
    ASSERT_EQ(first.status, 0) << first.err;
    const json answer = lastLine(first.out);
    ASSERT_FALSE(answer["citations"].empty());
    EXPECT_EQ(answer["citations"][0]["document"], "sample.pdf");
    EXPECT_GE(answer["citations"][0]["page"], 1);
    EXPECT_FALSE(answer["citations"][0]["rects"].empty());
    EXPECT_GE(answer["ledger"]["tokens_reused"], done["tokens"]);

    // Another process: nothing is read twice.
    const Ended second = runProgram({"ask", m_session, "And who wrote it?", "--max-tokens", "24", "--json"});
    ASSERT_EQ(second.status, 0) << second.err;
    EXPECT_GT(lastLine(second.out)["ledger"]["tokens_reused"], done["tokens"]);
    EXPECT_LT(lastLine(second.out)["ledger"]["tokens_new"], 100);

    const json info = this->info();
    EXPECT_EQ(info["documents"][0]["state"], "in_context");
    EXPECT_EQ(info["branches"][0]["messages"], 2);
    EXPECT_GT(info["memory"]["kv_bytes"], 0);
    EXPECT_GT(info["memory"]["ratio"], 1.5);
    EXPECT_FALSE(info["layers"].empty());
    EXPECT_EQ(runProgram({"verify", m_session}).status, 0);
    EXPECT_THAT(runProgram({"export", m_session}).out, HasSubstr("### And who wrote it?"));
    const fs::path pdf = m_folder / "talk.pdf";
    const Ended printed = runProgram({"export", m_session, "--out", pdf.string()});
    if (!LECTERN_UI) return expectOneSentence(printed);
    EXPECT_EQ(printed.status, 0);
    EXPECT_EQ(printed.err, "") << "nothing that Qt says";
    std::ifstream in(pdf);
    std::string first_line;
    std::getline(in, first_line);
    EXPECT_THAT(first_line, testing::StartsWith("%PDF-"));
}

TEST_F(Program, BuiltInModelQuotesTheSentenceAndCitesItsPage) {
    ASSERT_EQ(runProgram({"ingest", m_session, kSample.string(), "--kv", "fp16"}).status, 0);
    const std::vector<std::tuple<const char*, const char*, int>> table = {
        {"Who keeps the keys of the north tower?", "The keys of the north tower are kept by Marta Venn", 4},
        {"Who designed the south tower?", "The south tower was designed by the engineer Josiah Penhallow", 4},
        {"Who is the relief keeper?", "The relief keeper is Susannah Pell.", 6},
        {"What is the capital of France?", "The documents do not say.", 0}};
    int branch = 0;
    for (const auto& [question, words, page] : table) {
        const Ended asked = runProgram({"ask", m_session, question, "--branch", std::to_string(++branch), "--json"});
        ASSERT_EQ(asked.status, 0) << asked.err;
        const json answer = lastLine(asked.out);
        std::string said = answer["answer"];
        std::replace(said.begin(), said.end(), '\n', ' ');  // a quote has the line ends of its page
        EXPECT_THAT(said, HasSubstr(words)) << question;
        if (page > 0) {
            EXPECT_EQ(answer["citations"][0]["page"], page) << question;
        }
    }
}

TEST_F(Program, DocumentReadAlreadyIsNotReadAgain) {
    ASSERT_EQ(ingestSample().status, 0);
    const Ended again = ingestSample();
    ASSERT_EQ(again.status, 0) << again.err;
    EXPECT_EQ(lastLine(again.out)["tokens_new"], 0);
    EXPECT_EQ(info()["documents"].size(), 1U);
}

TEST_F(Program, EachBadInputHasItsStatusAndOneSentence) {
    std::ofstream(m_folder / "binary.txt", std::ios::binary) << std::string("\x7f\x45LF\0\0\1\2\3", 9);
    std::ofstream(m_folder / "empty.pdf");
    std::ofstream(m_folder / "cut.pdf") << "%PDF-1.7\n1 0 obj\n<</Type/Catalog";
    std::ofstream(m_folder / "cut.gguf") << "GGUF";
    std::ofstream(m_folder / "note.lectern") << "this is no session";
    const auto in = [&](const char* name) { return (m_folder / name).string(); };
    const std::vector<std::pair<int, std::vector<std::string>>> table = {
        {3, {"ingest", m_session, in("missing.pdf")}},
        {3, {"ingest", m_session, in("empty.pdf")}},
        {3, {"ingest", m_session, in("cut.pdf")}},
        {3, {"ingest", m_session, in("binary.txt")}},
        {3, {"ingest", m_session, kSample.string(), "--model", in("missing.gguf")}},
        {3, {"ingest", m_session, kSample.string(), "--model", in("cut.gguf")}},
        {3, {"model", "info", in("cut.gguf")}},
        {3, {"tokenize", "--model", in("cut.gguf")}},
        {3, {"perplexity", "--text", in("missing.txt")}},
        {3, {"info", in("missing.lectern")}},
        {3, {"info", in("note.lectern")}},
        {3, {"ask", in("note.lectern"), "Why?"}},
        {3, {"verify", in("note.lectern")}},
        {2, {"ask", in("note.lectern"), "Why?", "--device", "cuda:77"}},
        {4, {"ingest", m_session, kSample.string(), "--memory-limit", "1000"}},
    };
    for (const auto& [status, arguments] : table) {
        const Ended ended = runProgram(arguments);
        EXPECT_EQ(ended.status, status) << json(arguments).dump() << ended.err;
        EXPECT_EQ(ended.out, "") << json(arguments).dump();
        if (status != 4) expectOneSentence(ended);
        EXPECT_FALSE(fs::exists(m_session)) << json(arguments).dump();
    }
}

TEST_F(Program, GoodDocumentsAreReadBesideABadOne) {
    const Ended ended = runProgram({"ingest", m_session, (m_folder / "none.pdf").string(), kSample.string(), "--json"});
    EXPECT_EQ(ended.status, 3);
    EXPECT_EQ(lastLine(ended.out)["event"], "done");
    EXPECT_THAT(ended.err, HasSubstr("none.pdf"));
    EXPECT_EQ(info()["documents"].size(), 2U);
}

TEST_F(Program, FlippedBitIsFoundAndRepaired) {
    ASSERT_EQ(ingestSample().status, 0);
    const auto flip = [&](std::uintmax_t place) {
        std::fstream file(m_session, std::ios::in | std::ios::out | std::ios::binary);
        file.seekg(std::streamoff(place));
        const char byte = static_cast<char>(file.get());
        file.seekp(std::streamoff(place));
        file.put(static_cast<char>(byte ^ 0x10));
    };
    const auto size = fs::file_size(m_session);
    bool in_a_block = false;  // most of the file is cache blocks: one of a few places is in one
    for (std::uintmax_t eighth = 4; eighth < 8 && !in_a_block; ++eighth) {
        flip(size * eighth / 8);
        const Ended verified = runProgram({"verify", m_session, "--json"});
        ASSERT_EQ(verified.status, 5) << verified.out << verified.err;
        EXPECT_FALSE(json::parse(verified.out)["ok"]);
        in_a_block = !json::parse(verified.out)["damaged"].empty();
        if (!in_a_block) flip(size * eighth / 8);
    }
    ASSERT_TRUE(in_a_block);
    EXPECT_EQ(runProgram({"ask", m_session, "Why?"}).status, 5);
    ASSERT_EQ(runProgram({"verify", m_session, "--repair"}).status, 0);
    EXPECT_EQ(runProgram({"verify", m_session}).status, 0);
    EXPECT_NE(answer(m_session), "");
}

TEST_F(Program, InterruptedIngestKeepsWhatWasDoneAndGoesOn) {
    const std::string text = longText();
    for (const int signal : {SIGINT, SIGTERM}) {
        fs::remove(m_session);
        Process ingest({test::cliProgram().string(), "ingest", m_session, text, "--json"});
        ASSERT_TRUE(ingest.waitFor("\"progress\"")) << ingest.err();
        ingest.signal(signal);
        ASSERT_EQ(ingest.end(), 130) << ingest.err();
        EXPECT_THAT(ingest.err(), HasSubstr("kept: give the same command again"));
    }
    const std::uint64_t kept = info()["tokens"];
    EXPECT_GT(kept, 0U);
    const Ended on = runProgram({"ingest", m_session, text, "--json"});
    ASSERT_EQ(on.status, 0) << on.err;
    EXPECT_EQ(std::uint64_t(lastLine(on.out)["tokens_new"]) + kept, std::uint64_t(lastLine(on.out)["tokens"]));
}

TEST_F(Program, KilledIngestGoesOnAndAnswersLikeOneThatWasNot) {
    const std::string text = longText();
    {
        Process ingest({test::cliProgram().string(), "ingest", m_session, text, "--json"});
        ASSERT_TRUE(ingest.waitFor("\"progress\"")) << ingest.err();
        ingest.signal(SIGKILL);
        EXPECT_EQ(ingest.end(), 128 + SIGKILL);
    }
    EXPECT_EQ(runProgram({"verify", m_session}).status, 0);
    const Ended on = runProgram({"ingest", m_session, text, "--json"});
    ASSERT_EQ(on.status, 0) << on.err;
    const std::string whole = (m_folder / "whole.lectern").string();
    const Ended at_once = runProgram({"ingest", whole, text, "--json"});
    ASSERT_EQ(at_once.status, 0) << at_once.err;
    EXPECT_EQ(lastLine(on.out)["tokens"], lastLine(at_once.out)["tokens"]);
    EXPECT_EQ(answer(m_session), answer(whole));
}

TEST_F(Program, SecondWriterIsRefusedAndReadersAreNot) {
    const std::string text = longText();
    Process ingest({test::cliProgram().string(), "ingest", m_session, text, "--json"});
    ASSERT_TRUE(ingest.waitFor("\"progress\"")) << ingest.err();
    const Ended second = runProgram({"ingest", m_session, text});
    EXPECT_EQ(second.status, 1);
    expectOneSentence(second);
    EXPECT_EQ(runProgram({"info", m_session, "--json"}).status, 0);
    ingest.signal(SIGINT);
    EXPECT_EQ(ingest.end(), 130);
}

TEST_F(Program, ReaderWhoGoesAwayIsNoFailure) {
    ASSERT_EQ(ingestSample().status, 0);
    Process exported({test::cliProgram().string(), "export", m_session});
    exported.closeOutput();
    EXPECT_EQ(exported.end(), 0);
    EXPECT_EQ(exported.err(), "");
}

TEST_F(Program, FullDiskUnderTheResultsIsAFailure) {
    if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
    const Ended ended = runProgram({"devices"}, {}, [] { dup2(open("/dev/full", O_WRONLY), STDOUT_FILENO); });
    EXPECT_EQ(ended.status, 1);
    EXPECT_THAT(ended.err, HasSubstr("could not be written to standard output"));
}

TEST_F(Program, TokensComeBackAsTheTextTheyWere) {
    const std::string text = "The keeper wrote: wind 7, tide low.";
    const Ended ids = runProgram({"tokenize"}, text);
    ASSERT_EQ(ids.status, 0) << ids.err;
    EXPECT_THAT(ids.out, testing::MatchesRegex("([0-9]+ )*[0-9]+\n"));
    EXPECT_EQ(runProgram({"tokenize", "--decode"}, ids.out).out, text);
}

TEST_F(Program, WaitingForInputEndsAtTheFirstInterrupt) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    Process tokenize({test::cliProgram().string(), "tokenize"}, {}, [&] { dup2(ends[0], STDIN_FILENO); });
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    tokenize.signal(SIGINT);
    EXPECT_EQ(tokenize.end(std::chrono::seconds(20)), 130);
    close(ends[0]);
    close(ends[1]);
}

}  // namespace
}  // namespace lectern
