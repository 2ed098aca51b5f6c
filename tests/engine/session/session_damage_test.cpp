// SPDX-License-Identifier: GPL-3.0-or-later
// Files that are not what was written: flipped bits, cut ends. Each ends in a sentence or in the data as it was.
#include <unistd.h>

#include <cstring>
#include <random>

#include "tests/engine/session/samples.h"
#include "tests/support/test_data.h"

namespace lectern::test {
namespace {

namespace fs = std::filesystem;

class SessionDamageTest : public testing::Test {
protected:
    void SetUp() override {
        makeSession(file, 3);
        whole = readFile(file);
        contents = contentsOf(file).value();
    }
    /// Flips one bit at the place where `needle` first lies in the file.
    void damage(std::string_view needle) {
        const auto at = whole.find(needle);
        ASSERT_NE(at, std::string::npos);
        std::string bytes = whole;
        bytes[at + needle.size() / 2] = char(bytes[at + needle.size() / 2] ^ 4);
        writeFile(file, bytes);
    }
    static std::string_view viewOf(const std::vector<std::byte>& bytes) {
        return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }
    std::string problems() const {
        const auto store = SessionStore::open(file, OpenMode::ReadOnly);
        EXPECT_TRUE(store) << messageOf(store);
        const auto damage = store->verify({});
        EXPECT_TRUE(damage) << messageOf(damage);
        std::string all;
        for (const auto& problem : damage->problems) all += problem + "\n";
        for (const auto& b : damage->blocks)
            all +=
                "block " + std::to_string(b.layer) + " " + std::to_string(b.kind) + " " + std::to_string(b.page) + "\n";
        return all;
    }

