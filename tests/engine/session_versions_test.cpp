// SPDX-License-Identifier: GPL-3.0-or-later
// Sessions of every format that was released: tests/engine/versions/README.md.
#include <cmath>
#include <cstdlib>

#include "engine/base/crc32c.h"
#include "engine/kv/codec.h"
#include "engine/session/schema.h"
#include "engine/session/session_store.h"
#include "engine/session_records.h"
#include "kernels/dispatch.h"
#include "tests/engine/document/pdf_writer.h"
#include "tests/engine/session_fixture.h"
#include "tests/engine/stored_blocks.h"

namespace lectern::test {
namespace {

// Of session-v1.lectern.gz.
constexpr std::uint64_t kTokens = 454;
constexpr std::size_t kWords = 72;  ///< of its second page
constexpr std::uint32_t kTextCrc = 2033908694;
constexpr double kSums[2][2] = {{772.175, 1692.935},
                                {-455.663, 1963.954}};  ///< [kind]: of numbers weighed by their place, of their squares

class SessionVersions : public SessionTest {
protected:
    /// The file of a format, unpacked; gzip is on every system that builds this.
    fs::path unpacked(int version) const {
        const std::string name = "session-v" + std::to_string(version) + ".lectern";
        const fs::path packed = fs::path(LECTERN_SOURCE_DIR) / "tests/engine/versions" / (name + ".gz");
        const std::string command = "gzip -dc '" + packed.string() + "' > '" + (m_dir / name).string() + "'";
        EXPECT_EQ(std::system(command.c_str()), 0) << packed;  // NOLINT(cert-env33-c): paths of this test
        return m_dir / name;
    }
};

/// What went into the file, and nothing that depends on how this machine rounds.
TEST_F(SessionVersions, FormatOneIsReadAsItWasWritten) {
    const fs::path file = unpacked(1);
    const auto report = m_engine->verifySession(file, {});
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(report->ok);
    const auto session = m_engine->peekSession(file);
    ASSERT_TRUE(session) << session.error().message;
    EXPECT_EQ((*session)->kvSettings().name(), "nuq3");
    EXPECT_EQ((*session)->tokens(), kTokens);
    ASSERT_EQ((*session)->documents().size(), 1U);
    const DocumentInfo document = (*session)->documents()[0];
    EXPECT_EQ(document.name, "a.pdf");
    EXPECT_EQ(document.state, DocumentState::InContext);
    std::string text;
    for (int page = 0; page < int((*session)->pages(document.id).size()); ++page)
        text += (*session)->pageText(document.id, page)->text;
    EXPECT_EQ(crc32c(std::as_bytes(std::span(text))), kTextCrc);
    EXPECT_EQ((*session)->pageText(document.id, 1)->words.size(), kWords);
    const auto branches = (*session)->branches();
    ASSERT_EQ(branches.size(), 2U);
    EXPECT_EQ(branches[0].name, "main");
    ASSERT_EQ(branches[0].messages.size(), 2U);
    EXPECT_EQ(branches[0].messages[0].question, "Who lit the lamp?");
    EXPECT_EQ(branches[1].name, "fork");
    EXPECT_EQ(branches[1].parent, "main");
    EXPECT_EQ(branches[1].turn, 1);
    ASSERT_EQ((*session)->deletedBranches().size(), 1U);
    EXPECT_EQ((*session)->deletedBranches()[0].name, "gone");
}

TEST_F(SessionVersions, BlocksOfFormatOneStandForTheSameNumbers) {
    const fs::path file = unpacked(1);
    const auto store = SessionStore::open(file, OpenMode::ReadOnly);
    ASSERT_TRUE(store) << store.error().message;
    const auto settings = settingsFromText(store->identity()->kv);
    ASSERT_TRUE(settings);
    constexpr KvShape kShape{2, 16};
    auto meta = *store->meta();
    const auto quantizer = unpackQuantizer(meta["quantizer"], *settings, 2, kShape.channels());
    ASSERT_TRUE(quantizer) << quantizer.error().message;
    const Blocks blocks = storedBlocks(file);
    for (const KvKind kind : {KvKind::Key, KvKind::Value}) {
        const auto& bytes = blocks.at({2, 1, int(kind)});
        const auto layout = blockLayout(*settings, 1, kind, kShape);
        ASSERT_EQ(bytes.size(), layout.bytes());
        const auto& codec = (kind == KvKind::Key ? quantizer->keys : quantizer->values)[1];
        std::vector<float> x(std::size_t(kernels::kPageTokens) * std::size_t(kShape.channels()));
        kernels::bestKernels().unpack(layout, codec.params(), bytes.data(), 0, kernels::kPageTokens, x.data());
        double sum = 0, squares = 0;
        for (std::size_t i = 0; i < x.size(); ++i) sum += double(x[i]) * double(i % 7), squares += double(x[i] * x[i]);
        EXPECT_NEAR(sum, kSums[std::size_t(kind)][0], 0.05);
        EXPECT_NEAR(squares, kSums[std::size_t(kind)][1], 0.05);
    }
}

TEST_F(SessionVersions, TheNewestFormatHasItsFile) {
    EXPECT_TRUE(fs::exists(unpacked(kFormatVersion)));
    const char* folder = std::getenv("LECTERN_WRITE_VERSION");
    if (folder == nullptr) return;
    const fs::path file = m_dir / "new.lectern";
    {
        PdfWriter pdf;
        for (int page = 0; page < 2; ++page) {
            std::vector<std::string> lines;
            for (int line = 0; line < 9; ++line)
                lines.push_back("On night " + std::to_string(9 * page + line) + " the keeper lit the lamp.");
            pdf.pages.push_back({linesAt(72, 720, lines)});
        }
        auto session = ingested(file, {writeFile(m_dir / "a.pdf", pdf.bytes())}, "nuq3");
        ASSERT_TRUE(session->ask(question("Who lit the lamp?"), {}, {}));
        ASSERT_TRUE(session->ask(question("And when?"), {}, {}));
        ASSERT_TRUE(session->forkBranch("fork", "main", 1));
        ASSERT_TRUE(session->ask(question("Where?", "fork"), {}, {}));
        ASSERT_TRUE(session->forkBranch("gone", "main", 1));
        ASSERT_TRUE(session->deleteBranch("gone"));
    }
    ASSERT_TRUE(m_engine->compactSession(file)) << "what was replaced need not be kept";
    fs::copy_file(file, fs::path(folder) / ("session-v" + std::to_string(kFormatVersion) + ".lectern"),
                  fs::copy_options::overwrite_existing);
}

}  // namespace
}  // namespace lectern::test
