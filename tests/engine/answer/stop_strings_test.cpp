// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/answer/stop_strings.h"

#include <gtest/gtest.h>

namespace lectern {
namespace {

const std::vector<std::string> kStops = {"</end>", "stop", "top hat", ""};

/// What is shown of `text` when it comes in pieces of `size` bytes.
std::string shown(const std::string& text, std::size_t size, bool& found) {
    StopStrings stops(kStops);
    std::string all;
    for (std::size_t at = 0; at < text.size(); at += size) all += stops.push(text.substr(at, size));
    all += stops.finish();
    found = stops.found();
    return all;
}

TEST(StopStrings, TextEndsBeforeTheFirstHoweverItIsCut) {
    const std::pair<std::string, std::string> texts[] = {
        {"plain text", "plain text"},  {"a sto", "a sto"}, {"go on, stop here", "go on, "},
        {"a stop hat", "a "},          {"sstop", "s"},     {"a top hat", "a "},
        {"<</en</end> stop", "<</en"}, {"stop", ""}};
    for (const auto& [text, wanted] : texts) {
        for (std::size_t size = 1; size <= text.size(); ++size) {
            bool found = false;
            EXPECT_EQ(shown(text, size, found), wanted) << size;
            EXPECT_EQ(found, wanted != text);
        }
    }
}

TEST(StopStrings, OnlyWhatMayBeTheBeginningOfOneWaits) {
    StopStrings stops(kStops);
    EXPECT_EQ(stops.push("a sto"), "a ");
    EXPECT_EQ(stops.push("ne </"), "stone ");
    EXPECT_EQ(stops.push("p>"), "</p>");
    EXPECT_EQ(stops.push("x stop y"), "x ");
    EXPECT_EQ(stops.push("z"), "");
    EXPECT_EQ(stops.finish(), "");
}

TEST(StopStrings, NoneStopNothing) {
    StopStrings stops({});
    EXPECT_EQ(stops.push("stop"), "stop");
    EXPECT_FALSE(stops.found());
}

}  // namespace
}  // namespace lectern
