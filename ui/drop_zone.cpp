// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/drop_zone.h"

#include <QDirIterator>
#include <QDropEvent>
#include <QFileInfo>
#include <QMimeData>
#include <QPainter>
#include <QUrl>
#include <algorithm>

#include "ui/theme.h"
#include "ui/themed_icon.h"
#include "ui/widgets.h"

namespace lectern::ui {
namespace {

constexpr int kMostFiles = 5000;

/// Paints one icon in the theme's muted colour.
class DropPicture final : public QWidget {
public:
    explicit DropPicture(QWidget* parent) : QWidget(parent) { setFixedSize(44, 44); }

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        painter.drawPixmap(0, 0, iconPixmap("drop", themeColors().accent, width(), devicePixelRatioF()));
    }
};

}  // namespace

QStringList localPaths(const QMimeData& mime) {
    QStringList paths;
    for (const QUrl& url : mime.urls())
        if (url.isLocalFile()) paths << url.toLocalFile();
    return paths;
}

QStringList documentsOf(const QStringList& paths, bool* truncated) {
    static const QStringList kPatterns = {"*.pdf", "*.txt", "*.md", "*.markdown", "*.text"};
    QStringList documents;
    for (const QString& path : paths) {
        if (!QFileInfo(path).isDir()) {
            documents << path;
            continue;
        }
        QStringList inside;
        QDirIterator walk(path, kPatterns, QDir::Files, QDirIterator::Subdirectories);
        while (walk.hasNext() && inside.size() <= kMostFiles) inside << walk.next();
        std::sort(inside.begin(), inside.end());
        documents << inside;
    }
    documents.removeDuplicates();
    const bool many = documents.size() > kMostFiles;
    if (truncated != nullptr) *truncated = many;
    return many ? documents.first(kMostFiles) : documents;
}

DropZone::DropZone(QWidget* parent) : QFrame(parent) {
    setAcceptDrops(true);
    setAccessibleName(tr("Drop documents here"));
    auto* column = makeColumn(this, 20, 8);
    column->addStretch();
    column->addWidget(new DropPicture(this), 0, Qt::AlignHCenter);
    auto* title = new TextLabel(TextRole::Heading, tr("Drop PDFs, text or Markdown here"), this);
    title->setAlignment(Qt::AlignHCenter);
    column->addWidget(title);
    auto* hint =
        new TextLabel(TextRole::Muted, tr("Files and whole folders. You see a plan before anything is read."), this);
    hint->setAlignment(Qt::AlignHCenter);
    hint->setWordWrap(true);
    column->addWidget(hint);
    column->addSpacing(8);
    auto* buttons = makeRow();
    auto* files = makePrimaryButton(tr("Choose files…"), this);
    files->setObjectName("chooseFiles");
    auto* folder = new QPushButton(tr("Choose a folder…"), this);
    connect(files, &QPushButton::clicked, this, &DropZone::chooseFiles);
    connect(folder, &QPushButton::clicked, this, &DropZone::chooseFolder);
    buttons->addStretch();
    buttons->addWidget(files);
    buttons->addWidget(folder);
    buttons->addStretch();
    column->addLayout(buttons);
    column->addStretch();
}

void DropZone::setHover(bool hover) {
    m_hover = hover;
    update();
}

void DropZone::dragEnterEvent(QDragEnterEvent* event) {
    if (localPaths(*event->mimeData()).isEmpty()) return;
    event->acceptProposedAction();
    setHover(true);
}

void DropZone::dragLeaveEvent(QDragLeaveEvent*) {
    setHover(false);
}

void DropZone::dropEvent(QDropEvent* event) {
    setHover(false);
    event->acceptProposedAction();
    emit dropped(localPaths(*event->mimeData()));
}

void DropZone::paintEvent(QPaintEvent*) {
    const ThemeColors& colors = themeColors();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QPen pen(m_hover ? colors.accent : colors.border, m_hover ? 2 : 1.5, Qt::CustomDashLine);
    pen.setDashPattern({5, 4});
    painter.setPen(pen);
    painter.setBrush(m_hover ? colors.accent_soft : colors.surface);
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 12, 12);
}

}  // namespace lectern::ui
