// SPDX-License-Identifier: GPL-3.0-or-later
// Subcommands that work on a session, with a pretended engine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <span>
#include <sstream>

#include "tests/app/fake_engine.h"
#include "tests/app/json_lines.h"
#include "tests/support/test_data.h"

namespace lectern {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::expectKeys;
using test::jsonLines;
using test::makeWorld;
using test::Outcome;
using test::runCli;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class CliSession : public testing::Test {
protected:
    void SetUp() override {
        m_old = (m_folder / "old.lectern").string();
        m_new = (m_folder / "new.lectern").string();
        std::ofstream(m_old) << "a session";
    }
    Outcome run(const std::vector<std::string>& arguments, bool terminal = false) {
        return runCli(m_world, arguments, {}, terminal);
    }
    test::TempDir m_folder;
    std::string m_old, m_new;
    std::shared_ptr<test::FakeWorld> m_world = makeWorld();
};

TEST_F(CliSession, IngestJsonEndsWithDone) {
    const Outcome outcome = run({"ingest", m_new, "a.txt", "b.txt", "--kv", "nuq3", "--json"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const auto all = jsonLines(outcome.out);
    ASSERT_EQ(all.size(), 6U);
    EXPECT_EQ(all[0]["event"], "plan");
    EXPECT_EQ(all[0]["tokens"], 400);
    EXPECT_EQ(all[0]["device"], "cpu");
    for (const json& line : std::span(all).subspan(1)) {
        const bool known = line["event"] == "progress" || line["event"] == "document" || line["event"] == "done";
        EXPECT_TRUE(known) << line.dump();
        if (line["event"] != "done") expectKeys(line, {"document", "pages", "tokens", "tokens_per_s"});
    }
    expectKeys(all.back(), {"tokens", "seconds", "kv_bytes", "fp16_bytes"});
    EXPECT_EQ(all.back()["event"], "done");
    EXPECT_EQ(all.back()["tokens"], 400);
    EXPECT_EQ(all.back()["kv_bytes"], 6000);
    EXPECT_EQ(m_world->settings.name(), "nuq3");
}

TEST_F(CliSession, GoodDocumentsAreReadWhereOthersFail) {
    m_world->bad_files["b.pdf"] = "\"b.pdf\" is encrypted: give its password.";
    const Outcome outcome = run({"ingest", m_new, "a.txt", "b.pdf", "c.txt", "--json"});
    EXPECT_EQ(outcome.status, 3);
    EXPECT_EQ(m_world->tokens, 400U);
    const std::string sentence = "lectern-cli: \"b.pdf\" is encrypted: give its password.\n";
    EXPECT_THAT(outcome.err, HasSubstr(sentence));
    EXPECT_THAT(outcome.err.substr(outcome.err.find(sentence) + sentence.size()), Not(HasSubstr("encrypted")))
        << "said twice";
    const auto all = jsonLines(outcome.out);
    EXPECT_EQ(all[0]["event"], "document") << "before the plan";
    EXPECT_EQ(all[0]["document"], "b.pdf");
    EXPECT_THAT(std::string(all[0]["problem"]), HasSubstr("encrypted"));
    EXPECT_EQ(all.back()["event"], "done");
}

TEST_F(CliSession, NewSessionWithoutAnyTextIsNotLeftBehind) {
    m_world->bad_files["b.pdf"] = "\"b.pdf\" is empty.";
    EXPECT_EQ(run({"ingest", m_new, "b.pdf"}).status, 3);
    EXPECT_FALSE(fs::exists(m_new));
    m_world->ingest = Error{ErrorCode::NoRoom, "It would not fit."};
    EXPECT_EQ(run({"ingest", m_new, "a.txt"}).status, 4);
    EXPECT_FALSE(fs::exists(m_new));
    EXPECT_EQ(run({"ingest", m_old, "a.txt"}).status, 4);
    EXPECT_TRUE(fs::exists(m_old)) << "an old session is never removed";
}

TEST_F(CliSession, InterruptedIngestKeepsTheSessionAndSaysHowToGoOn) {
    m_world->ingest = Error{ErrorCode::Interrupted, "Stopped."};
    const Outcome outcome = run({"ingest", m_new, "a.txt", "--json"});
    EXPECT_EQ(outcome.status, 130);
    EXPECT_TRUE(fs::exists(m_new));
    EXPECT_THAT(outcome.err, HasSubstr("200 tokens are in the session and kept: give the same command again"));
    for (const json& line : jsonLines(outcome.out)) EXPECT_NE(line["event"], "done");
    m_world->ingest.reset();
    EXPECT_EQ(run({"ingest", m_new}).status, 0);
}

TEST_F(CliSession, ProgressIsDrawnOnATerminalOnly) {
    EXPECT_THAT(run({"ingest", m_new, "a.txt"}, true).err, HasSubstr("\r[####################] 100%  2/2 pages"));
    fs::remove(m_new);
    EXPECT_THAT(run({"ingest", m_new, "a.txt"}, false).err, Not(HasSubstr("\r")));
}

TEST_F(CliSession, FoldersAreWalkedInOrderAndNothingIsLeftOutSilently) {
    fs::create_directories(m_folder / "papers/deep");
    fs::create_directories(m_folder / "papers/.git");
    for (const char* name : {"papers/b.PDF", "papers/deep/a.md", "papers/picture.png", "papers/.git/x.txt"}) {
        std::ofstream(m_folder / name) << "x";
    }
    const Outcome outcome = run({"ingest", m_new, "first.txt", (m_folder / "papers").string()});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    ASSERT_EQ(m_world->read.size(), 3U);
    EXPECT_EQ(m_world->read[0].file, "first.txt");
    EXPECT_EQ(m_world->read[1].file.filename(), "b.PDF");
    EXPECT_EQ(m_world->read[2].file.filename(), "a.md");
    EXPECT_THAT(outcome.err, HasSubstr("1 files in"));
}

TEST_F(CliSession, FolderWithoutDocumentsIsBadInput) {
    fs::create_directories(m_folder / "empty");
    const Outcome outcome = run({"ingest", m_new, (m_folder / "empty").string()});
    EXPECT_EQ(outcome.status, 3);
    EXPECT_THAT(outcome.err, HasSubstr("holds no PDF, text or Markdown file"));
    EXPECT_FALSE(fs::exists(m_new));
}

TEST_F(CliSession, PasswordReachesTheReader) {
    ASSERT_EQ(run({"ingest", m_new, "a.pdf", "--password", "s3cret"}).status, 0);
    EXPECT_EQ(m_world->read.at(0).password, "s3cret");
}

TEST_F(CliSession, SettingsOfAnExistingSessionCannotChange) {
    m_world->settings = *parseKvSettings("nuq3");
    EXPECT_EQ(run({"ingest", m_old, "a.txt", "--kv", "nuq3", "--sinks", "5"}).status, 0);
    for (const std::vector<std::string>& option :
         {std::vector<std::string>{"--kv", "nuq2"}, {"--outliers", "0.02"}, {"--sinks", "4"}, {"--window", "64"}}) {
        const Outcome outcome = run({"ingest", m_old, "a.txt", option[0], option[1]});
        EXPECT_EQ(outcome.status, 2) << option[0];
        EXPECT_THAT(outcome.err, HasSubstr("keeps its cache as nuq3 with 5 sinks and a window of 128"));
    }
}

TEST_F(CliSession, DocumentsBeyondTheTrainedContextAreSaid) {
    m_world->tokens = 900;
    EXPECT_THAT(run({"ingest", m_old, "a.txt"}).err, HasSubstr("trained on contexts of 1,000: answers will suffer"));
    m_world->quotes = true;
    EXPECT_THAT(run({"ingest", m_old, "a.txt"}).err, HasSubstr("trained on contexts of 1,000: quotes are looked for"));
}

TEST_F(CliSession, TemplateIsChosenOnceForASession) {
    EXPECT_EQ(run({"ingest", m_new, "a.txt", "--template", "chatml"}).status, 0);
    EXPECT_EQ(m_world->created.prompt_template, "chatml");
    const Outcome refused = run({"ingest", m_old, "a.txt", "--template", "plain"});
    EXPECT_EQ(refused.status, 2);
    EXPECT_THAT(refused.err, HasSubstr("--template is for a new session"));
}

TEST_F(CliSession, CalibrationIsChosenOnceForASession) {
    EXPECT_EQ(run({"ingest", m_new, "a.txt", "--calibration", "mine.kvq"}).status, 0);
    EXPECT_EQ(m_world->created.calibration, "mine.kvq");
    for (const std::vector<std::string>& rest : {std::vector<std::string>{"a.txt", "--calibration", "mine.kvq"},
                                                 {"--calibration", "auto"},
                                                 {"--reread", "--calibration", "mine.kvq"}}) {
        std::vector<std::string> arguments = {"ingest", m_old};
        arguments.insert(arguments.end(), rest.begin(), rest.end());
        const Outcome refused = run(arguments);
        EXPECT_EQ(refused.status, 2);
        EXPECT_THAT(refused.err, HasSubstr("--calibration is for a new session"));
    }
    EXPECT_EQ(m_world->rereads, 0);
}

TEST_F(CliSession, QNormThatASessionDoesNotHaveIsRefused) {
    m_world->settings = *parseKvSettings("nuq3");
    const Outcome refused = run({"ingest", m_old, "a.txt", "--qnorm", "on"});
    EXPECT_EQ(refused.status, 2);
    EXPECT_THAT(refused.err, HasSubstr("Q-Norm as it chose itself, which cannot change"));
    EXPECT_EQ(run({"ingest", m_old, "--reread", "--qnorm", "on"}).status, 2);
    EXPECT_EQ(run({"ingest", m_old, "--reread", "--kv", "nuq4"}).status, 2);
    EXPECT_EQ(m_world->rereads, 0);
    m_world->settings.qnorm = QNorm::On;
    EXPECT_EQ(run({"ingest", m_old, "a.txt", "--qnorm", "on"}).status, 0);
    EXPECT_THAT(run({"ingest", m_old, "a.txt", "--qnorm", "off"}).err, HasSubstr("Q-Norm on, which cannot change"));
}

TEST_F(CliSession, SingleLayersHaveBitsOfTheirOwn) {
    EXPECT_EQ(run({"ingest", m_new, "a.txt", "--kv", "nuq3@0-1=4/2"}).status, 0);
    EXPECT_EQ(m_world->created.kv.name(), "nuq3@0-1=4/2");
    m_world->settings = m_world->created.kv;
    EXPECT_EQ(run({"ingest", m_old, "a.txt", "--kv", "nuq3@0-1=4/2"}).status, 0);
    EXPECT_EQ(run({"ingest", m_old, "a.txt", "--kv", "nuq3"}).status, 2);
}

TEST_F(CliSession, ResearchFormsAreNoSettingOfASession) {
    for (const char* name : {"q4", "int3+post-rope", "nuq4+token-keys", "nuq3+channel-values"})
        EXPECT_EQ(run({"ingest", m_new, "a.txt", "--kv", name}).status, 2) << name;
}

TEST_F(CliSession, WrongModelSaysHowToReadAgain) {
    m_world->open_session = Error{ErrorCode::WrongModel, "The session was made with another model."};
    const Outcome refused = run({"ask", m_old, "Why?"});
    EXPECT_EQ(refused.status, 1);
    EXPECT_THAT(refused.err, HasSubstr("lectern-cli ingest " + m_old + " --reread --model MODEL"));
    m_world->open_session.reset();
    EXPECT_EQ(run({"ingest", m_old, "--reread", "--model", "other.gguf"}).status, 0);
    EXPECT_EQ(m_world->rereads, 1);
    EXPECT_EQ(m_world->model, "other.gguf");
}

TEST_F(CliSession, AnswerLineHasAllKeys) {
    const Outcome outcome = run({"ask", m_old, "Why?", "--json"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const auto all = jsonLines(outcome.out);
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0], (json{{"event", "token"}, {"text", "Forty"}}));
    const json& answer = all.back();
    EXPECT_EQ(answer["event"], "answer");
    EXPECT_EQ(answer["answer"], "Forty-two.");
    expectKeys(answer["ledger"], {"tokens_reused", "tokens_new", "seconds_to_first_token", "prefill_tokens_per_s",
                                  "decode_tokens_per_s", "peak_bytes", "seed"});
    const json& citation = answer["citations"][0];
    expectKeys(citation, {"document", "page", "page_label", "share", "text", "rects"});
    EXPECT_EQ(citation["page"], 3);
    EXPECT_EQ(citation["rects"][0]["width"], 3);
}

TEST_F(CliSession, AnswerComesWithAReceiptOfWhatOpeningSpared) {
    m_world->restored = Restored{812'344, 16'000'000'000, 6.9, 38 * 60.0};
    const Outcome people = run({"ask", m_old, "Who?"});
    EXPECT_THAT(people.err, HasSubstr("812,344 tokens restored in 6.90 s; about 38 min of reading saved"));
    const Outcome scripts = run({"ask", m_old, "Who?", "--json"});
    const json last = jsonLines(scripts.out).back();
    EXPECT_EQ(last["ledger"]["restored"]["tokens"], 812344);
    m_world->restored->reading_seconds = 1;
    EXPECT_THAT(run({"ask", m_old, "Who?"}).err, Not(HasSubstr("saved")));
    m_world->restored = Restored{90, 1000, 0.1, 0.4};
    EXPECT_THAT(run({"ask", m_old, "Who?"}).err, Not(HasSubstr("saved"))) << "nothing of note";
}

TEST_F(CliSession, QuestionTakesTheTemplateOfItsSessionAlone) {
    EXPECT_EQ(run({"ask", m_old, "Who?", "--template", "chatml"}).status, 0);
    const Outcome refused = run({"ask", m_old, "Who?", "--template", "plain"});
    EXPECT_EQ(refused.status, 2);
    EXPECT_EQ(refused.out, "");
    EXPECT_THAT(refused.err, HasSubstr("was begun with the template chatml and keeps it"));
    EXPECT_THAT(refused.err, HasSubstr("ingest --template"));
    EXPECT_THAT(run({"ask", "--help"}).out, HasSubstr("ingest --template"));
}

TEST_F(CliSession, AnswerForPeopleHasItsPagesAfterIt) {
    const Outcome outcome = run({"ask", m_old, "Why?"});
    EXPECT_EQ(outcome.out.find("Forty-two.\n"), 0U);
    EXPECT_THAT(outcome.out, HasSubstr("[report.pdf p. iii]  25.0%\n      a passage"));
    EXPECT_THAT(outcome.err, HasSubstr("tokens/s"));
}

TEST_F(CliSession, BytesThatAreNoUtf8AreStillValidJson) {
    m_world->answer_pieces = {"\xff\xfe", "\xe2\x82"};
    m_world->answer.citations[0].text = "\xc3";
    EXPECT_EQ(jsonLines(run({"ask", m_old, "Why?", "--json"}).out).size(), 3U);
}

TEST_F(CliSession, ControlCharactersOfDocumentsDoNotReachTheTerminal) {
    m_world->answer_pieces = {"\x1b[2J"};
    m_world->answer.citations[0].document = "\x1b]0;owned\x07.pdf";
    m_world->documents[0].name =
        "\xc2\x9b"
        "31m.pdf";
    for (const auto& command : {std::vector<std::string>{"ask", m_old, "Why?"}, {"info", m_old}}) {
        const Outcome outcome = run(command);
        EXPECT_EQ(outcome.status, 0);
        EXPECT_THAT(outcome.out, Not(HasSubstr("\x1b")));
        EXPECT_THAT(outcome.out, Not(HasSubstr("\xc2\x9b")));
        EXPECT_THAT(outcome.out, Not(HasSubstr("\x07")));
    }
}

TEST_F(CliSession, SamplingOptionsReachTheEngineAndTheSeedIsNamed) {
    std::vector<std::string> words = {"ask", m_old, "Why?", "--json"};
    std::istringstream options(
        "--branch b --max-tokens 9 --temperature 0.7 --top-k 40 --top-p 0.9 --min-p 0.05 --repetition-penalty 1.1 "
        "--typical-p 0.95 --presence-penalty -0.5 --frequency-penalty 0.25 --dry 0.8 --dry-base 2 "
        "--dry-allowed-length 3 --stop </answer> --stop Q: --seed 18446744073709551615");
    for (std::string word; options >> word;) words.push_back(word);
    const Outcome outcome = run(words);
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(m_world->asked.branch, "b");
    EXPECT_EQ(m_world->asked.max_tokens, 9);
    const SamplerSettings wanted = {.temperature = 0.7,
                                    .top_k = 40,
                                    .typical_p = 0.95,
                                    .min_p = 0.05,
                                    .top_p = 0.9,
                                    .repetition_penalty = 1.1,
                                    .presence_penalty = -0.5,
                                    .frequency_penalty = 0.25,
                                    .dry_multiplier = 0.8,
                                    .dry_base = 2,
                                    .dry_allowed_length = 3,
                                    .seed = 18446744073709551615U};
    EXPECT_TRUE(m_world->asked.sampler == wanted);
    EXPECT_EQ(m_world->asked.stop_strings, (std::vector<std::string>{"</answer>", "Q:"}));
    EXPECT_EQ(jsonLines(outcome.out).back()["ledger"]["seed"], 18446744073709551615U);
}

TEST_F(CliSession, QuestionComesFromStandardInputForADash) {
    ASSERT_EQ(runCli(m_world, {"ask", m_old, "-"}, "Who?\n").status, 0);
    EXPECT_EQ(m_world->asked.question, "Who?\n");
}

TEST_F(CliSession, DocumentsNotReadToTheEndAreSaidBeforeAnAnswer) {
    m_world->documents[0].state = DocumentState::Reading;
    EXPECT_THAT(run({"ask", m_old, "Why?"}).err, HasSubstr("1 document is not read to the end"));
}

TEST_F(CliSession, StoppedAnswerIsStatus130) {
    m_world->answer.stop = StopReason::Interrupted;
    EXPECT_EQ(run({"ask", m_old, "Why?"}).status, 130);
}

TEST_F(CliSession, DamageIsStatusFiveAndListed) {
    EXPECT_EQ(run({"verify", m_old}).status, 0);
    m_world->report.ok = false;
    m_world->report.damaged = {{3, "key", 17}};
    const Outcome outcome = run({"verify", m_old, "--json"});
    EXPECT_EQ(outcome.status, 5);
    EXPECT_EQ(json::parse(outcome.out)["damaged"], json::parse(R"([{"layer":3,"kind":"key","block":17}])"));
    expectKeys(json::parse(outcome.out), {"ok", "blocks", "damaged"});
    EXPECT_THAT(run({"verify", m_old}).out, HasSubstr("--repair"));
    m_world->repaired.ok = true;
    EXPECT_EQ(run({"verify", m_old, "--repair", "--model", "m"}).status, 0);
    EXPECT_EQ(m_world->repairs, 1);
    EXPECT_EQ(m_world->model, "m");
}

TEST_F(CliSession, AReadOnlySessionSaysThatItsAnswerIsNotSaved) {
    m_world->read_only = "the disk is read-only.";
    EXPECT_THAT(run({"ask", m_old, "Who?"}).err, HasSubstr("will not be saved: the disk is read-only."));
}

TEST_F(CliSession, CompactAndStripSayTheSizesBeforeAndAfter) {
    EXPECT_THAT(run({"compact", m_old}).out, HasSubstr("2.0 MB before, 1.0 MB now."));
    const json sizes = json::parse(run({"strip", m_old, "--json"}).out);
    EXPECT_EQ(sizes["bytes_before"], 2'000'000);
    EXPECT_EQ(sizes["bytes_after"], 1000);
}

TEST_F(CliSession, AQuotaStripsTheLeastRecentlyUsedAfterAsking) {
    for (const char* name : {"new.lectern", "mid.lectern", "gone.lectern"})
        std::ofstream(m_folder / name) << "a session";
    std::ofstream(m_folder / "notes.txt") << "text";
    const fs::path old = fs::path(m_old).filename();
    m_world->on_disk = {{old, {{}, 4'000'000'000, 3'900'000'000, 1}},
                        {"mid.lectern", {{}, 3'000'000'000, 2'900'000'000, 2}},
                        {"new.lectern", {{}, 2'000'000'000, 1'900'000'000, 3}}};
    const std::string folder = m_folder.path().string();
    const Outcome declined = runCli(m_world, {"strip", "--quota", "3GB", folder}, "n\n");
    EXPECT_EQ(declined.status, 2);
    EXPECT_TRUE(m_world->stripped.empty());
    EXPECT_THAT(declined.err, HasSubstr("gone.lectern\" is not a Lectern session. It is left alone"));
    EXPECT_THAT(declined.err, HasSubstr("take 9.0 GB, the quota is 3.0 GB"));
    EXPECT_LT(declined.err.find(old.string()), declined.err.find("mid.lectern"));
    EXPECT_THAT(declined.err, Not(HasSubstr("new.lectern")));
    EXPECT_EQ(runCli(m_world, {"strip", "--quota", "3GB", folder}, "").status, 2) << "no answer is no";
    EXPECT_TRUE(m_world->stripped.empty());
    m_world->busy = old;
    const Outcome agreed = runCli(m_world, {"strip", "--quota", "3GB", "--json", folder}, "y\n");
    EXPECT_NE(agreed.status, 0) << "one is in use";
    EXPECT_THAT(m_world->stripped, ElementsAre(fs::path(m_old), m_folder / "mid.lectern"));
    EXPECT_EQ(json::parse(agreed.out)["session"], (m_folder / "mid.lectern").string());
}

TEST_F(CliSession, AQuotaThatIsKeptAsksNothing) {
    m_world->on_disk = {{fs::path(m_old).filename(), {{}, 4'000'000'000, 3'900'000'000, 1}}};
    const Outcome kept = run({"strip", "--quota", "4GB", m_old});
    EXPECT_EQ(kept.status, 0);
    EXPECT_THAT(kept.err, HasSubstr("nothing has to go"));
    EXPECT_THAT(kept.err, Not(HasSubstr("[y/N]")));
    EXPECT_EQ(run({"strip", "--quota", "1GB", "--yes", m_old}).status, 0);
    EXPECT_EQ(m_world->stripped.size(), 1U);
    EXPECT_EQ(run({"strip", m_folder.path().string()}).status, 2) << "a folder is stripped by a quota only";
    EXPECT_EQ(m_world->stripped.size(), 1U);
}

TEST_F(CliSession, WipeAsksFirstAndSaysWhatItCannotPromise) {
    const Outcome declined = runCli(m_world, {"wipe", m_old}, "n\n");
    EXPECT_EQ(declined.status, 2);
    EXPECT_TRUE(m_world->wiped.empty());
    EXPECT_EQ(runCli(m_world, {"wipe", m_old}, "").status, 2) << "no answer is no";
    EXPECT_TRUE(m_world->wiped.empty());
    const Outcome agreed = runCli(m_world, {"wipe", m_old}, "y\n");
    EXPECT_EQ(agreed.status, 0);
    EXPECT_THAT(agreed.err, HasSubstr("SSD"));
    EXPECT_EQ(run({"wipe", m_old, "--yes"}).status, 0);
    EXPECT_EQ(m_world->wiped.size(), 2U);
}

TEST_F(CliSession, ASampleIsVerifiedAndSaidToBeOne) {
    m_world->report.ok = true;
    EXPECT_THAT(run({"verify", m_old, "--sample", "5"}).out, HasSubstr("about 5.0% of the cache"));
    EXPECT_DOUBLE_EQ(m_world->verified_share, 0.05);
    EXPECT_EQ(run({"verify", m_old, "--sample", "101"}).status, 2);
    EXPECT_EQ(run({"verify", m_old, "--sample", "5", "--repair"}).status, 2);
    run({"verify", m_old});
    EXPECT_EQ(m_world->verified_share, 1);
}

TEST_F(CliSession, ExportCannotBecomeMarkup) {
    Message message = m_world->answer;
    message.question = "<script>alert(1)</script> # *no*";
    message.answer = "<b>&";
    m_world->branches = {{"main", 10, {message}}, {"other", 0, {}}};
    const std::string html = run({"export", m_old, "--format", "html"}).out;
    EXPECT_THAT(html, HasSubstr("&lt;script&gt;"));
    EXPECT_THAT(html, Not(HasSubstr("<script>")));
    EXPECT_THAT(html, HasSubstr("&lt;b&gt;&amp;"));
    EXPECT_THAT(run({"export", m_old}).out, HasSubstr("### \\<script\\>alert(1)\\</script\\> \\# \\*no\\*"));
    const json all = json::parse(run({"export", m_old, "--json"}).out);
    EXPECT_EQ(all["branches"][0]["messages"][0]["answer"], "<b>&");
    EXPECT_EQ(json::parse(run({"export", m_old, "--json", "--branch", "other"}).out)["branches"].size(), 1U);
}

TEST_F(CliSession, ExportTakesItsFormatFromTheFileAndKeepsTheOldOneOnFailure) {
    const std::string file = (m_folder / "out.html").string();
    ASSERT_EQ(run({"export", m_old, "--out", file}).status, 0);
    std::stringstream written;
    written << std::ifstream(file).rdbuf();
    EXPECT_EQ(written.str().find("<!DOCTYPE html>"), 0U);
    const Outcome failed = run({"export", m_old, "--out", (m_folder / "no/such/folder.md").string()});
    EXPECT_EQ(failed.status, 1);
    EXPECT_THAT(failed.err, HasSubstr("cannot be written: No such file or directory."));
}

}  // namespace
}  // namespace lectern
