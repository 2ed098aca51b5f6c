// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QComboBox>
#include <vector>

#include "engine/engine.h"

namespace lectern::ui {

/// The models the engine found, the built-in one first, and a last entry that asks for a file. GUI thread.
class ModelChooser final : public QComboBox {
    Q_OBJECT
public:
    explicit ModelChooser(QWidget* parent = nullptr);

    void setModels(const std::vector<ModelInfo>& models);
    /// Selects a model by path (added when it is not listed); empty = the built-in one. Emits nothing.
    void selectModel(const QString& path);
    QString model() const;  ///< path; empty = built-in

signals:
    void modelChosen(const QString& path);  ///< by the user

private:
    void choose(int index);
    void askForFile();
    int m_last = 0;
};

/// "4.9M parameters · 5.2 MB as Q8_0 · trained on 4,096 tokens · 1.2M fit this machine at 4 bits"
QString describeModel(const ModelInfo& model);

}  // namespace lectern::ui
