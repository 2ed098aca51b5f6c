// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/ui/support/window_test.h"

namespace lectern::test {

class TestConversation final : public WindowTest {
    Q_OBJECT

private slots:
    void failedQuestionGoesBackToTheInput();
    void stoppedAnswerKeepsItsWords();
    void passageThatTheAnswerHasIsNotQuotedAgain();
    void answeredAgainTheEarlierAnswerCanComeBack();
    void answeredAgainWhileNothingIsSavedNothingIsKept();
    void editedQuestionBeginsAConversationOfItsOwn();
    void conversationGoesOnFromAnyAnswerInATabOfItsOwn();
    void conversationsAreRenamedDeletedAndBroughtBack();
    void twoConversationsAreReadSideBySide();
    void thousandsOfConversationsOpenWithoutBlocking();
    void branchesKeepTheirOwnMessages();
    void longConversationOpensWithoutBlocking();
    void scrolledConversationStaysWhereItIs();
    void conversationIsExportedInEveryFormat();
    void failedExportSaysWhy();
    void wordsAreFoundInLongConversations();
    void tablesAndCodeAreDressedInTheThemesColours();
    void ledgerIsShownOnDemand();

private:
    void askAll(const QStringList& questions);
    std::vector<BranchInfo> branches() const;
};

}  // namespace lectern::test
