// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QScrollArea>

#include "ui/preferences.h"
#include "ui/values.h"

class QPushButton;
class QStackedWidget;

namespace lectern::ui {

class DropZone;
class ModelChooser;
class RecentList;
class TextLabel;

/// What a person sees first: a place to drop documents, the model, the sample, recent sessions.
class StartPage final : public QScrollArea {
    Q_OBJECT
public:
    explicit StartPage(bool has_sample, QWidget* parent = nullptr);

    void setEngine(const EngineFacts& facts);
    void setModel(const QString& path);
    QString model() const;
    void setSessions(const std::vector<RecentSession>& sessions);

signals:
    void documentsDropped(const QStringList& paths);
    void chooseFiles();
    void chooseFolder();
    void openSample();
    void chooseSession();
    void openSession(const QString& file);
    void forgetSession(const QString& file);
    void locateSession(const QString& file);
    void modelChosen(const QString& path);
    void manageModels();

private:
    QWidget* makeLeft(bool has_sample);
    QWidget* makeRight();
    void describeChosenModel();

    DropZone* m_drop;
    ModelChooser* m_models;
    TextLabel* m_model_facts;
    RecentList* m_recent;
    QStackedWidget* m_recent_stack;
    EngineFacts m_facts;
};

}  // namespace lectern::ui
