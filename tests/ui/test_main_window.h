// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <memory>

#include "tests/ui/support/window_driver.h"

namespace lectern::test {

class TestMainWindow final : public QObject {
    Q_OBJECT

private slots:
    void init();
    void cleanup();
    void wholeJobFromDropToSecondQuestionAfterReopening();
    void cancelledReadingIsKeptAndResumed();
    void damagedDocumentIsListedAndTheRestIsRead();
    void lockedDocumentIsReadWithItsPassword();
    void wrongPasswordIsAskedForAgain();
    void refusedPasswordLeavesTheDocumentOut();
    void sessionOfAnotherModelIsReadAgainOnRequest();
    void missingSessionIsAClearSentence();
    void noRoomIsSaidAndNothingIsLost();
    void failedQuestionGoesBackToTheInput();
    void stoppedAnswerKeepsItsWords();
    void editedQuestionReplacesTheLast();
    void branchesKeepTheirOwnMessages();
    void cancelledPlanLeavesNoFile();
    void otherBitsMakeTheSessionWithThem();
    void moreDocumentsJoinTheOpenSession();
    void documentsDroppedDuringReadingAreRefusedInWords();
    void longConversationOpensWithoutBlocking();
    void textDocumentsAndMovedFilesAreShownAsText();
    void findGoesThroughTheDocument();
    void closingWhileReadingIsFast();
    void everyControlHasAName();
    void settingsAreReadBackFromTheirFile();
    void foldersGiveTheirDocuments();
    void findingCountsBytesAndLetters();

private:
    void readDocuments(const QStringList& paths);
    std::shared_ptr<FakeWorld> m_world;
    std::unique_ptr<WindowDriver> m_driver;
};

}  // namespace lectern::test
