// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QStringList>

class QMimeData;

namespace lectern::ui {

/// The files of a drop: regular files as they are, folders as the readable documents below them, sorted.
/// `truncated` tells that there were more than 5,000. Touches the disk: cheap for files, a walk for folders.
QStringList documentsOf(const QStringList& paths, bool* truncated = nullptr);
/// Local paths in a drag, without looking at the disk.
QStringList localPaths(const QMimeData& mime);

/// The place on the start page where files are dropped or chosen.
class DropZone final : public QFrame {
    Q_OBJECT
public:
    explicit DropZone(QWidget* parent = nullptr);

signals:
    void dropped(const QStringList& paths);
    void chooseFiles();
    void chooseFolder();

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dragLeaveEvent(QDragLeaveEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void setHover(bool hover);
    bool m_hover = false;
};

}  // namespace lectern::ui
