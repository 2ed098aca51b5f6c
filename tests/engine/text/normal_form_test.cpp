// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/text/normal_form.h"

#include <gtest/gtest.h>
#include <utf8proc.h>

#include <cstdlib>
#include <memory>
#include <random>

#include "tests/engine/text/small_tokenizers.h"

namespace lectern::test {
namespace {

std::string formed(std::string_view text, NormalForm form = NormalForm::Nfc) {
    return inNormalForm(text, form).text();
}

/// All of a text at once, by the library.
std::string whole(const std::string& text, NormalForm form) {
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.c_str());
    const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> made(
        form == NormalForm::Nfc ? utf8proc_NFC(bytes) : utf8proc_NFKC(bytes), &std::free);
    return reinterpret_cast<const char*>(made.get());
}

TEST(NormalForm, ComposesWhatBelongsTogether) {
    EXPECT_EQ(formed("Cafe\u0301 noir"), "Caf\u00e9 noir");
    EXPECT_EQ(formed("q\u0307\u0323"), "q\u0323\u0307") << "marks have an order";
    EXPECT_EQ(formed("\u1112\u1161\u11ab"), "\ud55c") << "a syllable of Hangul";
    EXPECT_EQ(formed("\u212b"), "\u00c5") << "one character that is another";
    EXPECT_EQ(formed("\ufb01"), "\ufb01");
    EXPECT_EQ(formed("\ufb01", NormalForm::Nfkc), "fi");
    EXPECT_EQ(formed("\uff76\uff9e", NormalForm::Nfkc), "\u30ac") << "a halfwidth mark";
    EXPECT_EQ(formed("e\u0301", NormalForm::None), "e\u0301");
    EXPECT_EQ(formed(""), "");
}

TEST(NormalForm, OfPiecesIsThatOfTheWhole) {
    std::vector<std::string> texts = hardTexts();
    std::mt19937 random(5);
    const std::vector<std::string> parts = {"a",      "e",      "\u0301", "\u0323", "\u0307", "\u1112", "\u1161",
                                            "\u11ab", "\ud558", "\u30ab", "\u3099", "\uff76", "\uff9e", "\u09c7",
                                            "\u09be", "\u0dd9", "\u0dcf", "\u212b", "\ufb01", "\u314f", "\u3131",
                                            "\u00e9", " ",      "\u2126", "\u0f71", "\u0f72"};
    for (int i = 0; i < 2000; ++i) {
        std::string text;
        for (int part = 0; part < 8; ++part) text += parts[random() % parts.size()];
        texts.push_back(text);
    }
    for (std::string& text : texts) {
        std::erase(text, '\0');  // ends the library's texts
        for (const NormalForm form : {NormalForm::Nfc, NormalForm::Nfkc})
            EXPECT_EQ(formed(text, form), whole(text, form)) << text;
    }
}

TEST(NormalForm, BytesThatAreNoTextStay) {
    for (const std::string& text : brokenTexts()) EXPECT_EQ(formed(text), text);
    EXPECT_EQ(formed("\xff"
                     "e\u0301\xc3"),
              "\xff\u00e9\xc3");
}

TEST(NormalForm, PlacesLeadBack) {
    const std::string text = "ab e\u0301 \u212b z";  // é is 3 bytes before and 2 after, Å 3 and 2
    const RewrittenText normal = inNormalForm(text, NormalForm::Nfc);
    EXPECT_TRUE(normal.changed());
    EXPECT_EQ(normal.text(), "ab \u00e9 \u00c5 z");
    const std::vector<std::uint32_t> expected = {0, 1, 2, 3, 3, 6, 7, 7, 10, 11, 12};
    for (std::uint32_t place = 0; place < expected.size(); ++place)
        EXPECT_EQ(normal.origin(place), expected[place]) << place;
}

TEST(NormalForm, OfATokenizerChangesIdsAndNotPlaces) {
    TokenizerSpec spec = smallByteLevel();
    spec.normal_form = NormalForm::Nfc;
    const auto plain = made(smallByteLevel()), normal = made(spec);
    EXPECT_NE(plain->fingerprint(), normal->fingerprint());
    EXPECT_EQ(normal->encode("e\u0301 hello"), plain->encode("\u00e9 hello"));
    EXPECT_EQ(normal->encode("e\u0301<|im_end|>", true), plain->encode("\u00e9<|im_end|>", true));
    const auto placed = normal->encodePlaced("e\u0301 hello", false);
    ASSERT_EQ(placed.size(), 3U);
    EXPECT_EQ(placed[0].begin, 0U);
    EXPECT_EQ(placed[1].end, 3U) << "both bytes of the letter lie in it";
    EXPECT_EQ(placed[2].begin, 3U);
    EXPECT_EQ(placed[2].end, 9U);
}

TEST(NormalForm, TakesAMegabyteOfAnything) {
    for (const std::string& unit :
         {std::string("e\u0301"), std::string("\u0301\u0323"), std::string("\u00e9"), std::string("\u1161")}) {
        std::string text;
        while (text.size() < std::size_t(1) << 20) text += unit;
        const RewrittenText normal = inNormalForm(text, NormalForm::Nfc);
        EXPECT_EQ(normal.origin(std::uint32_t(normal.text().size())), text.size());
    }
}

}  // namespace
}  // namespace lectern::test
