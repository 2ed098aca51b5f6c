// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/model/gguf_parts.h"

#include <gtest/gtest.h>

#include "engine/model/model.h"
#include "tests/engine/model/micro_gguf.h"
#include "tests/support/test_data.h"

namespace lectern {
namespace {

using test::MicroGguf;

TEST(GgufPartName, IsReadFromTheEndOfTheName) {
    const auto name = ggufPartName("models/llama-8b-00002-of-00013.gguf");
    ASSERT_TRUE(name);
    EXPECT_EQ(name->stem, "llama-8b");
    EXPECT_EQ(name->part, 2);
    EXPECT_EQ(name->parts, 13);
    EXPECT_EQ(name->fileName(13), "llama-8b-00013-of-00013.gguf");
    for (const char* other : {"llama.gguf", "a-00003-of-00002.gguf", "a-00000-of-00002.gguf", "a-0001-of-0002.gguf",
                              "a-00001-of-00002.bin", "00001-of-00002.gguf", "a-0000x-of-00002.gguf", ""})
        EXPECT_FALSE(ggufPartName(other)) << other;
}

/// The micro model in three parts, the tensors of each chosen by where their name stands.
class GgufParts : public testing::Test {
protected:
    void SetUp() override {
        MicroGguf whole;
        m_whole = whole.write(m_folder / "whole.gguf");
        write(1, whole, {"token_embd", "output_norm"});
        write(2, MicroGguf::empty(), {"attn"});
        write(3, MicroGguf::empty(), {"ffn"});
    }

    /// Part `number` with the tensors of the micro model whose names hold one of `names`.
    void write(int number, MicroGguf file, const std::vector<std::string>& names, int says = 0, int of = 3) {
        file.keepTensors(names);
        file.u32("split.no", std::uint32_t((says != 0 ? says : number) - 1));
        file.u32("split.count", std::uint32_t(of));
        file.u32("split.tensors.count", 11);
        file.write(part(number));
    }
    std::filesystem::path part(int number) const { return m_folder / GgufPartName{"m", 1, 3}.fileName(number); }

    void expectRefused(const std::string& sentence, int opened = 1) const {
        const auto model = Model::open(part(opened));
        ASSERT_FALSE(model) << "opened, expected: " << sentence;
        EXPECT_EQ(model.error().code, ErrorCode::BadInput);
        EXPECT_NE(model.error().message.find(sentence), std::string::npos) << model.error().message;
    }

    test::TempDir m_folder;
    std::filesystem::path m_whole;
};

TEST_F(GgufParts, AreTheModelThatWasSplit) {
    const auto whole = Model::open(m_whole), split = Model::open(part(1));
    ASSERT_TRUE(whole);
    ASSERT_TRUE(split) << split.error().message;
    EXPECT_EQ((*split)->fingerprint(), (*whole)->fingerprint());
    EXPECT_EQ((*split)->weights_bytes, (*whole)->weights_bytes);
}

TEST_F(GgufParts, OnlyTheFirstLooksLikeAModel) {
    EXPECT_TRUE(looksLikeModel(part(1)));
    EXPECT_FALSE(looksLikeModel(part(2)));
    expectRefused("this is part 2 of 3 of a model: open m-00001-of-00003.gguf.", 2);
}

TEST_F(GgufParts, ThatAreMissingAreNamed) {
    std::filesystem::remove(part(2));
    expectRefused("are missing: put m-00002-of-00003.gguf into the same folder.");
    std::filesystem::remove(part(3));
    expectRefused("are missing: put m-00002-of-00003.gguf, m-00003-of-00003.gguf into the same folder.");
}

TEST_F(GgufParts, OfAnotherModelAreRefused) {
    write(2, MicroGguf::empty(), {"attn"}, 3);
    expectRefused("m-00002-of-00003.gguf: this is part 3 of 3, not what its name says");
    write(2, MicroGguf::empty(), {"attn"}, 2, 4);
    expectRefused("m-00002-of-00003.gguf: this is part 2 of 4, not what its name says");
}

TEST_F(GgufParts, ThatRepeatOrLackTensorsAreRefused) {
    write(3, MicroGguf::empty(), {"ffn", "attn_q"});
    expectRefused("m-00003-of-00003.gguf: the tensor blk.0.attn_q.weight stands in another part too");
    write(3, MicroGguf::empty(), {"ffn_norm"});
    expectRefused("its parts have 8 tensors, split.tensors.count says 11");
}

TEST_F(GgufParts, CutShortAreRefusedByName) {
    std::filesystem::resize_file(part(3), std::filesystem::file_size(part(3)) - 64);
    expectRefused("m-00003-of-00003.gguf: the data of ");
}

TEST_F(GgufParts, OfOneAreAModel) {
    MicroGguf file;
    file.u32("split.no", 0), file.u32("split.count", 1);
    EXPECT_TRUE(Model::open(file.write(m_folder / "one.gguf")));
}

}  // namespace
}  // namespace lectern
