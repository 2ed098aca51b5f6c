// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>
#include <vector>

#include "ui/settings_file.h"
#include "ui/values.h"

namespace lectern::ui {

enum class ThemeChoice { System, Light, Dark, HighContrast };

/// What the settings dialog edits. Value type with the defaults.
struct Preferences {
    QStringList model_folders;
    QStringList models;  ///< paths of those that are used where they are
    QString device = "auto";
    int threads = 0;  ///< 0 = all cores
    KvSettings kv;
    SamplerSettings sampler;
    QStringList stop_strings;  ///< see AskRequest
    bool random_seed = true;
    int max_tokens = 512;
    std::uint64_t memory_limit = 0;  ///< bytes for weights and cache; 0: what the machine has free
    bool reopen = true;              ///< at the start, the session that was open when the window was closed
    QString language;                ///< see speak(); empty: the system's
    ThemeChoice theme = ThemeChoice::System;
    QString font_family;  ///< empty: the system's
    int font_points = 0;  ///< 0 = the system's
    QString model;        ///< last chosen; empty = built-in
    int quota_gb = 0;     ///< most that recent sessions take of the disk before it is asked what may go; 0 = any

    std::uint64_t quotaBytes() const { return std::uint64_t(quota_gb) * 1'000'000'000; }

    bool operator==(const Preferences& other) const;
};

/// A session the start page offers again.
struct RecentSession {
    QString file, model, documents;  ///< documents: names, for people
    std::uint64_t tokens = 0, bytes = 0;
    std::int64_t time = 0;  ///< seconds since the epoch, last opened
    double opens_in = 0;    ///< seconds until its cache is there, the last time; 0: not known
};

/// Preferences and recent sessions in one file of settings, which it does not own. GUI thread.
class PreferenceStore {
public:
    explicit PreferenceStore(SettingsFile& settings) : m_settings(settings) {}

    Preferences load() const;
    void save(const Preferences& preferences);

    /// Newest first. Where it is not known how long one takes to open, it is taken to load as fast as the last one did.
    std::vector<RecentSession> recentSessions() const;
    void remember(const RecentSession& session);
    void forget(const QString& file);
    void setRecentSessions(const std::vector<RecentSession>& sessions) { saveRecent(sessions); }
    void noteStripped(const QString& file, std::uint64_t bytes);  ///< that it takes now

    SettingsFile& settings() { return m_settings; }

private:
    std::vector<RecentSession> storedSessions() const;
    void saveRecent(const std::vector<RecentSession>& sessions);

    SettingsFile& m_settings;
};

/// The entry for a session just opened, read or asked.
RecentSession recentEntry(const SessionSnapshot& session);

}  // namespace lectern::ui
