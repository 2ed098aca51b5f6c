// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

namespace lectern::test {

class TestRealEngine final : public QObject {
    Q_OBJECT

private slots:
    void sampleIsReadAskedReopenedAndAskedAgain();
    void fidelityOfTheSampleIsMeasuredInTheWindow();
    void layersOfTheSampleAreDrawnAndSettingsCompared();
    void documentsAreTakenOutAndConversationsForkedInTheWindow();
    void sampleIsSummarizedSentenceByPage();
    void answersInAllScriptsAreExportedAsPdf();
    void everyJobIsDoneOnAPublishedReport();
    void closingWhileItReadsOrAnswersIsFast();
    void stopReachesTheEngineWhileItReadsTheQuestion();
    void lockedFileAsksForItsPassword();
    void damagedFileIsListedWithItsReason();
};

}  // namespace lectern::test
