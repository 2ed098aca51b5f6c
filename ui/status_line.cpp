// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/status_line.h"

#include <QHBoxLayout>
#include <QProgressBar>

#include "ui/format.h"
#include "ui/widgets.h"

namespace lectern::ui {

StatusLine::StatusLine(QWidget* parent) : QWidget(parent) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(10, 2, 8, 2);
    row->setSpacing(16);
    m_model = new ElidedLabel({}, this);
    m_device = new TextLabel(TextRole::Small, {}, this);
    m_context = new TextLabel(TextRole::Small, {}, this);
    m_activity = new TextLabel(TextRole::Small, {}, this);
    m_activity->setObjectName("activity");
    m_rate = new TextLabel(TextRole::Small, {}, this);
    m_progress = new QProgressBar(this);
    m_progress->setTextVisible(false);
    m_progress->setFixedWidth(140);
    m_progress->setAccessibleName(tr("Progress"));
    m_cancel = makeIconButton("stop", tr("Cancel (Esc)"), this);
    m_cancel->setObjectName("statusCancel");
    row->addWidget(m_model);
    row->addWidget(m_device);
    row->addWidget(m_context);
    row->addStretch(1);
    for (QWidget* widget : std::initializer_list<QWidget*>{m_activity, m_rate, m_progress, m_cancel})
        row->addWidget(widget);
    connect(m_cancel, &QToolButton::clicked, this, &StatusLine::cancel);
    setFixedHeight(qMax(30, fontMetrics().height() + 12));
    setActivity(Activity::Idle);
    setSession({});
}

void StatusLine::setDevice(const QString& device) {
    m_device->setText(device);
}

void StatusLine::setSession(const std::optional<SessionSnapshot>& session) {
    m_model->setVisible(session.has_value());
    m_context->setVisible(session && session->hasContext());
    if (!session) return m_rate->clear();
    m_model->setFullText(text(session->model_name) + " · " + text(session->kv.name()));
    QString context = tr("%1 tokens in context").arg(countText(session->tokens));
    if (session->tokens_that_fit > 0) context += tr(", about %1 fit").arg(shortCountText(session->tokens_that_fit));
    m_context->setText(context);
    m_context->setToolTip(
        tr("What fits is counted for this setting and the memory that was free when the session was opened."));
}

void StatusLine::setActivity(Activity activity) {
    const bool working = activity != Activity::Idle;
    const bool stoppable = working && activity != Activity::Starting && activity != Activity::Opening &&
                           activity != Activity::Exporting && activity != Activity::PlanningSummary;
    m_progress->setVisible(working);
    m_cancel->setVisible(stoppable);
    m_progress->setRange(0, 0);
    if (activity == Activity::CheckingFidelity || activity == Activity::Comparing ||
        activity == Activity::Calibrating || activity == Activity::Summarizing)
        m_rate->clear();  // of other work
    switch (activity) {
        case Activity::Starting:
            m_activity->setText(tr("Starting the engine…"));
            break;
        case Activity::Opening:
            m_activity->setText(tr("Opening…"));
            break;
        case Activity::Parsing:
            m_activity->setText(tr("Looking at the documents…"));
            break;
        case Activity::Reading:
            m_activity->setText(tr("Reading…"));
            break;
        case Activity::Answering:
            m_activity->setText(tr("Answering…"));
            break;
        case Activity::CheckingFidelity:
            m_activity->setText(tr("Checking fidelity…"));
            break;
        case Activity::Comparing:
            m_activity->setText(tr("Comparing settings…"));
            break;
        case Activity::Calibrating:
            m_activity->setText(tr("Calibrating…"));
            break;
        case Activity::Exporting:
            m_activity->setText(tr("Exporting…"));
            break;
        case Activity::PlanningSummary:
            m_activity->setText(tr("Planning the summary…"));
            break;
        case Activity::Summarizing:
            m_activity->setText(tr("Summarizing…"));
            break;
        case Activity::Idle:
            m_activity->setText(tr("Ready"));
            break;
    }
}

void StatusLine::showProgress(const IngestEvent& event) {
    if (event.tokens_total > 0) showShare(double(event.tokens) / double(event.tokens_total));
    if (event.tokens_per_s > 0) showRate(event.tokens_per_s);
}

void StatusLine::showShare(double share) {
    m_progress->setRange(0, 1000);
    m_progress->setValue(int(1000 * share));
}

void StatusLine::showRate(double tokens_per_s) {
    m_rate->setText(rateText(tokens_per_s));
}

QString describeDevice(const EngineFacts& facts, const QString& wanted) {
    const DeviceInfo* chosen = nullptr;
    for (const DeviceInfo& device : facts.devices) {
        if (!device.problem.empty()) continue;
        const bool named = text(device.id) == wanted || text(device.id).startsWith(wanted + ':');
        const bool better = wanted == "auto" && (chosen == nullptr || chosen->id == "cpu");
        if (named || better) chosen = &device;
        if (named) break;
    }
    if (chosen == nullptr) return {};
    if (chosen->id != "cpu") return text(chosen->name);
    QStringList parts = {StatusLine::tr("CPU")};
    if (chosen->cores > 0) parts << StatusLine::tr("%1 cores").arg(chosen->cores);
    if (!chosen->isa.empty()) parts << text(chosen->isa).toUpper();
    return parts.join(", ");
}

}  // namespace lectern::ui
