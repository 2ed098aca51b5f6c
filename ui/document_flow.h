// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <functional>

#include "ui/session_controller.h"

namespace lectern::ui {

class NoticeBar;
class ShelfPanel;

/// What a person does with the documents of the open session: switched, moved, taken out, read anew. What costs reading
/// is weighed by the engine and said before it begins. GUI thread.
class DocumentFlow final : public QObject {
    Q_OBJECT
public:
    /// Asks `controller` for what `shelf` wants; dialogs belong to `window`, and `notice` offers the way back. Owns
    /// none.
    DocumentFlow(SessionController* controller, const ShelfPanel* shelf, NoticeBar* notice, QWidget* window);

    void checkSources();     ///< looks for files that changed on disk
    void windowActivated();  ///< the same, where the last look is some time ago

private:
    /// An order of the documents that waits for the person, once its cost is known.
    struct Arrangement {
        std::vector<int> order;
        QString question, action;
        QString done;  ///< what is said of it then, with a way back; empty: nothing
    };
    /// What can come back as long as its session is open.
    struct TakenOut {
        std::filesystem::path session;
        std::vector<int> before;  ///< the order there was
        QString sentence;
        bool read = false;  ///< it is read at once
    };

    bool ready() const;
    void switchDocuments(const std::vector<int>& ids, bool on);
    void removeDocuments(const std::vector<int>& ids);
    void moveDocuments(const std::vector<int>& ids, int place);
    void weigh(Arrangement arrangement);
    void weighed(const TaskResult& result);
    void arrange(const Arrangement& arrangement, bool read);
    void offerUndo(const TakenOut& taken);
    void bringBack(const TakenOut& taken);
    void readChanged();
    void confirm(const QString& question, const QString& cost, const QString& action, std::function<void()> act);
    QString namesOf(const std::vector<int>& ids) const;

    SessionController* m_controller;
    NoticeBar* m_notice;
    QWidget* m_window;
    std::optional<Arrangement> m_arrangement;
    QElapsedTimer m_checked;  ///< since documents' files were looked at
};

}  // namespace lectern::ui
