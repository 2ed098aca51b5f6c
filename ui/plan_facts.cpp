// SPDX-License-Identifier: GPL-3.0-or-later
// What the plan says in numbers: memory, disk, time, calibration, and what compression loses.
#include <QDoubleSpinBox>
#include <QLocale>
#include <QPushButton>
#include <algorithm>
#include <cmath>

#include "ui/format.h"
#include "ui/plan_page.h"
#include "ui/setting_card.h"
#include "ui/widgets.h"

namespace lectern::ui {

/// Of the cache at a setting: the engine's own number for the session's setting, else its bytes per token.
std::uint64_t PlanPage::bytesFor(const std::string& kv) const {
    if (kv == m_facts->request.kv.name()) return m_facts->plan.kv_bytes;
    for (const ContextFit& fit : m_facts->fits)
        if (fit.kv == kv) return std::uint64_t(fit.bytes_per_token * double(m_facts->plan.tokens));
    return 0;
}

void PlanPage::updateChoice() {
    if (!m_facts) return;
    const IngestPlan& plan = m_facts->plan;
    for (const auto& [kv, card] : m_cards) {
        const std::uint64_t bytes = bytesFor(kv);
        const double share = plan.free_memory > 0 && bytes > 0 ? double(bytes) / double(plan.free_memory) : -1;
        card->setCost(bytes > 0 ? bytesText(bytes) : tr("counted when reading"), share);
    }
    m_outliers->setEnabled(chosenKv() != "fp16");
    fillFacts();
}

void PlanPage::fillFacts() {
    const IngestPlan& plan = m_facts->plan;
    const std::uint64_t bytes = m_facts->fresh ? bytesFor(chosenKv()) : plan.kv_bytes;
    m_tokens->setText(countText(plan.tokens));
    QString memory = tr("%1 instead of %2 at fp16").arg(bytesText(bytes), bytesText(plan.fp16_bytes));
    if (chosenKv() == "fp16" && m_facts->fresh) memory = bytesText(plan.fp16_bytes);
    memory += '\n' + tr("%1 free").arg(bytesText(plan.free_memory));
    if (m_estimate && m_estimate->device_room > 0)
        memory += tr(", %1 on the %2").arg(bytesText(m_estimate->device_room), text(m_estimate->processor.name));
    m_memory->setText(memory);
    m_disk->setText(tr("about %1, %2 free").arg(bytesText(plan.disk_bytes), bytesText(plan.free_disk)));
    const auto trained = std::uint64_t(qMax(0, plan.trained_context));
    const bool beyond = trained > 0 && plan.tokens > trained;
    QString note = trained == 0 ? tr("unknown") : tr("texts of up to %1 tokens").arg(countText(trained));
    if (beyond) note += tr(". This is longer: expect weaker answers.");
    m_trained->setText(note);
    m_trained->setToolTip(tr("The longest text the model has seen while it was trained."));
    fillCalibration();
}

/// Whether thresholds and codebooks come from a calibration, and the offer to make one. A session begun already keeps
/// what it has.
void PlanPage::fillCalibration() {
    const auto& shares = m_facts->model.calibrated;
    const double share = kvSettings().outliers;
    const bool raw = kvSettings().raw();
    const bool made =
        std::any_of(shares.begin(), shares.end(), [share](double other) { return std::abs(other - share) < 1e-9; });
    m_calibration->setText(raw              ? tr("not needed without compression")
                           : made           ? tr("made for this model")
                           : shares.empty() ? tr("none yet: less exact")
                                            : tr("not for this share of outliers"));
    m_calibration->setToolTip(raw || made ? QString()
                                          : tr("This model is not calibrated for this setting: thresholds will come "
                                               "from the first tokens read, which is less exact."));
    m_calibrate->setVisible(m_facts->fresh && !raw && !made);
}

void PlanPage::showEstimate(const std::optional<ReadingEstimate>& estimate) {
    m_estimate = estimate;
    const bool cpu = estimate && estimate->processor.id == "cpu";
    if (!estimate || estimate->seconds <= 0)
        m_time->setText(tr("not known"));
    else
        m_time->setText(tr("about %1 on the %2")
                            .arg(durationText(std::max(1.0, estimate->seconds)),
                                 cpu ? tr("processor") : text(estimate->processor.name)));
    m_time->setToolTip(estimate ? text(estimate->processor.why) : QString());
    if (m_facts) fillFacts();
}

std::vector<KvSettings> PlanPage::settingsToMeasure() const {
    std::vector<KvSettings> settings;
    for (const char* name : {"nuq4", "nuq3", "nuq2"}) {
        KvSettings kv = *parseKvSettings(name);
        kv.outliers = m_outliers->value() / 100;
        kv.sinks = m_sinks->value();
        kv.window = m_window->value();
        settings.push_back(kv);
    }
    return settings;
}

void PlanPage::showMeasuring(double share) {
    m_measure->setText(tr("Measuring… %1").arg(percentText(share)));
    m_measure->setEnabled(false);
}

void PlanPage::showQuality(const std::optional<Comparison>& comparison) {
    m_measure->setText(tr("Measure the loss on these documents"));
    m_measure->setEnabled(m_read->isEnabled());
    for (const auto& [kv, card] : m_cards) card->setQuality({});
    if (!comparison) return;
    for (const ComparedSetting& one : comparison->settings) {
        KvSettings plain = one.kv;
        plain.outliers = KvSettings().outliers;
        const auto card = m_cards.find(plain.name());
        if (card == m_cards.end() || one.kv.raw()) continue;
        const QString same = QLocale().toString(100 * one.top1_agreement, 'f', 1);
        card->second->setQuality(tr("next word as at 16 bits: %1%").arg(same));
        card->second->setToolTip(
            tr("Measured on %1 predictions in samples of these documents, with %2% outliers kept: perplexity %3, "
               "distance to the 16-bit cache (KL) %4.")
                .arg(countText(comparison->tokens), QLocale().toString(100 * one.kv.outliers, 'f', 1),
                     QLocale().toString(one.perplexity, 'f', 2), QLocale().toString(one.kl_mean, 'g', 2)));
    }
}

}  // namespace lectern::ui
