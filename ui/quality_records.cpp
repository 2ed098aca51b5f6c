// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/quality_records.h"

#include "ui/format.h"

namespace lectern::ui {
namespace {

QString keyOf(const std::string& fingerprint, const std::string& kv, bool calibrated) {
    return QString("quality/%1/%2%3")
        .arg(text(fingerprint), text(kv).replace('/', '|'), QString(calibrated ? "+" : ""));
}

}  // namespace

void QualityRecords::note(const std::string& fingerprint, const std::string& kv, bool calibrated,
                          const KnownQuality& found) {
    const QString key = keyOf(fingerprint, kv, calibrated);
    const QStringList row = {QString::number(found.top1_agreement), QString::number(found.kl_mean),
                             QString::number(found.tokens)};
    if (m_settings.value(key).toStringList() != row) m_settings.setValue(key, row);
}

void QualityRecords::note(const SessionSnapshot& session) {
    if (session.fingerprint.empty()) return;
    if (const auto& one = session.fidelity)
        note(session.fingerprint, one->kv, session.calibrated, {one->top1_agreement, one->kl_mean, one->tokens});
    if (!session.comparison) return;
    for (const ComparedSetting& one : session.comparison->settings) {
        if (!one.kv.raw() && one.kv.qnorm == QNorm::Auto)
            note(session.fingerprint, one.kv.name(), one.calibrated,
                 {one.top1_agreement, one.kl_mean, session.comparison->tokens});
    }
}

std::optional<KnownQuality> QualityRecords::find(const std::string& fingerprint, const KvSettings& kv,
                                                 bool calibrated) const {
    const QStringList row = m_settings.value(keyOf(fingerprint, kv.name(), calibrated)).toStringList();
    if (row.size() != 3) return std::nullopt;
    return KnownQuality{row[0].toDouble(), row[1].toDouble(), row[2].toULongLong()};
}

}  // namespace lectern::ui
