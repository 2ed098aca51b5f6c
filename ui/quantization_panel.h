// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "ui/session_controller.h"

class QStackedWidget;
class QTabBar;

namespace lectern::ui {

class FigureSaver;
class LayerPage;
class TextLabel;

/// The quantization dock: what compression does to the cache, layer by layer. Shows what it is given. GUI thread.
class QuantizationPanel final : public QWidget {
    Q_OBJECT
public:
    explicit QuantizationPanel(QWidget* parent = nullptr);

    void setSession(const std::optional<SessionSnapshot>& session);
    void setStatistics(const Statistics& statistics);  ///< of the open session, while it is read

signals:
    void exported(const QString& file);
    void exportFailed(const QString& sentence);

private:
    QWidget* makeEmpty();
    void sync();
    QString nothingToShow() const;

    std::optional<SessionSnapshot> m_session;
    FigureSaver* m_saver;
    QStackedWidget* m_stack;
    QWidget* m_empty;
    TextLabel* m_empty_text;
    LayerPage* m_layers;
};

}  // namespace lectern::ui