    TempDir folder;
    fs::path file = folder / "notes.lectern";
    std::string whole, contents;
};

TEST_F(SessionDamageTest, AFlippedBitInABlockNamesLayerKindAndPage) {
    damage(viewOf(sampleBlock(0, 6, 1, 1, 3000).bytes));
    const auto store = SessionStore::open(file, OpenMode::ReadOnly);
    ASSERT_OK(store);
    int last_layer = -1;
    const auto read = store->readBlocks(0, [&](BlockRecord&& b) -> Status { return last_layer = b.layer, Status(); });
    EXPECT_TRUE(failsWith(read, ErrorCode::Damaged, "the value block of layer 1, page 6"));
    EXPECT_EQ(last_layer, 1) << "what comes before it is given";
    EXPECT_EQ(problems(), "block 1 1 6\n");
    const auto damage = store->verify({}).value();
    ASSERT_EQ(damage.blocks.size(), 1U);
    EXPECT_TRUE(damage.blocks[0].bytes.empty());
    EXPECT_EQ(damage.blocks[0].branch, 0);
}

TEST_F(SessionDamageTest, AFlippedBitInEachKindOfRecordIsNamed) {
    struct Case {
        std::string needle;
        const char* named;
    };
    const std::int32_t ids[] = {1100, 1101, 1102, 1103};
    const Case cases[] = {
        {"Tiny Stories", "the description of its model"},
        {"/papers/1.pdf", "document 1"},
        {"Text of page 2 of document 1", "page 3 of document 1"},
        {std::string(viewOf(sampleWords(1, 2).boxes)), "the places of the words on page 3 of document"},
        {std::string(reinterpret_cast<const char*>(ids), sizeof ids), "the run of tokens from 300 of branch 0"},
        {"branch 2", "branch 3"},
        {R"("question":"Why 0?")", "message 1 of branch "},
        {"trunk_tokens", "the value \"trunk"},
    };
    for (const auto& c : cases) {
        damage(c.needle);
        EXPECT_TRUE(failsWith(contentsOf(file), ErrorCode::Damaged, c.named)) << c.needle;
        EXPECT_NE(problems().find(c.named), std::string::npos) << problems();
    }
}

TEST_F(SessionDamageTest, ARowThatVanishesIsMissed) {
    // The cell count of the documents' leaf: one fewer, and SQLite reads on as if nothing were.
    const auto at = whole.find("/papers/2.pdf") / 65536 * 65536;
    std::string bytes = whole;
    ASSERT_EQ(bytes[at], 13) << "a table leaf";
    ASSERT_EQ(bytes[at + 4], 3);
    bytes[at + 4] = 2;
    writeFile(file, bytes);
    const auto store = SessionStore::open(file, OpenMode::ReadOnly);
    ASSERT_OK(store);
    EXPECT_TRUE(failsWith(store->documents(), ErrorCode::Damaged, "2 of 3 documents"));
    EXPECT_NE(problems().find("2 of 3 rows of documents"), std::string::npos) << problems();
}

/// Opens, reads, verifies and writes a damaged file; returns whether the damage showed.
bool exercise(const fs::path& file, const std::string& contents) {
    bool shown = false;
    {
        const auto store = SessionStore::open(file, OpenMode::ReadOnly);
        if (!store) {
            EXPECT_FALSE(store.error().message.empty());
            return true;
        }
        const auto read = contentsOf(*store);
        if (read) {
            EXPECT_EQ(*read == contents, true) << "different data, and nobody noticed";
        }
        const auto damage = store->verify({});
        shown = !read || !damage || !damage->blocks.empty() || !damage->problems.empty();
        EXPECT_TRUE(read || !damage || !damage->blocks.empty() || !damage->problems.empty())
            << "verify overlooks: " << messageOf(read);
    }
    auto store = SessionStore::open(file, OpenMode::ReadWrite);
    if (!store) return true;
    SessionCommit c = sampleCommit(2);
    c.truncate.push_back({0, 450, 3, 0});
    c.tokens.clear();
    const auto written = store->commit(c);
    if (!written) {
        EXPECT_FALSE(written.error().message.empty());
    }
    return shown;
}

TEST_F(SessionDamageTest, AFlippedBitAnywhereIsNoticedOrHarmless) {
    std::mt19937 random(5);
    int noticed = 0;
    for (int i = 0; i < 400; ++i) {
        // Half of them where SQLite's own structures lie: file header, schema, page headers, cell pointers.
        const auto offset =
            i % 2 == 0 ? random() % whole.size() : random() % (whole.size() / 65536) * 65536 + random() % 160;
        std::string bytes = whole;
        bytes[offset] = char(bytes[offset] ^ (1 << (random() % 8)));
        writeFile(file, bytes);
        SCOPED_TRACE("byte " + std::to_string(offset) + " flip " + std::to_string(i));
        noticed += exercise(file, contents) ? 1 : 0;
        if (HasFailure()) return;
    }
    EXPECT_GT(noticed, 60);
}

TEST_F(SessionDamageTest, EveryBitOfTheFileHeaderMayFlip) {
    for (std::size_t bit = 0; bit < 100 * 8; bit += 3) {
        std::string bytes = whole;
        bytes[bit / 8] = char(bytes[bit / 8] ^ (1 << (bit % 8)));
        writeFile(file, bytes);
        SCOPED_TRACE("bit " + std::to_string(bit));
        exercise(file, contents);
        if (HasFailure()) return;
    }
}

TEST_F(SessionDamageTest, AFlippedBitInThePageOfTheSchemaIsRefusedOrHarmless) {
    // Page 1: the b-tree of the schema, behind the header. Its cells fill the end of the page.
    const auto first = whole.find("CREATE TABLE");
    ASSERT_LT(first, 65536U);
    int refused = 0, flips = 0;
    for (std::size_t at = first; at < 65536; at += 19, ++flips) {
        std::string bytes = whole;
        bytes[at] = char(bytes[at] ^ (1 << (at % 8)));
        writeFile(file, bytes);
        SCOPED_TRACE("byte " + std::to_string(at));
        refused += SessionStore::open(file, OpenMode::ReadOnly) ? 0 : 1;
        exercise(file, contents);
        if (HasFailure()) return;
    }
    EXPECT_GT(flips, 100);
    EXPECT_GT(refused, flips * 9 / 10) << "the schema is exactly ours, or it is no session";
}

TEST_F(SessionDamageTest, AFileCutShortSaysSoAndIsNotChanged) {
    std::mt19937 random(6);
    std::vector<std::size_t> lengths{
        2, 15, 16, 50, 71, 72, 99, 100, 511, 512, 4096, 65535, 65536, 65537, whole.size() - 1};
    for (int i = 0; i < 40; ++i) lengths.push_back(random() % whole.size());
    for (const auto length : lengths) {
        writeFile(file, std::string_view(whole).substr(0, length));
        SCOPED_TRACE(length);
        for (const auto mode : {OpenMode::ReadOnly, OpenMode::ReadWrite}) {
            const auto store = SessionStore::open(file, mode);
            ASSERT_FALSE(store);
            const bool named =
                store.error().message.find(length < 16 ? "not a Lectern session" : "is cut short") != std::string::npos;
            EXPECT_TRUE(named) << store.error().message;
        }
        EXPECT_EQ(fs::file_size(file), length);
    }
}

TEST_F(SessionDamageTest, GarbageBehindAGoodHeaderIsDamage) {
    std::mt19937 random(7);
    std::string bytes = whole.substr(0, 100);
    while (bytes.size() < whole.size()) bytes += char(random());
    writeFile(file, bytes);
    EXPECT_TRUE(failsWith(SessionStore::open(file, OpenMode::ReadWrite), ErrorCode::Damaged, "is damaged"));
}

TEST_F(SessionDamageTest, DamagedBlocksCanBeWrittenAgain) {
    damage(viewOf(sampleBlock(0, 6, 1, 1, 3000).bytes));
    auto store = SessionStore::open(file, OpenMode::ReadWrite);
    ASSERT_OK(store);
    SessionCommit c;
    c.blocks = {sampleBlock(0, 6, 1, 1, 3000)};
    ASSERT_OK(store->commit(c));
    EXPECT_EQ(contentsOf(*store).value(), contents);
    EXPECT_EQ(problems(), "");
}

TEST_F(SessionDamageTest, ADamagedDirectoryOfBlocksIsReplacedByWritingItsBlocks) {
    std::string entry(12, '\0');  // of page 2, layer 0, key: its key, and how many bytes it has
    entry[2] = 2;
    const auto bytes = std::uint32_t(sampleBlock(0, 2, 0, 0, 3000).bytes.size());
    std::memcpy(&entry[8], &bytes, sizeof bytes);
    damage(entry);
    EXPECT_TRUE(failsWith(contentsOf(file), ErrorCode::Damaged, "the list of cache blocks of pages 0 to 3"));
    auto store = SessionStore::open(file, OpenMode::ReadWrite);
    ASSERT_OK(store);
    SessionCommit c;
    c.blocks = sampleBlocks(0, 0, 12, 3000);
    ASSERT_OK(store->commit(c));
    EXPECT_EQ(contentsOf(*store).value(), contents);
}

}  // namespace
}  // namespace lectern::test
