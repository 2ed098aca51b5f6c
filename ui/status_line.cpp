// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/status_line.h"

#include <QHBoxLayout>
#include <QLocale>
#include <QProgressBar>
#include <map>

#include "ui/format.h"
#include "ui/widgets.h"

namespace lectern::ui {

StatusLine::StatusLine(QWidget* parent) : QWidget(parent) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(10, 2, 8, 2);
    row->setSpacing(16);
    m_model = new ElidedLabel({}, this);
    m_device = new TextLabel(TextRole::Small, {}, this);
    m_device->setObjectName("device");
    m_context = new TextLabel(TextRole::Small, {}, this);
    m_activity = new TextLabel(TextRole::Small, {}, this);
    m_activity->setObjectName("activity");
    m_receipt = new ElidedLabel({}, this);
    m_receipt->setObjectName("receipt");
    m_receipt->setForegroundRole(QPalette::PlaceholderText);
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
    for (QWidget* widget : std::initializer_list<QWidget*>{m_receipt, m_activity, m_rate, m_progress, m_cancel})
        row->addWidget(widget);
    connect(m_cancel, &QToolButton::clicked, this, &StatusLine::cancel);
    setFixedHeight(qMax(30, fontMetrics().height() + 12));
    setActivity(Activity::Idle);
    setSession({});
}

void StatusLine::setDevice(const QString& device) {
    m_best_device = device;
    showDevice();
}

/// What computes the session; before anything is computed, what will if it serves the model.
void StatusLine::showDevice() {
    const bool chosen = !m_processor.id.empty();
    const bool cpu = m_processor.id == "cpu";
    const QString cpu_name = m_best_device.startsWith(tr("CPU")) ? m_best_device : tr("CPU");
    m_device->setText(!chosen ? m_best_device : cpu ? cpu_name : text(m_processor.name));
    m_device->setToolTip(text(m_processor.why));
}

void StatusLine::setSession(const std::optional<SessionSnapshot>& session) {
    m_processor = session ? session->processor : Processor();
    showDevice();
    m_model->setVisible(session.has_value());
    m_context->setVisible(session && session->hasContext());
    if (!session) {
        m_receipt->setFullText({});
        return m_rate->clear();
    }
    m_model->setFullText(text(session->model_name) + " · " + text(session->kv.name()));
    QString context = tr("%1 tokens in context").arg(countText(session->tokens));
    if (session->tokens_that_fit > 0) context += tr(", about %1 fit").arg(shortCountText(session->tokens_that_fit));
    m_context->setText(context);
    m_context->setToolTip(
        tr("What fits is counted for this setting and the memory that was free when the session was opened."));
}

void StatusLine::setActivity(Activity activity) {
    if (activity != m_now && activity != Activity::Idle) m_receipt->setFullText({});
    m_now = activity;
    syncActivity();
}

void StatusLine::setLoading(std::optional<double> share) {
    m_loading = share;
    syncActivity();
}

void StatusLine::showReceipt(const QString& receipt) {
    m_receipt->setFullText(receipt);
}

void StatusLine::syncActivity() {
    static const std::map<Activity, const char*> kNames = {
        {Activity::Starting, QT_TR_NOOP("Starting the engine…")},
        {Activity::Opening, QT_TR_NOOP("Opening…")},
        {Activity::Parsing, QT_TR_NOOP("Looking at the documents…")},
        {Activity::Reading, QT_TR_NOOP("Reading…")},
        {Activity::Answering, QT_TR_NOOP("Answering…")},
        {Activity::Repairing, QT_TR_NOOP("Repairing…")},
        {Activity::Changing, QT_TR_NOOP("One moment…")},
        {Activity::CheckingFidelity, QT_TR_NOOP("Checking fidelity…")},
        {Activity::Comparing, QT_TR_NOOP("Comparing settings…")},
        {Activity::Calibrating, QT_TR_NOOP("Calibrating…")},
        {Activity::Exporting, QT_TR_NOOP("Exporting…")},
        {Activity::PlanningSummary, QT_TR_NOOP("Planning the summary…")},
        {Activity::Summarizing, QT_TR_NOOP("Summarizing…")},
        {Activity::Measuring, QT_TR_NOOP("Measuring this machine…")},
        {Activity::Importing, QT_TR_NOOP("Copying the model…")},
        {Activity::Idle, QT_TR_NOOP("Ready")}};
    const bool idle = m_now == Activity::Idle, loading = idle && m_loading;
    const bool brief = m_now == Activity::Starting || m_now == Activity::Opening || m_now == Activity::Changing ||
                       m_now == Activity::Exporting || m_now == Activity::PlanningSummary ||
                       m_now == Activity::Measuring;
    m_progress->setVisible(!idle || loading);
    m_cancel->setVisible(!idle && !brief);
    m_progress->setRange(0, 0);
    if (m_now == Activity::CheckingFidelity || m_now == Activity::Comparing || m_now == Activity::Calibrating ||
        m_now == Activity::Summarizing)
        m_rate->clear();  // of other work
    m_activity->setText(loading ? tr("Restoring the context…") : tr(kNames.at(m_now)));
    if (loading) showShare(*m_loading);
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

QString restoredText(const Restored& restored) {
    const double seconds = restored.seconds;
    const QString time = seconds < 60
                             ? StatusLine::tr("%1 s").arg(QLocale().toString(seconds, 'f', seconds < 10 ? 1 : 0))
                             : durationText(seconds);
    const QString text = StatusLine::tr("%1 tokens restored in %2").arg(countText(restored.tokens), time);
    const double saved = restored.reading_seconds - seconds;
    return saved < 1 ? text : StatusLine::tr("%1; about %2 of reading saved").arg(text, durationText(saved));
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
