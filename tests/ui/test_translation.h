// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/ui/support/window_test.h"

namespace lectern::test {

class TestTranslation final : public WindowTest {
    Q_OBJECT

private slots:
    void everyStringIsTranslatedWithItsPlaces_data();
    void everyStringIsTranslatedWithItsPlaces();
    void filesHaveEveryStringOfTheSource_data();
    void filesHaveEveryStringOfTheSource();
    void windowSpeaksTheLanguageThroughout_data();
    void windowSpeaksTheLanguageThroughout();
    void commonErrorsAreSaidInTheLanguage_data();
    void commonErrorsAreSaidInTheLanguage();
    void languagesAreChosenByTheSystemsLocale();
};

}  // namespace lectern::test
