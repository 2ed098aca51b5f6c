// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/ui/support/window_test.h"

namespace lectern::test {

class TestSession final : public WindowTest {
    Q_OBJECT

private slots:
    void textsAreReadableWhileTheSessionOpens();
    void earlyQuestionWaitsForTheSession();
    void stoppedEarlyQuestionGoesBackToTheInput();
    void questionWhileReadingIsAskedOnceAllIsRead();
    void questionWhileReadingComesBackWhereReadingIsCancelled();
    void cacheLoadsWhileQuestionsAreAnsweredAndTheReceiptSaysWhatItSaved();
    void damagedCacheIsSaidAndRepaired();
    void sessionOpenElsewhereStaysReadable();
    void readOnlySessionOpensAndSaysThatNothingIsSaved();
    void recentSessionsSayWhatOpeningTakes();
    void missingRecentSessionIsLocatedOrRemoved();
    void diskQuotaDropsTheOldestCachesAfterAYesAndNothingWithoutOne();
    void commandsAreFoundByWords();

private:
    void readOne();  ///< one document, one question
    bool shown() const;
    void startLongReading();  ///< of a long document
};

}  // namespace lectern::test
