// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/ui/support/window_test.h"

class QMessageBox;
class QTreeView;

namespace lectern::test {

class TestShelf final : public WindowTest {
    Q_OBJECT

private slots:
    void eyeSwitchesADocumentAndOpensNothing();
    void severalDocumentsAreSwitchedAtOnce();
    void takingOutSaysWhatIsReadAgainBeforeItBegins();
    void whatWasTakenOutComesBackWhereItStood();
    void cancelledChangeChangesNothing();
    void keysAndDropsMoveDocuments();
    void changedFileIsShownAndReadAgain();
    void pausedReadingStaysPausedWhenDocumentsMove();
    void nothingIsChangedWhileTheEngineWorks();
    void coverageTellsOfEveryPage();

private:
    void readThree();
    QTreeView* shelf() const;
    QString row(int row) const;     ///< its second line
    QStringList inSession() const;  ///< names of documents, in order; those that are off in brackets
    void select(int from, int to);
    QMessageBox* question() const;  ///< what is asked before something is read again; waits for it
};

}  // namespace lectern::test
