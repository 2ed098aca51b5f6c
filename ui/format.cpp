// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/format.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QLocale>
#include <QRegularExpression>
#include <array>
#include <cmath>

namespace lectern::ui {
namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("format", text);
}

/// Three significant digits at most one decimal: 9.8, 12.4, 640.
QString scaled(double value) {
    return QLocale().toString(value, 'f', value < 99.95 && value != std::floor(value) ? 1 : 0);
}

}  // namespace

QString bytesText(std::uint64_t bytes) {
    static constexpr std::array kUnits = {"B", "KB", "MB", "GB", "TB", "PB"};
    double value = double(bytes);
    std::size_t unit = 0;
    while (value >= 999.5 && unit + 1 < kUnits.size()) {
        value /= 1000;
        ++unit;
    }
    return scaled(value) + QChar(0xa0) + kUnits[unit];
}

QString countText(std::uint64_t count) {
    return QLocale().toString(qulonglong(count));
}

QString shortCountText(std::uint64_t count) {
    if (count < 10000) return countText(count);
    if (count < 999'950) return scaled(double(count) / 1e3) + "K";
    return count < 999'950'000 ? scaled(double(count) / 1e6) + "M" : scaled(double(count) / 1e9) + "B";
}

QString rateText(double tokens_per_s) {
    const int decimals = tokens_per_s < 10 ? 1 : 0;
    return tr("%1 tokens/s").arg(QLocale().toString(tokens_per_s, 'f', decimals));
}

QString durationText(double seconds) {
    const auto whole = std::int64_t(std::llround(std::max(0.0, seconds)));
    if (whole < 1) return tr("under 1 s");
    if (whole < 60) return tr("%1 s").arg(whole);
    if (whole < 600) return tr("%1 min %2 s").arg(whole / 60).arg(whole % 60);
    if (whole < 3600) return tr("%1 min").arg((whole + 30) / 60);
    return tr("%1 h %2 min").arg(whole / 3600).arg(whole % 3600 / 60);
}

QString whenText(std::int64_t seconds_of_epoch) {
    const QDateTime when = QDateTime::fromSecsSinceEpoch(seconds_of_epoch);
    const QLocale locale;
    const qint64 days = when.date().daysTo(QDate::currentDate());
    if (days == 0) return tr("Today %1").arg(locale.toString(when.time(), QLocale::ShortFormat));
    if (days == 1) return tr("Yesterday %1").arg(locale.toString(when.time(), QLocale::ShortFormat));
    return locale.toString(when.date(), tr("d MMM yyyy"));
}

QString percentText(double share) {
    return tr("%1%").arg(int(std::lround(share * 100)));
}

QString commandText(QString of_menu) {
    static const QRegularExpression kMarks("\\(&.\\)|&|\u2026");
    return of_menu.remove(kMarks);
}

QString text(const std::string& utf8) {
    return QString::fromStdString(utf8);
}

QString fromPath(const std::filesystem::path& path) {
    return QFile::decodeName(path.string().c_str());
}

std::filesystem::path toPath(const QString& path) {
    return QFile::encodeName(path).toStdString();
}

QString pathText(const std::filesystem::path& path) {
    const QString full = fromPath(path);
    const QString home = QDir::homePath();
    return home != "/" && full.startsWith(home + '/') ? "~" + full.mid(home.size()) : full;
}

}  // namespace lectern::ui
