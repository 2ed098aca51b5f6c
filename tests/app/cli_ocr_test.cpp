// SPDX-License-Identifier: GPL-3.0-or-later
// Scans on the command line, with a pretended engine and a pretended Tesseract.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/document/tesseract.h"
#include "tests/app/fake_engine.h"
#include "tests/engine/document/fake_tesseract.h"
#include "tests/support/test_data.h"

namespace lectern {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::Outcome;
using testing::HasSubstr;

class CliOcr : public testing::Test {
protected:
    void SetUp() override { std::ofstream(m_old) << "a session"; }
    Outcome run(const std::vector<std::string>& arguments) { return test::runCli(m_world, arguments, {}, false); }

    test::TempDir m_folder;
    std::string m_old = (m_folder / "old.lectern").string(), m_new = (m_folder / "new.lectern").string();
    std::shared_ptr<test::FakeWorld> m_world = test::makeWorld();
};

TEST_F(CliOcr, InfoSaysWhichPagesWereReadByOcr) {
    PageInfo page;
    page.in_context = true;
    page.problem = byOcr("eng");
    m_world->pages[m_world->documents.at(0).id] = {PageInfo(), page, page};
    EXPECT_THAT(run({"info", m_old}).out, HasSubstr("report.pdf: text by OCR: p. 2-3"));
    EXPECT_EQ(json::parse(run({"info", m_old, "--json"}).out)["documents"][0]["coverage"]["by_ocr"], 2);
}

TEST_F(CliOcr, IngestAsksForOcrWithItsLanguages) {
    const test::FakeTesseract fake(m_folder.path(), "");
    ASSERT_EQ(run({"ingest", m_new, "--ocr", "a.pdf"}).status, 0);
    ASSERT_TRUE(m_world->read.back().ocr);
    EXPECT_EQ(m_world->read.back().file.filename(), "a.pdf");
    EXPECT_EQ(m_world->read.back().ocr->languages, "");
    ASSERT_EQ(run({"ingest", m_new, "--ocr=deu+eng", "b.pdf"}).status, 0);
    EXPECT_EQ(m_world->read.back().ocr->languages, "deu+eng");
    ASSERT_EQ(run({"ingest", m_new, "c.pdf"}).status, 0);
    EXPECT_FALSE(m_world->read.back().ocr);
    const Outcome outcome = run({"ingest", m_new, "--ocr=fra", "d.pdf"});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_THAT(outcome.err, HasSubstr("no language \"fra\""));
    EXPECT_EQ(run({"ingest", m_new, "--ocr"}).status, 2) << "of no file";
}

TEST_F(CliOcr, OcrWithoutTesseractIsSaidBeforeAnythingBegins) {
    const test::EmptyPath nowhere(m_folder.path());
    const Outcome outcome = run({"ingest", m_new, "--ocr", "a.pdf"});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_THAT(outcome.err, HasSubstr("install it"));
    EXPECT_TRUE(m_world->read.empty());
    EXPECT_FALSE(fs::exists(m_new));
}

}  // namespace
}  // namespace lectern
