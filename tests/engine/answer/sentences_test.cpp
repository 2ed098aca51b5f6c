// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/answer/sentences.h"

#include <gtest/gtest.h>

namespace lectern {
namespace {

std::string fromItsBegin(const std::string& page, const std::string& first_words) {
    const auto begin = std::uint32_t(page.find(first_words));
    return page.substr(pastHeadings(page, begin, std::uint32_t(page.size()), usualLine(page)));
}

TEST(Sentences, LineThatThreeQuartersOfThePageDoNotPass) {
    EXPECT_EQ(usualLine("four\n\nfive5\nsix\nseven77\n"), 7U);
    EXPECT_EQ(usualLine(""), 0U);
    EXPECT_EQ(usualLine("\n\n"), 0U);
}

TEST(Sentences, HeadingBeforeASentenceIsNotPartOfIt) {
    const std::string page = "Accounts\nThe reserve\nThe reserve fund stands at forty-five\nthousand crowns.";
    EXPECT_EQ(fromItsBegin(page, "The reserve"), "The reserve fund stands at forty-five\nthousand crowns.");
    EXPECT_EQ(fromItsBegin(page, "Accounts"), "The reserve fund stands at forty-five\nthousand crowns.");
}

TEST(Sentences, LineThatTheNextOneGoesOnWithIsNoHeading) {
    const std::string wrapped = "Mr Harrow was chosen to be the first\nPresident of the Society in that year.";
    EXPECT_EQ(fromItsBegin(wrapped, "Mr Harrow"), wrapped) << "a line as long as the others";
    const std::string small = "The lamp\nwas lit at dusk by the keeper of the tower.";
    EXPECT_EQ(fromItsBegin(small, "The lamp"), small) << "a small letter follows";
    const std::string inside = "It is said that the old lamp\nThe reserve fund stands at forty-five crowns.";
    EXPECT_EQ(fromItsBegin(inside, "lamp"), inside.substr(inside.find("lamp"))) << "not at the beginning of a line";
}

TEST(Sentences, LastLineIsKeptHoweverShort) {
    EXPECT_EQ(fromItsBegin("A line of some length that fills it\n\nShort", "Short"), "Short");
}

TEST(Sentences, WhiteSpaceIsOneSpace) {
    EXPECT_EQ(oneSpaced("  The old\n lamp \t was\r\nreplaced.\n"), "The old lamp was replaced.");
    EXPECT_EQ(oneSpaced(" \n "), "");
}

TEST(Sentences, LinesOfAScriptWithoutSpacesAreJoined) {
    EXPECT_EQ(oneSpaced("灯塔的\n灯很亮。\n它重两吨"), "灯塔的灯很亮。它重两吨");
    EXPECT_EQ(oneSpaced("灯塔 的"), "灯塔 的") << "a space that was written stays";
    EXPECT_EQ(oneSpaced("KVQuant\n压缩"), "KVQuant 压缩");
    EXPECT_EQ(oneSpaced("등대\n불빛"), "등대 불빛") << "Korean has spaces";
    EXPECT_EQ(oneSpaced("bad \xFF\nbyte"), "bad \xFF byte");
}

}  // namespace
}  // namespace lectern
