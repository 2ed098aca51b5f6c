// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/ui/support/window_test.h"

namespace lectern::test {

class TestSummary final : public WindowTest {
    Q_OBJECT

private slots:
    void planIsShownBeforeTheWork();
    void sectionsBecomeCardsWithTheirPages();
    void ownWordsGrowAsTheyAreWritten();
    void aStopKeepsTheSectionsThatWereDone();
    void anInterruptedRepetitionLeavesTheFinishedOne();
    void reopeningShowsIt();
    void shelfSummarizesADocumentAndAnEntryOfItsOutline();
    void itIsExportedAndCopied();
    void deletingCanBeUndone();
    void longSummariesDoNotBlock();
    void anOpeningSessionShowsItsSummaries();
    void leavingTheSessionEndsTheOneBeingMade();
    void conversationsOutOfSightAreNotDeleted();
    void documentsThatAreOffAreNotOffered();

private:
    void summarize();
    void waitForCards(int count);
    QList<QWidget*> cardsInSight() const;
};

}  // namespace lectern::test
