// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <memory>

#include "tests/ui/support/window_driver.h"

class QTreeWidget;

namespace lectern::test {

/// What bad input gets, seen in the window on the real engine. (Locks and damage of PDFs: test_real_engine.)
class TestBadInput final : public QObject {
    Q_OBJECT

private slots:
    void init();
    void cleanup();
    void badDocumentsAreListedEachWithItsReason();
    void whereNothingCanBeReadNothingIs();
    void oddEncodingsAndScriptsAreReadAsTheyAre();
    void publishedBrokenFilesFailInWordsAndTheRestGoesOn();
    void longDocumentIsPlanned();
    void missingModelIsNamedAndAnotherCanBeChosen();
    void modelThatIsCutShortOrNoneIsNamed();
    void sessionsThatCannotBeUsedAreNamed_data();
    void sessionsThatCannotBeUsedAreNamed();

private:
    std::filesystem::path write(const char* name, const QByteArray& bytes) const;
    bool plan(const std::vector<std::filesystem::path>& files);
    QString planned(const char* name) const;  ///< first column of the row whose tool tip or text names the file
    std::filesystem::path session();          ///< one that is whole, and closed

    std::unique_ptr<WindowDriver> m_driver;
};

}  // namespace lectern::test
