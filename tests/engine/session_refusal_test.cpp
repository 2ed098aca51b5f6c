// SPDX-License-Identifier: GPL-3.0-or-later
// Caches that must not be used: of another model, tokenizer, RoPE, layout or bits, and with flipped bits.
#include "engine/session/session_store.h"
#include "kernels/kv_layout.h"
#include "tests/engine/session_fixture.h"
#include "tests/engine/stored_blocks.h"

namespace lectern::test {
namespace {

void setIdentity(const fs::path& file, const SessionIdentity& identity) {
    auto store = SessionStore::open(file, OpenMode::ReadWrite);
    ASSERT_TRUE(store);
    ASSERT_TRUE(store->setIdentity(identity));
}

TEST_F(SessionTest, AnotherModelTokenizerRopeOrLayoutIsRefusedByName) {
    const fs::path file = m_dir / "a.lectern";
    ASSERT_TRUE(ingested(file, {writeText("a.txt", 2)})->ask(question("Who?"), {}, {}));
    const SessionIdentity own = *SessionStore::open(file, OpenMode::ReadOnly)->identity();
    struct Case {
        std::string SessionIdentity::*field;
        const char* said;
    };
    for (const Case& c : {Case{&SessionIdentity::model_fingerprint, "its weights differ"},
                          {&SessionIdentity::tokenizer_fingerprint, "its tokenizer differs"},
                          {&SessionIdentity::rope, "its RoPE settings differ"},
                          {&SessionIdentity::layout, "its cache has layout"}}) {
        SessionIdentity other = own;
        other.*c.field = "another";
        setIdentity(file, other);
        const auto refused = m_engine->openSession(file, m_model.string());
        ASSERT_FALSE(refused) << c.said;
        EXPECT_EQ(refused.error().code, ErrorCode::WrongModel);
        EXPECT_EQ(refused.error().parts.obstacle, Obstacle::OtherModel);
        EXPECT_EQ(refused.error().parts.names.at(0), file.string());
        EXPECT_NE(refused.error().message.find(c.said), std::string::npos) << refused.error().message;
        EXPECT_EQ((*m_engine->peekSession(file))->branches().at(0).messages.size(), 1U) << "still to be read";
    }
    setIdentity(file, own);
    const auto again = m_engine->openSession(file);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_TRUE((*again)->ask(question("And?"), {}, {})) << "the refusals changed nothing";
}

TEST_F(SessionTest, BlocksOfOtherBitsThanTheSettingsSayAreRefusedNotRead) {
    const fs::path file = m_dir / "a.lectern";
    ingested(file, {writeText("a.txt", 4)}, "nuq4");
    ingested(m_dir / "b.lectern", {writeText("b.txt", 4)}, "nuq3");
    const SessionIdentity own = *SessionStore::open(file, OpenMode::ReadOnly)->identity();
    SessionIdentity other = own;
    other.kv = SessionStore::open(m_dir / "b.lectern", OpenMode::ReadOnly)->identity()->kv;
    setIdentity(file, other);
    {
        auto session = m_engine->openSession(file);
        ASSERT_FALSE(session && (*session)->ask(question("Who?"), {}, {}));
        if (session) {
            const auto error = (*session)->loading().error;
            ASSERT_TRUE(error);
            EXPECT_EQ(error->code, ErrorCode::Damaged);
            EXPECT_NE(error->message.find("does not fit the session's settings"), std::string::npos) << error->message;
        }
    }
    setIdentity(file, own);
    EXPECT_TRUE((*m_engine->openSession(file))->ask(question("Who?"), {}, {}));
}

/// A stored block of each kind: key or value, of sinks, quantized, or in the recent window.
std::vector<BlockRecord> oneOfEachKind(const fs::path& file) {
    std::map<std::pair<int, int>, BlockRecord> found;  // by kind, and what it holds
    const auto store = SessionStore::open(file, OpenMode::ReadOnly);
    EXPECT_TRUE(store->readBlocks(0, [&](BlockRecord&& block) -> Status {
        const int holds = block.page == 0 ? 0 : block.bits == kernels::kRawBits ? 1 : 2;
        found.insert_or_assign({block.kind, holds}, std::move(block));
        return {};
    }));
    std::vector<BlockRecord> blocks;
    for (auto& [key, block] : found) blocks.push_back(std::move(block));
    return blocks;
}

TEST_F(SessionTest, AFlippedBitInEachKindOfBlockIsNamedAndRepairedToTheSameBytes) {
    const fs::path whole = m_dir / "a.lectern", file = m_dir / "b.lectern";
    ingested(whole, {writeText("a.txt", 4)}, "nuq3");
    const Blocks expected = storedBlocks(whole);
    std::ifstream in(whole, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    const auto blocks = oneOfEachKind(whole);
    ASSERT_EQ(blocks.size(), 6U);
    for (const BlockRecord& block : blocks) {
        SCOPED_TRACE("kind " + std::to_string(block.kind) + ", page " + std::to_string(block.page));
        const std::string needle(reinterpret_cast<const char*>(block.bytes.data()), 48);
        const auto at = bytes.find(needle);
        ASSERT_NE(at, std::string::npos);
        ASSERT_EQ(bytes.find(needle, at + 1), std::string::npos) << "the same bytes twice: which block was meant?";
        std::string changed = bytes;
        changed[at + 20] = char(changed[at + 20] ^ 1);
        std::ofstream(file, std::ios::binary) << changed;
        const auto report = m_engine->verifySession(file, {});
        ASSERT_TRUE(report);
        EXPECT_TRUE(report->problems.empty());
        ASSERT_EQ(report->damaged.size(), 1U);
        EXPECT_EQ(report->damaged[0].block, block.page);
        EXPECT_EQ(report->damaged[0].layer, block.layer);
        {
            auto session = m_engine->openSession(file);
            ASSERT_TRUE(session);
            const auto refused = (*session)->ask(question("Who?"), {}, {});
            ASSERT_FALSE(refused);
            const std::string named = std::string(block.kind == 0 ? "key" : "value") + " block of layer " +
                                      std::to_string(block.layer) + ", page " + std::to_string(block.page);
            EXPECT_NE(refused.error().message.find(named), std::string::npos) << refused.error().message;
        }
        const auto repaired = m_engine->repairSession(file, {}, {});
        ASSERT_TRUE(repaired) << repaired.error().message;
        EXPECT_TRUE(repaired->ok);
        EXPECT_EQ(storedBlocks(file) == expected, true);
    }
}

}  // namespace
}  // namespace lectern::test
