// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/ui/support/window_test.h"

namespace lectern::test {

class TestStart final : public WindowTest {
    Q_OBJECT

private slots:
    void sessionOpenAtTheEndOpensAgainWhereThatIsWanted();
    void startAfterACrashSaysSoAndOffersTheSession();
    void leftSessionIsNotOpenedAgain();
    void linkOpensItsSessionAtItsPage();
    void brokenLinksAreSaidInWords();
    void linkToThePageIsCopied();
    void linksKeepEveryCharacter();
    void secondStartHandsOverItsArguments();
    void planMeasuresTheTimeAndOnRequestTheLoss();
    void sliderChoosesTheBitsAndEveryFigureFollows();
    void planSaysHowAContextIsDividedBetweenDeviceAndProcessor();
    void settingsHaveEveryFieldAndRestoreDefaults();
    void wheelOverASettingScrollsAndChangesNothing();
    void settingsOfRepeatedPhrasesAreThoseOfTheSampler();
    void systemsThemeIsFollowedWhileTheWindowIsOpen();
    void fontIsChosenAndGivenBack();
    void highContrastIsLegible();

private:
    QString readOne();  ///< a document of 12 pages; returns its session's file
    void setReopen(bool reopen);
};

}  // namespace lectern::test
