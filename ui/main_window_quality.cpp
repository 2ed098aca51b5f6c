// SPDX-License-Identifier: GPL-3.0-or-later
// What compression costs in this session, and calibration, which makes it cheaper.
#include <QDockWidget>
#include <QFileInfo>
#include <QScrollArea>
#include <QStackedWidget>
#include <algorithm>

#include "ui/calibration_dialog.h"
#include "ui/format.h"
#include "ui/main_window.h"
#include "ui/memory_panel.h"
#include "ui/notice_bar.h"
#include "ui/plan_page.h"
#include "ui/quantization_panel.h"
#include "ui/start_page.h"
#include "ui/status_line.h"

namespace lectern::ui {

void MainWindow::checkFidelity() {
    if (m_controller->busy() || !inSession() || !m_controller->session()) return;
    reveal(m_memory);
    m_controller->checkFidelity();
}

/// With the settings that are chosen in the Quantization dock.
void MainWindow::compareSettings() {
    if (m_controller->busy() || !inSession() || !m_controller->session()) return;
    reveal(m_quantization);
    const std::vector<KvSettings> settings = m_quantization->showComparison();
    if (!settings.empty()) m_controller->compareSettings(settings);
}

/// Before anything is read: what 4, 3 and 2 bits would lose on the planned documents.
void MainWindow::measurePlanned() {
    if (m_controller->busy() || !m_plan->facts()) return;
    m_plan->showMeasuring(0);
    m_controller->compareSettings(m_plan->settingsToMeasure());
}

/// Of the model in sight: the open session's, the plan's, or the one chosen on the start page.
void MainWindow::calibrate() {
    if (m_controller->busy()) return;
    const bool planning = m_pages->currentWidget() == m_plan && m_plan->facts();
    QString model = m_start->model(), name = model.isEmpty() ? tr("the built-in model") : QFileInfo(model).fileName();
    CalibrationRequest request;
    if (inSession() && m_controller->session()) {
        model = fromPath(m_controller->session()->model_path);
        name = text(m_controller->session()->model_name);
    } else if (planning) {
        model = fromPath(m_plan->facts()->model.path);
        name = text(m_plan->facts()->model.name);
        auto& shares = request.settings.outliers;
        const double share = m_plan->request().kv.outliers;
        if (std::find(shares.begin(), shares.end(), share) == shares.end()) shares.push_back(share);
        std::sort(shares.begin(), shares.end());
    }
    auto* dialog = new CalibrationDialog(name, !m_services.options.calibration_text.empty(), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, dialog, model, request]() mutable {
        request.texts = dialog->texts();
        m_controller->calibrate(model.toStdString(), request);
        if (m_pages->currentWidget() == m_plan) m_plan->showWorking(tr("Calibrating…"), tr("Cancel keeps the plan."));
    });
    dialog->open();
}

void MainWindow::showShare(double share) {
    m_status->showShare(share);
    m_memory->showShare(share);
    m_quantization->showShare(share);
    if (m_controller->activity() == Activity::Comparing && m_pages->currentWidget() == m_plan)
        m_plan->showMeasuring(share);
    if (m_controller->activity() == Activity::Calibrating && m_pages->currentWidget() == m_plan)
        m_plan->showWorking(tr("Calibrating… %1").arg(percentText(share)), tr("Cancel keeps the plan."));
}

void MainWindow::fidelityChecked(const TaskResult& result) {
    if (result.error) return report(*result.error);
    const auto& session = m_controller->session();
    if (!session || !session->fidelity) return;
    const Fidelity& found = *session->fidelity;
    if (gradeOf(found) != FidelityGrade::Poor) return;
    const QString said =
        tr("The model does badly at %1: at %2 of the places its likeliest next word is another one than "
           "with an fp16 cache.")
            .arg(text(found.kv), percentText(1 - found.top1_agreement));
    const QString more = tr("Read the documents into a session with more bits.");
    if (session->calibrated) return m_notice->showNotice(NoticeBar::Kind::Problem, said + ' ' + more);
    m_notice->showNotice(NoticeBar::Kind::Problem,
                         said + ' ' + tr("A calibration of the model may help; else more bits."), tr("Calibrate…"),
                         [this] { calibrate(); });
}

void MainWindow::calibrated(const TaskResult& result) {
    const bool planning = m_pages->currentWidget() == m_plan && m_plan->facts();
    if (result.error) {
        if (planning) m_plan->showPlan(*m_plan->facts());
        return report(*result.error);
    }
    if (planning) replan(tr("Preparing the session with the calibration"));
    const QString made = tr("The model is calibrated (%1 tokens in %2).")
                             .arg(countText(result.calibration->tokens), durationText(result.calibration->seconds));
    const QString kept = tr("Sessions begun from now on use it; this one keeps what it was begun with.");
    m_notice->showNotice(NoticeBar::Kind::Info, inSession() ? made + ' ' + kept : made);
}

}  // namespace lectern::ui
