// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/ui/support/window_test.h"
#include "ui/model_manager.h"

namespace lectern::test {

class TestModels final : public WindowTest {
    Q_OBJECT

private slots:
    void listSaysWhatEachModelTakesAndWhatFits();
    void copiedModelIsInItsFolderAndCanBeChosen();
    void cancelledCopyLeavesNothing();
    void modelUsedWhereItIsIsKeptAndForgottenWithItsFileLeft();
    void removedModelGoesToTheTrashAfterAYes();
    void modelOfTheOpenSessionStays();

private:
    ui::ModelManager* manager();        ///< the dialog, opened
    std::filesystem::path own() const;  ///< the folder of imported models
    QString file(const QString& name);  ///< a model's file outside that folder
    void add(const QString& file, const char* button);
    bool select(const QString& name);  ///< in the list; false: it is not there
};

}  // namespace lectern::test
