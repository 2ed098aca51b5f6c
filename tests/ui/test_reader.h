// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/ui/support/window_test.h"

namespace lectern::ui {
class PageView;
}

namespace lectern::test {

class TestReader final : public WindowTest {
    Q_OBJECT

private slots:
    void pagesScrollAsOneAndTheNumberFollows();
    void thousandPagesScrollWithoutBlocking();
    void marksStayOnTheirPageAndBackReturns();
    void selectedTextIsAskedAboutAndCopied();
    void thumbnailsAreMadeForThoseInSightOnly();
    void outlineOpensItsPages();
    void darkPagesKeepTheirHuesAndAreRemembered();
    void picturesAreGivenUpLongestUnusedFirst();
    void wordsAreFoundAndJoinedByLines();

private:
    ui::PageView* openFirst(int pages);  ///< a document of so many, its first page in sight
    void drag(QPoint from, QPoint to);
};

}  // namespace lectern::test
