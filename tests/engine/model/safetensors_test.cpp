// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/model/safetensors.h"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>

#include "tests/engine/model/allocation_watch.h"
#include "tests/support/test_data.h"

namespace lectern {
namespace {

using test::AllocationWatch;
using test::TempDir;

constexpr std::size_t kData = 64;

/// A file with this header (its true length in front unless told otherwise) and kData bytes.
std::filesystem::path written(const TempDir& folder, const std::string& header, std::size_t data = kData,
                              std::optional<std::uint64_t> length = {}) {
    const std::uint64_t claimed = length.value_or(header.size());
    std::string bytes(reinterpret_cast<const char*>(&claimed), sizeof claimed);
    bytes += header;
    for (std::size_t i = 0; i < data; ++i) bytes += char(i);
    const auto path = folder / "a.safetensors";
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
}

std::string entry(const std::string& name, const std::string& dtype, const std::string& shape,
                  const std::string& offsets) {
    return "\"" + name + R"(":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}";
}

void expectRefused(const std::filesystem::path& path, const std::string& phrase) {
    const auto file = SafetensorsFile::open(path);
    ASSERT_FALSE(file) << "opened, expected: " << phrase;
    EXPECT_EQ(file.error().code, ErrorCode::BadInput);
    EXPECT_EQ(file.error().message.find(path.string()), 0U) << file.error().message;
    EXPECT_NE(file.error().message.find(phrase), std::string::npos) << file.error().message << "\nexpected: " << phrase;
}

TEST(Safetensors, GivesTypesShapesAndBytes) {
    const TempDir folder;
    const auto file = SafetensorsFile::open(written(
        folder, R"({"__metadata__":{"format":"pt"},)" + entry("b", "F16", "[2,8]", "[32,64]") + "," +
                    entry("a", "F32", "[8]", "[0,32]") + "," + entry("none", "BF16", "[0]", "[32,32]") + "}  "));
    ASSERT_TRUE(file) << file.error().message;
    const TensorTable& tensors = file->tensors();
    ASSERT_EQ(tensors.size(), 3U);
    EXPECT_EQ(tensors.at("a").type, kernels::WeightType::F32);
    EXPECT_EQ(tensors.at("b").shape, (std::vector<std::uint64_t>{2, 8}));
    EXPECT_EQ(tensors.at("b").data.size(), 32U);
    EXPECT_EQ(tensors.at("b").data[0], std::byte(32));
    EXPECT_TRUE(tensors.at("none").data.empty());
}

TEST(Safetensors, NamesATypeItCannotComputeWith) {
    const TempDir folder;
    const auto file = SafetensorsFile::open(written(folder, "{" + entry("a", "I64", "[8]", "[0,64]") + "}"));
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(file->tensors().at("a").type, std::nullopt);
    EXPECT_EQ(file->tensors().at("a").type_name, "I64");
}

struct Lie {
    const char* name;
    std::string header;
    const char* phrase;
};

void PrintTo(const Lie& lie, std::ostream* out) {
    *out << lie.name;
}

class SafetensorsLie : public testing::TestWithParam<Lie> {};

TEST_P(SafetensorsLie, IsRefusedByName) {
    const TempDir folder;
    expectRefused(written(folder, GetParam().header), GetParam().phrase);
}

const Lie kLies[] = {
    {"OffsetsOutside", "{" + entry("a", "F32", "[32]", "[0,128]") + "}", "the data of a lies beyond the end"},
    {"OffsetsFarOutside", "{" + entry("a", "F32", "[16]", "[18446744073709551552,18446744073709551615]") + "}",
     "does not take the 63 bytes"},
    {"Overlap", "{" + entry("a", "F32", "[8]", "[0,32]") + "," + entry("b", "F32", "[12]", "[16,64]") + "}",
     "b shares bytes with another tensor"},
    {"Hole", "{" + entry("a", "F32", "[4]", "[0,16]") + "," + entry("b", "F32", "[8]", "[32,64]") + "}",
     "there is a hole before b"},
    {"HoleAtTheFront", "{" + entry("a", "F32", "[8]", "[32,64]") + "}", "there is a hole before a"},
    {"BytesLeftOver", "{" + entry("a", "F32", "[8]", "[0,32]") + "}", "bytes follow the last tensor"},
    {"NegativeOffset", "{" + entry("a", "F32", "[16]", "[-64,0]") + "}", "a.data_offsets is array, expected an array"},
    {"NegativeExtent", "{" + entry("a", "F32", "[-16]", "[0,64]") + "}", "a.shape is array, expected an array"},
    {"BackwardOffsets", "{" + entry("a", "F32", "[16]", "[64,0]") + "}", "senseless data_offsets"},
    {"OneOffset", "{" + entry("a", "F32", "[16]", "[64]") + "}", "senseless data_offsets"},
    {"FractionalOffset", "{" + entry("a", "F32", "[16]", "[0,64.0]") + "}", "a.data_offsets is array"},
    {"HugeOffset", "{" + entry("a", "F32", "[16]", "[0,99999999999999999999999]") + "}", "a.data_offsets is array"},
    {"WrongDtype", "{" + entry("a", "F16", "[16]", "[0,64]") + "}",
     "a of shape [16] and type F16 does not take the 64 bytes"},
    {"UnknownDtype", "{" + entry("a", "F12", "[16]", "[0,64]") + "}", "a has the dtype 'F12'"},
    {"WrongShape", "{" + entry("a", "F32", "[4,5]", "[0,64]") + "}", "a of shape [4, 5]"},
    {"ShapeOverflows", "{" + entry("a", "F32", "[4611686018427387904,4294967296]", "[0,64]") + "}", "a of shape"},
    {"FiveDimensions", "{" + entry("a", "F32", "[1,1,1,1,16]", "[0,64]") + "}", "a of shape [1, 1, 1, 1, 16]"},
    {"NoDtype", R"({"a":{"shape":[16],"data_offsets":[0,64]}})", "a has the dtype ''"},
    {"NoShape", R"({"a":{"dtype":"F32","data_offsets":[0,64]}})", "a.shape is missing"},
    {"NoOffsets", R"({"a":{"dtype":"F32","shape":[16]}})", "a.data_offsets is missing"},
    {"NullTensor", R"({"a":null})", "a has no description"},
    {"TextTensor", R"({"a":"F32"})", "a is string, expected an object"},
    {"SameNameTwice", "{" + entry("a", "F32", "[16]", "[0,64]") + "," + entry("a", "F32", "[16]", "[0,64]") + "}",
     "the key a stands twice"},
    {"NoJson", "hello, world", "this is no JSON object"},
    {"AnArray", "[]", "this is no JSON object"},
    {"Unfinished", R"({"a":{"dtype":)", "this is no JSON object"},
    {"BrokenUtf8", "{\"\xFF\xFE\":{}}", "this is no JSON object"},
    {"BracketsInStrings", R"({"a[[[[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[":null})",
     "has no description"},
    {"Empty", "", "this is no JSON object"},
};

INSTANTIATE_TEST_SUITE_P(All, SafetensorsLie, testing::ValuesIn(kLies),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Safetensors, ComparesTheLengthOfTheHeaderWithTheFile) {
    const TempDir folder;
    const std::string header = "{" + entry("a", "F32", "[16]", "[0,64]") + "}";
    expectRefused(written(folder, header, kData, ~std::uint64_t(0)), "the header claims 18446744073709551615 bytes");
    expectRefused(written(folder, header, kData, 1 << 20), "the file ends inside its header");
    expectRefused(written(folder, header, kData, 0), "this is no JSON object");
    expectRefused(written(folder, header, kData, header.size() - 1), "this is no JSON object");
    expectRefused(written(folder, header, kData, header.size() + 8), "lies beyond the end");
    std::ofstream(folder / "short", std::ios::binary) << "1234567";
    expectRefused(folder / "short", "fewer than 8 bytes");
}

TEST(Safetensors, RefusesDeepNestingWithoutBuildingIt) {
    const TempDir folder;
    const std::string deep = "{\"a\":" + std::string(8 << 20, '[');
    const auto path = written(folder, deep);
    const AllocationWatch watch;
    expectRefused(path, "nests deeper than 32 levels");
    EXPECT_LT(watch.total(), 64U << 10);
}

TEST(Safetensors, IsRefusedWhereverTheFileEnds) {
    const TempDir folder;
    const auto path =
        written(folder, "{" + entry("a", "F32", "[8]", "[0,32]") + "," + entry("b", "F16", "[2,8]", "[32,64]") + "}");
    ASSERT_TRUE(SafetensorsFile::open(path));
    for (auto size = std::filesystem::file_size(path); size-- > 0;) {
        std::filesystem::resize_file(path, size);
        ASSERT_FALSE(SafetensorsFile::open(path)) << size;
    }
}

TEST(Safetensors, SurvivesEveryByteOfTheHeaderBeingAnyByte) {
    const TempDir folder;
    const std::string header =
        "{" + entry("a", "F32", "[8]", "[0,32]") + "," + entry("b", "BF16", "[2,8]", "[32,64]") + "}";
    for (std::size_t at = 0; at < header.size(); ++at)
        for (const char c : {'\0', '"', '{', '}', '[', ']', '-', '9', ',', '\\', '\xFF', 'e'}) {
            std::string damaged = header;
            damaged[at] = c;
            const auto file = SafetensorsFile::open(written(folder, damaged));
            const TensorTable& tensors = file ? file->tensors() : TensorTable();
            for (const auto& [name, tensor] : tensors) EXPECT_LE(tensor.data.size(), kData);
        }
}

}  // namespace
}  // namespace lectern
