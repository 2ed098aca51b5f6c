// SPDX-License-Identifier: GPL-3.0-or-later
// The worker's part of managing models.
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QStandardPaths>

#include "ui/engine_worker.h"
#include "ui/format.h"

namespace lectern::ui {

EngineFacts EngineWorker::facts() const {
    return {m_engine->devices(), m_engine->listModels()};
}

/// Ends a request that changed which models there are.
void EngineWorker::endWithModels(TaskResult result) {
    result.engine = facts();
    end(std::move(result));
}

void EngineWorker::importModel(std::uint64_t id, const std::filesystem::path& model,
                               const std::filesystem::path& folder, const std::stop_token& stop) {
    if (!ready(id, Task::ImportModel, false)) return;
    auto there = m_engine->importModel(model, folder, shareReporter(id), stop);
    if (!there) return endWithError(id, Task::ImportModel, std::move(there.error()));
    TaskResult result{.id = id, .task = Task::ImportModel};
    result.model = std::move(*there);
    endWithModels(std::move(result));
}

/// All files of the model go to the trash; a folder as a whole.
void EngineWorker::removeModel(std::uint64_t id, const std::filesystem::path& model) {
    if (!ready(id, Task::RemoveModel, false)) return;
    std::error_code ignored;
    if (m_session && std::filesystem::equivalent(m_session->modelPath(), model, ignored))
        return endWithError(
            id, Task::RemoveModel,
            {ErrorCode::Usage, "\"" + model.string() + "\" is used by the open session: close that first."});
    TaskResult result{.id = id, .task = Task::RemoveModel};
    result.model = model;
    std::vector<std::filesystem::path> files = m_engine->modelFiles(model);
    if (QFileInfo(fromPath(model)).isDir()) files = {model};
    if (files.empty())
        result.error = Error{ErrorCode::Failed, "\"" + model.string() + "\" is not there any more: nothing was moved."};
    // Qt 6.4 makes the trash folder, but not the folder above it; without that it takes "." for the trash.
    QDir().mkpath(QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation));
    for (const auto& file : files) {
        if (QFile::moveToTrash(fromPath(file))) continue;
        result.error =
            Error{ErrorCode::Failed,
                  "\"" + file.string() + "\" could not be moved to the trash: delete it with a file manager."};
        break;
    }
    endWithModels(std::move(result));
}

void EngineWorker::describeModel(std::uint64_t id, const std::filesystem::path& model) {
    if (!ready(id, Task::DescribeModel, false)) return;
    auto info = m_engine->modelInfo(model.string());
    if (!info) return endWithError(id, Task::DescribeModel, std::move(info.error()));
    TaskResult result{.id = id, .task = Task::DescribeModel};
    result.model = model;
    result.engine = facts();
    for (ModelInfo& listed : result.engine->models)
        if (listed.path == model) listed.fingerprint = info->fingerprint;
    end(std::move(result));
}

}  // namespace lectern::ui
