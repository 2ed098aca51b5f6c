// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "ui/values.h"

class QProgressBar;
class QPushButton;
class QTreeWidget;
class QTreeWidgetItem;

namespace lectern::ui {

class TextLabel;

/// Where models lie.
struct ModelPlaces {
    std::filesystem::path own;  ///< where imported ones go; empty: nowhere
    QStringList in_place;       ///< paths of models that are used where they are
    QString in_use;             ///< path of the open session's; empty: none is open
};

/// The models that the engine found, by folder: what each takes, what context fits this machine at each bit width, and
/// what can be done with it. Asks before it tells what is wanted; does nothing by itself. GUI thread.
class ModelManager final : public QDialog {
    Q_OBJECT
public:
    explicit ModelManager(QWidget* parent = nullptr);

    void setModels(const std::vector<ModelInfo>& models, const ModelPlaces& places);
    /// With work of any kind. `copying`: of ours, which can be cancelled; the dialog stays until it has ended.
    void setBusy(bool busy, bool copying);
    void showShare(double share);
    void say(const QString& sentence);  ///< what became of the last wish

    void done(int result) override;

signals:
    void copyWanted(const QString& model);     ///< into the own folder
    void inPlaceWanted(const QString& model);  ///< used where it is from now on
    void removeWanted(const QString& model);   ///< to the trash
    void forgetWanted(const QString& model);   ///< one that is used where it is
    void chosen(const QString& model);         ///< for new sessions; empty: the built-in one
    void fingerprintWanted(const QString& model);
    void cancelled();

private:
    QWidget* makeList();
    QLayout* makeButtons();
    QWidget* makeSources();
    QTreeWidgetItem* folderItem(const QString& title);
    void addModel(const ModelInfo& model);
    void chooseFile();
    void chooseFolder();
    void askHow(const QString& model);
    void askRemove();
    void showDetails();
    const ModelInfo* current() const;
    bool isForeignFolder(const ModelInfo& model) const;
    void sync();

    std::vector<ModelInfo> m_models;
    ModelPlaces m_places;
    bool m_busy = false, m_copying = false;
    TextLabel* m_where;
    QTreeWidget* m_list;
    TextLabel* m_details;
    QPushButton* m_fingerprint;
    TextLabel* m_said;
    QProgressBar* m_progress;
    QPushButton* m_cancel;
    QPushButton* m_add;
    QPushButton* m_remove;
    QPushButton* m_use;
};

}  // namespace lectern::ui
