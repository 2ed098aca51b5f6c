// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/mapped_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <string>
#include <string_view>

#include "tests/support/test_data.h"

namespace lectern {
namespace {

using test::TempDir;

void write(const std::filesystem::path& path, std::string_view text) {
    std::ofstream(path, std::ios::binary) << text;
}

std::string_view textOf(const MappedFile& file) {
    return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

void expectRefused(const std::filesystem::path& path, std::string_view reason) {
    const auto file = MappedFile::open(path);
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().code, ErrorCode::BadInput);
    EXPECT_NE(file.error().message.find(path.string()), std::string::npos) << file.error().message;
    EXPECT_NE(file.error().message.find(reason), std::string::npos) << file.error().message;
}

TEST(MappedFile, ShowsTheBytesOfTheFile) {
    const TempDir folder;
    write(folder / "a", std::string_view("one\0two", 7));
    const auto file = MappedFile::open(folder / "a");
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(file->size(), 7U);
    EXPECT_EQ(textOf(*file), std::string_view("one\0two", 7));
}

TEST(MappedFile, KeepsItsBytesInPlaceWhenMoved) {
    const TempDir folder;
    write(folder / "a", "first");
    write(folder / "b", "second");
    auto first = MappedFile::open(folder / "a");
    auto second = MappedFile::open(folder / "b");
    ASSERT_TRUE(first && second);
    const std::byte* place = second->bytes().data();
    *first = *std::move(second);
    EXPECT_EQ(first->bytes().data(), place);
    EXPECT_EQ(textOf(*first), "second");
    EXPECT_EQ(first->path(), folder / "b");
    EXPECT_EQ(second->size(), 0U);
}

TEST(MappedFile, OutlivesTheNameOfItsFile) {
    const TempDir folder;
    write(folder / "a", "still here");
    const auto file = MappedFile::open(folder / "a");
    ASSERT_TRUE(file);
    std::filesystem::remove(folder / "a");
    EXPECT_EQ(textOf(*file), "still here");
    EXPECT_TRUE(file->stillWhole());
}

TEST(MappedFile, OpensAnEmptyFile) {
    const TempDir folder;
    write(folder / "empty", "");
    const auto file = MappedFile::open(folder / "empty");
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_TRUE(file->bytes().empty());
}

TEST(MappedFile, TellsThatTheFileWasCutShort) {
    const TempDir folder;
    write(folder / "a", std::string(10000, 'x'));
    const auto file = MappedFile::open(folder / "a");
    ASSERT_TRUE(file);
    EXPECT_TRUE(file->stillWhole());
    std::filesystem::resize_file(folder / "a", 100);
    const Status whole = file->stillWhole();
    ASSERT_FALSE(whole);
    EXPECT_NE(whole.error().message.find("cut short"), std::string::npos);
}

TEST(MappedFile, RefusesWhatIsNoFileByName) {
    const TempDir folder;
    expectRefused(folder / "absent", "No such file");
    expectRefused(folder.path(), "not a regular file");
    ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
    expectRefused(folder / "pipe", "not a regular file");
}

}  // namespace
}  // namespace lectern
