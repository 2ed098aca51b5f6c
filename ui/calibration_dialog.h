// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <filesystem>
#include <vector>

class QListWidget;
class QPushButton;
class QRadioButton;

namespace lectern::ui {

/// Which text a model is calibrated on: ours, or files of the person's choice.
class CalibrationDialog final : public QDialog {
    Q_OBJECT
public:
    /// `own_text`: Lectern's own text is installed.
    CalibrationDialog(const QString& model, bool own_text, QWidget* parent = nullptr);

    std::vector<std::filesystem::path> texts() const;  ///< empty: ours
    void addTexts(const QStringList& files);           ///< and chooses them

private:
    void chooseTexts();
    void sync();

    QRadioButton* m_ours;
    QRadioButton* m_yours;
    QListWidget* m_files;
    QPushButton* m_start;
};

}  // namespace lectern::ui
