// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "ui/settings_file.h"
#include "ui/values.h"

namespace lectern::ui {

/// What a check or comparison found for a model at a setting.
struct KnownQuality {
    double top1_agreement = 0, kl_mean = 0;  ///< as in Fidelity
    std::uint64_t tokens = 0;                ///< predictions compared
};

/// What was measured of models in their sessions, kept in the settings, so that a plan can say what to expect of one.
/// Sinks and window are not told apart. GUI thread.
class QualityRecords {
public:
    explicit QualityRecords(SettingsFile& settings) : m_settings(settings) {}

    void note(const SessionSnapshot& session);  ///< its fidelity check and comparison, where there are any
    std::optional<KnownQuality> find(const std::string& fingerprint, const KvSettings& kv, bool calibrated) const;

private:
    void note(const std::string& fingerprint, const std::string& kv, bool calibrated, const KnownQuality& found);

    SettingsFile& m_settings;
};

}  // namespace lectern::ui
