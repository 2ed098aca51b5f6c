// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/ui/support/window_test.h"

namespace lectern::test {

class TestMainWindow final : public WindowTest {
    Q_OBJECT

private slots:
    void wholeJobFromDropToSecondQuestionAfterReopening();
    void cancelledReadingIsKeptAndResumed();
    void damagedDocumentIsListedAndTheRestIsRead();
    void scanIsReadOnceItsTextIsRecognized();
    void lockedDocumentIsReadWithItsPassword();
    void wrongPasswordIsAskedForAgain();
    void refusedPasswordLeavesTheDocumentOut();
    void sessionOfAnotherModelIsReadAgainOnRequest();
    void missingSessionIsAClearSentence();
    void noRoomIsSaidAndNothingIsLost();
    void cancelledPlanLeavesNoFile();
    void chatTemplateThatIsNotTakenIsSaidOnce();
    void otherBitsMakeTheSessionWithThem();
    void moreDocumentsJoinTheOpenSession();
    void documentsDroppedDuringReadingAreRefusedInWords();
    void textDocumentsAndMovedFilesAreShownAsText();
    void findGoesThroughTheDocument();
    void closingWhileReadingIsFast();
    void closingDuringAnyWorkIsFast_data();
    void closingDuringAnyWorkIsFast();
    void everyControlHasAName();
    void settingsAreReadBackFromTheirFile();
    void foldersGiveTheirDocuments();
    void findingCountsBytesAndLetters();

private:
    static QStringList namelessIn(const QWidget& top);
};

}  // namespace lectern::test
