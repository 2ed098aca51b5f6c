// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/preferences.h"

#include <QDateTime>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include "ui/format.h"

namespace lectern::ui {
namespace {

constexpr std::size_t kRecentSessions = 20;
constexpr const char* kRecentKey = "recent/sessions";
constexpr const char* kRateKey = "recent/bytes_per_s";

KvSettings loadKv(const SettingsFile& settings) {
    const KvSettings defaults;
    const auto parsed = parseKvSettings(settings.value("reading/kv", text(defaults.name())).toString().toStdString());
    KvSettings kv = parsed ? *parsed : defaults;
    kv.sinks = settings.value("reading/sinks", defaults.sinks).toInt();
    kv.window = settings.value("reading/window", defaults.window).toInt();
    return checkKvSettings(kv) ? kv : defaults;
}

/// Every number of `s` but the seed, by its key.
std::vector<std::pair<const char*, double*>> samplerNumbers(SamplerSettings& s) {
    return {{"answer/temperature", &s.temperature},
            {"answer/typical_p", &s.typical_p},
            {"answer/min_p", &s.min_p},
            {"answer/top_p", &s.top_p},
            {"answer/repetition_penalty", &s.repetition_penalty},
            {"answer/presence_penalty", &s.presence_penalty},
            {"answer/frequency_penalty", &s.frequency_penalty},
            {"answer/dry_multiplier", &s.dry_multiplier},
            {"answer/dry_base", &s.dry_base}};
}

SamplerSettings loadSampler(const SettingsFile& settings) {
    SamplerSettings s;
    for (const auto& [key, number] : samplerNumbers(s)) *number = settings.value(key, *number).toDouble();
    s.top_k = settings.value("answer/top_k", s.top_k).toInt();
    s.dry_allowed_length = settings.value("answer/dry_allowed_length", s.dry_allowed_length).toInt();
    s.seed = settings.value("answer/seed", qulonglong(s.seed)).toULongLong();
    return s;
}

void saveSampler(SettingsFile& settings, SamplerSettings s) {
    for (const auto& [key, number] : samplerNumbers(s)) settings.setValue(key, *number);
    settings.setValue("answer/top_k", s.top_k);
    settings.setValue("answer/dry_allowed_length", s.dry_allowed_length);
    settings.setValue("answer/seed", qulonglong(s.seed));
}

}  // namespace

bool Preferences::operator==(const Preferences& other) const {
    return model_folders == other.model_folders && models == other.models && device == other.device &&
           threads == other.threads && kv == other.kv && sampler == other.sampler &&
           stop_strings == other.stop_strings && random_seed == other.random_seed && max_tokens == other.max_tokens &&
           memory_limit == other.memory_limit && quota_gb == other.quota_gb && reopen == other.reopen &&
           language == other.language && theme == other.theme && font_family == other.font_family &&
           font_points == other.font_points && model == other.model;
}

Preferences PreferenceStore::load() const {
    const Preferences defaults;
    Preferences p;
    p.model_folders = m_settings.value("engine/model_folders").toStringList();
    p.models = m_settings.value("engine/models").toStringList();
    p.device = m_settings.value("engine/device", defaults.device).toString();
    p.threads = qBound(0, m_settings.value("engine/threads", 0).toInt(), 1024);
    p.model = m_settings.value("engine/model").toString();
    p.kv = loadKv(m_settings);
    p.sampler = loadSampler(m_settings);
    p.stop_strings = m_settings.value("answer/stop_strings").toStringList();
    p.random_seed = m_settings.value("answer/random_seed", defaults.random_seed).toBool();
    p.max_tokens = qBound(1, m_settings.value("answer/max_tokens", defaults.max_tokens).toInt(), 100'000);
    p.quota_gb = qBound(0, m_settings.value("sessions/quota_gb", 0).toInt(), 1'000'000);
    p.memory_limit = m_settings.value("engine/memory_limit", 0).toULongLong();
    p.reopen = m_settings.value("session/reopen", defaults.reopen).toBool();
    p.language = m_settings.value("look/language").toString();
    p.theme = ThemeChoice(qBound(0, m_settings.value("look/theme", 0).toInt(), 3));
    p.font_family = m_settings.value("look/font_family").toString();
    p.font_points = qBound(0, m_settings.value("look/font_points", 0).toInt(), 40);
    return p;
}

void PreferenceStore::save(const Preferences& p) {
    m_settings.setValue("engine/model_folders", p.model_folders);
    m_settings.setValue("engine/models", p.models);
    m_settings.setValue("engine/device", p.device);
    m_settings.setValue("engine/threads", p.threads);
    m_settings.setValue("engine/model", p.model);
    m_settings.setValue("reading/kv", text(p.kv.name()));
    m_settings.setValue("reading/sinks", p.kv.sinks);
    m_settings.setValue("reading/window", p.kv.window);
    saveSampler(m_settings, p.sampler);
    m_settings.setValue("answer/stop_strings", p.stop_strings);
    m_settings.setValue("answer/random_seed", p.random_seed);
    m_settings.setValue("answer/max_tokens", p.max_tokens);
    m_settings.setValue("sessions/quota_gb", p.quota_gb);
    m_settings.setValue("engine/memory_limit", qulonglong(p.memory_limit));
    m_settings.setValue("session/reopen", p.reopen);
    m_settings.setValue("look/language", p.language);
    m_settings.setValue("look/theme", int(p.theme));
    m_settings.setValue("look/font_family", p.font_family);
    m_settings.setValue("look/font_points", p.font_points);
}

std::vector<RecentSession> PreferenceStore::recentSessions() const {
    auto sessions = storedSessions();
    const double rate = m_settings.value(kRateKey).toDouble();
    for (RecentSession& session : sessions)
        if (session.opens_in == 0 && rate > 0) session.opens_in = double(session.bytes) / rate;
    return sessions;
}

std::vector<RecentSession> PreferenceStore::storedSessions() const {
    std::vector<RecentSession> sessions;
    const auto stored = QJsonDocument::fromJson(m_settings.value(kRecentKey).toString().toUtf8()).array();
    for (const QJsonValue& entry : stored) {
        sessions.push_back({entry["file"].toString(), entry["model"].toString(), entry["documents"].toString(),
                            std::uint64_t(entry["tokens"].toInteger()), std::uint64_t(entry["bytes"].toInteger()),
                            entry["time"].toInteger(), entry["opens_in"].toDouble()});
    }
    return sessions;
}

void PreferenceStore::saveRecent(const std::vector<RecentSession>& sessions) {
    QJsonArray stored;
    for (const RecentSession& session : sessions) {
        stored.append(QJsonObject{{"file", session.file},
                                  {"model", session.model},
                                  {"documents", session.documents},
                                  {"tokens", qint64(session.tokens)},
                                  {"bytes", qint64(session.bytes)},
                                  {"time", qint64(session.time)},
                                  {"opens_in", session.opens_in}});
    }
    m_settings.setValue(kRecentKey, QString::fromUtf8(QJsonDocument(stored).toJson(QJsonDocument::Compact)));
}

void PreferenceStore::remember(const RecentSession& session) {
    auto sessions = storedSessions();
    RecentSession entry = session;
    for (const RecentSession& other : sessions)
        if (other.file == entry.file && entry.opens_in == 0) entry.opens_in = other.opens_in;
    if (session.opens_in > 0 && session.bytes > 0)
        m_settings.setValue(kRateKey, double(session.bytes) / session.opens_in);
    std::erase_if(sessions, [&](const RecentSession& other) { return other.file == session.file; });
    sessions.insert(sessions.begin(), entry);
    if (sessions.size() > kRecentSessions) sessions.resize(kRecentSessions);
    saveRecent(sessions);
}

void PreferenceStore::forget(const QString& file) {
    auto sessions = storedSessions();
    std::erase_if(sessions, [&](const RecentSession& other) { return other.file == file; });
    saveRecent(sessions);
}

void PreferenceStore::noteStripped(const QString& file, std::uint64_t bytes) {
    auto sessions = storedSessions();
    for (RecentSession& session : sessions)
        if (session.file == file) session.bytes = bytes, session.opens_in = 0;
    saveRecent(sessions);
}

RecentSession recentEntry(const SessionSnapshot& session) {
    QStringList names;
    for (const DocumentEntry& entry : session.documents)
        if (entry.info.state != DocumentState::Failed) names << text(entry.info.name);
    return {.file = fromPath(session.file),
            .model = text(session.model_name),
            .documents = names.join(", "),
            .tokens = session.tokens,
            .bytes = session.memory.file_bytes,
            .time = QDateTime::currentSecsSinceEpoch(),
            .opens_in = session.restored ? session.restored->seconds : 0};
}

}  // namespace lectern::ui
