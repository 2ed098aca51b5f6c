// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session_link.h"

#include <QFileInfo>
#include <QUrl>
#include <QUrlQuery>

namespace lectern::ui {
namespace {

constexpr const char* kScheme = "lectern";
constexpr const char* kHost = "session";

}  // namespace

bool isLink(const QString& text) {
    return text.startsWith(QString(kScheme) + ':', Qt::CaseInsensitive);
}

std::optional<SessionLink> linkFrom(const QString& text) {
    const QUrl url(text, QUrl::StrictMode);
    if (!url.isValid() || url.scheme() != kScheme || url.host() != kHost) return {};
    const QUrlQuery query(url);
    const auto value = [&](const char* name) { return query.queryItemValue(name, QUrl::FullyDecoded); };
    SessionLink link{value("path"), value("document"), 0};
    if (!link.file.endsWith(".lectern", Qt::CaseInsensitive) || !QFileInfo(link.file).isAbsolute()) return {};
    if (!query.hasQueryItem("page")) return link;
    bool number = false;
    link.page = value("page").toInt(&number);
    return number && link.page > 0 ? std::optional(link) : std::nullopt;
}

QString linkText(const SessionLink& link) {
    QUrl url;
    url.setScheme(kScheme);
    url.setHost(kHost);
    const auto encoded = [](const QString& value) { return QString::fromLatin1(QUrl::toPercentEncoding(value, "/")); };
    QString query = "path=" + encoded(link.file);
    if (!link.document.isEmpty()) query += "&document=" + encoded(link.document);
    if (link.page > 0) query += "&page=" + QString::number(link.page);
    url.setQuery(query, QUrl::StrictMode);
    return QString::fromLatin1(url.toEncoded());
}

}  // namespace lectern::ui
