// SPDX-License-Identifier: GPL-3.0-or-later
// Files whose header lies: each lie by name, then every number of the header at once.
#include "engine/model/gguf.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <functional>

#include "engine/model/gguf_fields.h"
#include "engine/model/model.h"
#include "tests/engine/model/allocation_watch.h"
#include "tests/engine/model/expect_refused.h"
#include "tests/engine/model/micro_gguf.h"
#include "tests/support/test_data.h"
#include "tests/support/tiny_model.h"

namespace lectern {
namespace {

using test::AllocationWatch;
using test::expectRefused;
using test::GgufKind;
using test::GgufWriter;
using test::MicroGguf;
using test::TempDir;

std::string littleEndian(std::uint64_t number, std::size_t bytes) {
    return {reinterpret_cast<const char*>(&number), bytes};
}

std::string patched(std::string bytes, std::size_t at, const std::string& patch) {
    return bytes.replace(at, patch.size(), patch);
}

std::filesystem::path written(const TempDir& folder, const std::string& bytes) {
    const auto path = folder / "a.gguf";
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
}

struct Lie {
    const char* name;
    std::function<std::string(std::string bytes)> tell;
    const char* phrase;
};

/// Replaces what follows `name` in the tensor table: dims, extents, type, offset.
std::string retold(std::string bytes, const std::string& name, const std::string& rest) {
    return patched(bytes, bytes.find(name) + name.size(), rest);
}

std::string tensorTail(std::uint32_t dims, std::uint64_t cols, std::uint64_t rows, std::uint32_t type,
                       std::uint64_t offset) {
    return littleEndian(dims, 4) + littleEndian(cols, 8) + littleEndian(rows, 8) + littleEndian(type, 4) +
           littleEndian(offset, 8);
}

constexpr std::uint64_t kHuge = std::uint64_t(1) << 60;
constexpr const char* kQ = "blk.0.attn_q.weight";

const Lie kLies[] = {
    {"VersionOne", [](std::string b) { return patched(b, 4, littleEndian(1, 4)); }, "GGUF version 1"},
    {"VersionFour", [](std::string b) { return patched(b, 4, littleEndian(4, 4)); }, "GGUF version 4"},
    {"BigEndian", [](std::string b) { return patched(b, 4, std::string("\0\0\0\3", 4)); }, "big-endian"},
    {"ManyTensors", [](std::string b) { return patched(b, 8, littleEndian(kHuge, 8)); }, "1152921504606846976 tensors"},
    {"ManyKeys", [](std::string b) { return patched(b, 16, littleEndian(kHuge, 8)); }, "1152921504606846976 keys"},
    {"MoreKeysThanFit", [](std::string b) { return patched(b, 16, littleEndian(60000, 8)); }, "cut short"},
    {"LongKey", [](std::string b) { return patched(b, 24, littleEndian(kHuge, 8)); }, "cut short"},
    {"EmptyKey", [](std::string b) { return patched(b, 24, littleEndian(0, 8)); }, "key is 0 bytes long"},
    {"UnknownValueType", [](std::string b) { return retold(b, "llama.block_count", littleEndian(13, 4)); },
     "llama.block_count has the unknown type 13"},
    {"ManyStrings",
     [](std::string b) {
         return retold(b, "tokenizer.ggml.tokens", littleEndian(9, 4) + littleEndian(8, 4) + littleEndian(kHuge, 8));
     },
     "cut short"},
    {"ManyFloats",
     [](std::string b) {
         return retold(b, "tokenizer.ggml.scores",
                       littleEndian(9, 4) + littleEndian(6, 4) + littleEndian(kHuge << 2, 8));
     },
     "cut short"},
    {"ArrayOfArrays",
     [](std::string b) { return retold(b, "tokenizer.ggml.scores", littleEndian(9, 4) + littleEndian(9, 4)); },
     "tokenizer.ggml.scores is an array of arrays"},
    {"ArrayOfUnknown",
     [](std::string b) { return retold(b, "tokenizer.ggml.scores", littleEndian(9, 4) + littleEndian(99, 4)); },
     "holds the unknown type 99"},
    {"NoDimensions", [](std::string b) { return retold(b, kQ, littleEndian(0, 4)); }, "has 0 dimensions"},
    {"FiveDimensions", [](std::string b) { return retold(b, kQ, littleEndian(5, 4)); }, "has 5 dimensions"},
    {"EmptyDimension", [](std::string b) { return retold(b, kQ, tensorTail(2, 32, 0, 0, 0)); }, "impossible shape"},
    {"ShapeOverflows", [](std::string b) { return retold(b, kQ, tensorTail(2, kHuge, 64, 0, 0)); },
     "blk.0.attn_q.weight has the impossible shape"},
    {"BytesOverflow", [](std::string b) { return retold(b, kQ, tensorTail(2, kHuge, 8, 0, 0)); },
     "blk.0.attn_q.weight has the impossible shape"},
    {"BeyondTheEnd",
     [](std::string b) { return retold(b, "output_norm.weight", littleEndian(1, 4) + littleEndian(kHuge, 8)); },
     "lies beyond the end"},
    {"OffsetBeyondTheEnd", [](std::string b) { return retold(b, kQ, tensorTail(2, 32, 32, 0, kHuge)); },
     "the data of blk.0.attn_q.weight lies beyond the end of the file"},
    {"OffsetWraps", [](std::string b) { return retold(b, kQ, tensorTail(2, 32, 32, 0, ~std::uint64_t(31))); },
     "lies beyond the end"},
    {"UnalignedOffset", [](std::string b) { return retold(b, kQ, tensorTail(2, 32, 32, 0, 4)); }, "aligned place"},
    {"SharedBytes", [](std::string b) { return retold(b, kQ, tensorTail(2, 32, 32, 0, 32)); }, "shares bytes"},
    {"UnknownTensorType", [](std::string b) { return retold(b, kQ, tensorTail(2, 32, 32, 4, 0)); },
     "has the tensor type number 4"},
    {"SameTensorTwice", [](std::string b) { return patched(b, b.find("blk.0.attn_k"), "blk.0.attn_v"); },
     "blk.0.attn_v.weight stands twice"},
    {"SameKeyTwice", [](std::string b) { return patched(b, b.find("bos_token_id"), "eos_token_id"); },
     "tokenizer.ggml.eos_token_id stands twice"},
    {"Empty", [](const std::string&) { return std::string("GGUF"); }, "cut short"},
};

void PrintTo(const Lie& lie, std::ostream* out) {
    *out << lie.name;
}

class GgufLie : public testing::TestWithParam<Lie> {};

TEST_P(GgufLie, IsRefusedByName) {
    const TempDir folder;
    expectRefused(written(folder, GetParam().tell(MicroGguf().writer().bytes())), GetParam().phrase);
}

INSTANTIATE_TEST_SUITE_P(All, GgufLie, testing::ValuesIn(kLies),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Gguf, ChecksTheAlignment) {
    const TempDir folder;
    for (const std::uint32_t bad : {0U, 3U, 48U, 1U << 31, 0xFFFFFFFFU}) {
        MicroGguf file;
        file.u32("general.alignment", bad);
        expectRefused(file.write(folder / "a.gguf"), "general.alignment is " + std::to_string(bad));
    }
    MicroGguf text;
    text.string("general.alignment", "32");
    expectRefused(text.write(folder / "a.gguf"), "general.alignment is not a 32-bit number");
}

TEST(Gguf, FollowsAnotherAlignment) {
    const TempDir folder;
    MicroGguf file;
    file.u32("general.alignment", 256);
    GgufWriter writer = file.writer();
    EXPECT_FALSE(GgufFile::open(written(folder, writer.bytes())));  // laid out for 32
    writer = GgufWriter();
    writer.alignment = 256;
    writer.u32("general.alignment", 256);
    writer.tensor("a", {2}, 0, std::string(8, 'x'));
    writer.tensor("b", {1}, 0, "yyyy");
    const auto opened = GgufFile::open(written(folder, writer.bytes()));
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(opened->tensors().at("b").data[0], std::byte('y'));
}

TEST(Gguf, ReadsVersionTwo) {
    const TempDir folder;
    EXPECT_TRUE(Model::open(written(folder, patched(MicroGguf().writer().bytes(), 4, littleEndian(2, 4)))));
}

TEST(Gguf, ReadsEveryTypeOfNumber) {
    const TempDir folder;
    GgufWriter writer;
    const std::pair<GgufKind, std::size_t> kinds[] = {{GgufKind::U8, 1},  {GgufKind::I8, 1},  {GgufKind::U16, 2},
                                                      {GgufKind::I16, 2}, {GgufKind::U32, 4}, {GgufKind::I32, 4},
                                                      {GgufKind::U64, 8}, {GgufKind::I64, 8}};
    for (const auto& [kind, bytes] : kinds)
        writer.raw("k" + std::to_string(int(kind)), kind, littleEndian(~std::uint64_t(0), bytes));
    const double pi = 3.14159;
    writer.raw("real", GgufKind::F64, {reinterpret_cast<const char*>(&pi), sizeof pi});
    const auto file = GgufFile::open(written(folder, writer.bytes()));
    ASSERT_TRUE(file) << file.error().message;
    GgufFields fields(*file);
    EXPECT_EQ(fields.integer("k0"), 255);
    EXPECT_EQ(fields.integer("k1"), -1);
    EXPECT_EQ(fields.integer("k2"), 65535);
    EXPECT_EQ(fields.integer("k3"), -1);
    EXPECT_EQ(fields.integer("k4"), 4294967295);
    EXPECT_EQ(fields.integer("k5"), -1);
    EXPECT_EQ(fields.integer("k11"), -1);
    EXPECT_EQ(fields.integer("absent"), std::nullopt);
    EXPECT_EQ(fields.real("real", 0), pi);
    EXPECT_TRUE(fields.status());
    EXPECT_EQ(fields.integer("k10"), std::nullopt);  // 2^64 - 1 does not fit
    ASSERT_FALSE(fields.status());
    EXPECT_EQ(fields.count("k0", 7), 7) << "after a defect every read gives its fallback";
}

/// Opening may succeed or fail; it must not crash, and what opened must be whole.
void openAndTouch(const std::filesystem::path& path) {
    if (const auto model = Model::open(path)) {
        EXPECT_EQ((*model)->fingerprint().size(), 32U);
        EXPECT_EQ((*model)->layers.size(), std::size_t((*model)->config.layers));
    }
}

TEST(Gguf, SurvivesEveryNumberOfTheHeaderBeingAnyNumber) {
    const TempDir folder;
    const GgufWriter writer = MicroGguf().writer();
    const std::string bytes = writer.bytes();
    const auto path = written(folder, bytes);
    const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    ASSERT_GE(file, 0);
    const std::string patterns[] = {std::string(8, '\xFF'),      std::string(4, '\xFF'),
                                    littleEndian(kHuge << 3, 8), littleEndian(~std::uint64_t(0) >> 1, 8),
                                    littleEndian(1 << 31, 4),    std::string(8, '\0'),
                                    littleEndian(65536, 4),      littleEndian(bytes.size(), 8)};
    const AllocationWatch watch;
    for (std::size_t at = 0; at < writer.header().size(); ++at)
        for (const std::string& pattern : patterns) {
            ASSERT_EQ(::pwrite(file, pattern.data(), pattern.size(), off_t(at)), ssize_t(pattern.size()));
            openAndTouch(path);
            ASSERT_EQ(::pwrite(file, bytes.data() + at, pattern.size(), off_t(at)), ssize_t(pattern.size()));
        }
    EXPECT_LT(watch.largest(), 16 * bytes.size());
    ::close(file);
    EXPECT_TRUE(Model::open(path)) << "the file was not put back as it was";
}

TEST(Gguf, IsRefusedWhereverTheFileEnds) {
    const TempDir folder;
    const GgufWriter writer = MicroGguf().writer();
    const std::string bytes = writer.bytes();
    const auto path = written(folder, bytes);
    for (std::size_t size = bytes.size(); size-- > 0;) {
        std::filesystem::resize_file(path, size);
        ASSERT_FALSE(Model::open(path)) << "opened with " << size << " of " << bytes.size() << " bytes";
    }
}

TEST(Gguf, AnswersToACutAtEveryPage) {
    const TempDir folder;
    const auto path = test::writeTinyGguf(folder.path(), {.weights = WeightType::Q4_0});
    const auto whole = std::filesystem::file_size(path);
    for (auto size = whole; size > 4096; size -= 4096) {
        std::filesystem::resize_file(path, size - 4096);
        const auto model = Model::open(path);
        ASSERT_FALSE(model) << size;
        EXPECT_NE(model.error().message.find("cut short"), std::string::npos) << model.error().message;
    }
}

TEST(Gguf, FailsAtOnceOnCountsTheFileCannotHold) {
    const TempDir folder;
    MicroGguf file;
    file.raw("tokenizer.ggml.tokens", GgufKind::Array, littleEndian(8, 4) + littleEndian(kHuge, 8));
    const auto path = file.write(folder / "a.gguf");
    const AllocationWatch watch;
    EXPECT_FALSE(Model::open(path));
    EXPECT_LT(watch.total(), 64U << 10);
}

}  // namespace
}  // namespace lectern
