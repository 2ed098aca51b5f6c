// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/model_flow.h"

#include <QFileInfo>

#include "ui/error_words.h"
#include "ui/format.h"

namespace lectern::ui {

ModelFlow::ModelFlow(SessionController* controller, std::filesystem::path own, QWidget* window)
    : QObject(window), m_controller(controller), m_window(window) {
    m_places.own = std::move(own);
    connect(controller, &SessionController::ended, this, &ModelFlow::ended);
    connect(controller, &SessionController::activityChanged, this, &ModelFlow::sync);
}

void ModelFlow::setInPlace(const QStringList& models) {
    m_places.in_place = models;
}

void ModelFlow::open() {
    if (m_dialog) return m_dialog->raise();
    m_dialog = new ModelManager(m_window);
    m_dialog->setAttribute(Qt::WA_DeleteOnClose);
    const ModelManager* dialog = m_dialog;
    connect(dialog, &ModelManager::copyWanted, this, [this](const QString& model) {
        if (!m_controller->busy()) m_controller->importModel(toPath(model), m_places.own);
    });
    connect(dialog, &ModelManager::removeWanted, this, [this](const QString& model) {
        if (!m_controller->busy()) m_controller->removeModel(toPath(model));
    });
    connect(dialog, &ModelManager::fingerprintWanted, this,
            [this](const QString& model) { m_controller->describeModel(toPath(model)); });
    connect(dialog, &ModelManager::inPlaceWanted, this, [this](const QString& model) {
        if (!m_places.in_place.contains(model)) emit inPlaceChanged(m_places.in_place + QStringList{model});
    });
    connect(dialog, &ModelManager::forgetWanted, this, [this](const QString& model) {
        QStringList left = m_places.in_place;
        left.removeAll(model);
        emit inPlaceChanged(left);
    });
    connect(dialog, &ModelManager::chosen, this, [this](const QString& model) {
        emit chosen(model);
        m_dialog->accept();
    });
    connect(dialog, &ModelManager::cancelled, m_controller, &SessionController::cancel);
    fill();
    sync();
    m_dialog->open();
}

void ModelFlow::fill() {
    if (!m_dialog) return;
    const auto& session = m_controller->session();
    m_places.in_use = session ? fromPath(session->model_path) : QString();
    m_dialog->setModels(m_controller->engine().models, m_places);
}

bool ModelFlow::isOpen() const {
    return !m_dialog.isNull();
}

void ModelFlow::sync() {
    if (m_dialog) m_dialog->setBusy(m_controller->busy(), m_controller->activity() == Activity::Importing);
}

void ModelFlow::showShare(double share) {
    if (m_dialog && m_controller->activity() == Activity::Importing) m_dialog->showShare(share);
}

void ModelFlow::ended(const TaskResult& result) {
    if (!m_dialog) return;
    if (result.engine) fill();
    if (result.error && result.error->code == ErrorCode::Interrupted) return;
    if (result.task == Task::ImportModel)
        m_dialog->say(result.error ? errorText(*result.error)
                                   : tr("“%1” is in the model folder.").arg(fromPath(result.model.filename())));
    if (result.task == Task::RemoveModel)
        m_dialog->say(result.error ? errorText(*result.error)
                                   : tr("“%1” is in the trash, from where it can be brought back.")
                                         .arg(fromPath(result.model.filename())));
    if (result.task == Task::DescribeModel && result.error) m_dialog->say(errorText(*result.error));
}

}  // namespace lectern::ui
