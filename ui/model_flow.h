// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QPointer>

#include "ui/model_manager.h"
#include "ui/session_controller.h"

namespace lectern::ui {

/// The dialog of models and what is done for it: copying one into the model folder, removing one, fingerprints. GUI
/// thread.
class ModelFlow final : public QObject {
    Q_OBJECT
public:
    /// `own`: the folder that imported models go to. Owns neither controller nor window.
    ModelFlow(SessionController* controller, std::filesystem::path own, QWidget* window);

    void setInPlace(const QStringList& models);  ///< those that are used where they are
    void open();
    bool isOpen() const;
    void showShare(double share);  ///< of the copy under way

signals:
    void chosen(const QString& model);               ///< for new sessions; empty: the built-in one
    void inPlaceChanged(const QStringList& models);  ///< they are to be these

private:
    void ended(const TaskResult& result);
    void fill();
    void sync();

    SessionController* m_controller;
    QWidget* m_window;
    ModelPlaces m_places;
    QPointer<ModelManager> m_dialog;
};

}  // namespace lectern::ui
