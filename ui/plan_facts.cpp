// SPDX-License-Identifier: GPL-3.0-or-later
// What the plan says in numbers: memory, disk, time, calibration, and what compression loses.
#include <QDoubleSpinBox>
#include <QLocale>
#include <QPushButton>
#include <QTimer>
#include <algorithm>
#include <array>
#include <cmath>

#include "engine/kv/cache_size.h"
#include "ui/format.h"
#include "ui/plan_page.h"
#include "ui/quality_records.h"
#include "ui/setting_scale.h"
#include "ui/widgets.h"

namespace lectern::ui {

namespace {

/// Perplexity of LLaMA-7B on Wikitext-2 with 1% of outliers. Source: KVQuant (arXiv:2401.18079), Table 18.
struct PaperFigure {
    int bits;
    double perplexity;
};
constexpr double kPaperFp16 = 5.68;
constexpr std::array kPaper = {PaperFigure{4, 5.69}, PaperFigure{3, 5.75}, PaperFigure{2, 6.01}};

QString sharesText(double agreement) {
    return QLocale().toString(100 * agreement, 'f', 1);
}

}  // namespace

/// Of the cache at a setting: the engine's own number for the session's setting, else what a full page takes at it.
std::uint64_t PlanPage::bytesFor(const KvSettings& kv) const {
    if (kv == m_facts->request.kv) return m_facts->plan.kv_bytes;
    const ModelInfo& model = m_facts->model;
    const double bytes = cacheBytesPerToken(kv, model.layers, model.kv_heads, model.head_dim);
    return std::uint64_t(bytes * double(m_facts->plan.tokens));
}

void PlanPage::updateChoice() {
    if (!m_facts) return;
    const IngestPlan& plan = m_facts->plan;
    for (const std::string& setting : m_scale->settings()) {
        const std::uint64_t bytes = bytesFor(with(setting));
        m_scale->setCost(setting, bytesText(bytes),
                         plan.free_memory > 0 ? double(bytes) / double(plan.free_memory) : -1);
    }
    m_outliers->setEnabled(!kvSettings().raw());
    fillFacts();
    wantEstimate();
}

void PlanPage::fillFacts() {
    const IngestPlan& plan = m_facts->plan;
    const KvSettings kv = kvSettings();
    const std::uint64_t bytes = bytesFor(kv);
    m_tokens->setText(countText(plan.tokens));
    QString memory =
        kv.raw() ? bytesText(bytes) : tr("%1 instead of %2 at fp16").arg(bytesText(bytes), bytesText(plan.fp16_bytes));
    memory += '\n' + tr("%1 free").arg(bytesText(plan.free_memory));
    for (const auto& [measured, estimate] : m_estimates) {
        if (measured != kv || !estimate || estimate->device_room == 0) continue;
        const QString device = text(estimate->processor.name);
        memory += tr(", %1 on the %2").arg(bytesText(estimate->device_room), device);
        if (estimate->host_bytes > 0)
            memory += '\n' + tr("fits with %1 on the %2, %3 on the processor")
                                 .arg(bytesText(estimate->device_bytes), device, bytesText(estimate->host_bytes));
    }
    m_memory->setText(memory);
    const std::uint64_t disk = plan.disk_bytes - plan.kv_bytes + bytes;  // the rest is texts and tokens
    m_disk->setText(tr("about %1, %2 free").arg(bytesText(disk), bytesText(plan.free_disk)));
    const auto trained = std::uint64_t(qMax(0, plan.trained_context));
    const bool beyond = trained > 0 && plan.tokens > trained;
    QString note = trained == 0 ? tr("unknown") : tr("texts of up to %1 tokens").arg(countText(trained));
    if (beyond)
        note += plan.quotes ? tr(". This is longer: some quotes may be missed.")
                            : tr(". This is longer: expect weaker answers.");
    m_trained->setText(note);
    m_trained->setToolTip(tr("The longest text the model has seen while it was trained."));
    fillTime();
    fillQuality();
    fillCalibration();
}

bool PlanPage::calibrated(const KvSettings& kv) const {
    const auto& shares = m_facts->model.calibrated;
    return std::any_of(shares.begin(), shares.end(),
                       [&](double share) { return std::abs(share - kv.outliers) < 1e-9; });
}

/// What is known of the loss at the setting chosen, the best evidence first.
void PlanPage::fillQuality() {
    const KvSettings kv = kvSettings();
    m_quality->setToolTip({});
    if (kv.raw()) return m_quality->setText(tr("nothing is lost, nothing is compressed"));
    const auto say = [&](double agreement, double kl, const QString& where) {
        m_quality->setText(
            tr("same next word as at 16 bits at %1% of the places, %2").arg(sharesText(agreement), where));
        m_quality->setToolTip(
            tr("Distance to the predictions of the 16-bit cache (KL): %1 nats.").arg(QLocale().toString(kl, 'g', 2)));
    };
    for (const ComparedSetting& one : m_measured ? m_measured->settings : std::vector<ComparedSetting>())
        if (one.kv == kv) return say(one.top1_agreement, one.kl_mean, tr("measured on these documents"));
    if (const auto known = m_known.find(m_facts->model.fingerprint, kv, calibrated(kv)))
        return say(known->top1_agreement, known->kl_mean, tr("measured in a session with this model"));
    const auto* paper = std::find_if(kPaper.begin(), kPaper.end(), [&](const PaperFigure& figure) {
        return figure.bits == kv.key_bits && figure.bits == kv.value_bits && kv.outliers >= 0.01 &&
               kv.codebook == Codebook::NormalFloat;
    });
    if (paper == kPaper.end()) return m_quality->setText(tr("not measured yet with this model"));
    m_quality->setText(tr("not measured yet with this model; LLaMA-7B: perplexity %1 instead of %2")
                           .arg(QLocale().toString(paper->perplexity), QLocale().toString(kPaperFp16)));
    m_quality->setToolTip(tr("On Wikitext-2, from the KVQuant paper (arXiv:2401.18079), with 1% outliers."));
}

/// Whether thresholds and codebooks come from a calibration, and the offer to make one. A session begun already keeps
/// what it has.
void PlanPage::fillCalibration() {
    const bool raw = kvSettings().raw(), made = calibrated(kvSettings());
    const auto& shares = m_facts->model.calibrated;
    m_calibration->setText(raw              ? tr("not needed without compression")
                           : made           ? tr("made for this model")
                           : shares.empty() ? tr("none yet: less exact")
                                            : tr("not for this share of outliers"));
    m_calibration->setToolTip(raw || made ? QString()
                                          : tr("This model is not calibrated for this setting: thresholds will come "
                                               "from the first tokens read, which is less exact."));
    m_calibrate->setVisible(m_facts->fresh && !raw && !made);
}

bool PlanPage::isEstimated() const {
    return std::any_of(m_estimates.begin(), m_estimates.end(),
                       [this](const auto& one) { return one.first == kvSettings(); });
}

/// A moment after the last change, where the one on its way is of other settings.
void PlanPage::wantEstimate() {
    m_facts->plan.tokens == 0 || isEstimated() || m_asked == kvSettings() ? m_estimate_soon->stop()
                                                                          : m_estimate_soon->start();
}

void PlanPage::askForEstimate() {
    m_estimate_soon->stop();
    if (!m_facts || m_facts->plan.tokens == 0 || isEstimated()) return;
    m_asked = kvSettings();
    emit estimate();
}

void PlanPage::showEstimate(const KvSettings& kv, const std::optional<ReadingEstimate>& estimate) {
    m_asked.reset();
    m_estimates.emplace_back(kv, estimate);
    if (m_facts) fillFacts();
}

void PlanPage::fillTime() {
    const auto found = std::find_if(m_estimates.begin(), m_estimates.end(),
                                    [this](const auto& one) { return one.first == kvSettings(); });
    m_time->setToolTip({});
    if (found == m_estimates.end()) return m_time->setText(tr("being measured…"));
    const auto& estimate = found->second;
    if (!estimate || estimate->seconds <= 0) return m_time->setText(tr("not known"));
    const Processor& processor = estimate->processor;
    m_time->setText(tr("about %1 on the %2")
                        .arg(durationText(std::max(1.0, estimate->seconds)),
                             processor.id == "cpu" ? tr("processor") : text(processor.name)));
    m_time->setToolTip(text(processor.why));
}

std::vector<KvSettings> PlanPage::settingsToMeasure() const {
    std::vector<KvSettings> settings;
    for (const std::string& setting : m_scale->settings())
        if (const KvSettings kv = with(setting); !kv.raw()) settings.push_back(kv);
    return settings;
}

void PlanPage::showMeasuring(double share) {
    m_measure->setText(tr("Measuring… %1").arg(percentText(share)));
    m_measure->setEnabled(false);
}

void PlanPage::showQuality(const std::optional<Comparison>& comparison) {
    m_measure->setText(tr("Measure the loss on these documents"));
    m_measure->setEnabled(m_read->isEnabled());
    m_measured = comparison;
    for (const std::string& setting : m_scale->settings()) {
        m_scale->setQuality(setting, {}, {});
        for (const ComparedSetting& one : comparison ? comparison->settings : std::vector<ComparedSetting>()) {
            if (one.kv.raw() || one.kv != with(setting)) continue;
            m_scale->setQuality(
                setting, tr("next word as at 16 bits: %1%").arg(sharesText(one.top1_agreement)),
                tr("Measured on %1 predictions in samples of these documents, with %2% outliers kept: perplexity %3, "
                   "distance to the 16-bit cache (KL) %4.")
                    .arg(countText(comparison->tokens), QLocale().toString(100 * one.kv.outliers, 'f', 1),
                         QLocale().toString(one.perplexity, 'f', 2), QLocale().toString(one.kl_mean, 'g', 2)));
        }
    }
    if (m_facts) fillQuality();
}

}  // namespace lectern::ui
