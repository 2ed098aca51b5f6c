// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "ui/session_controller.h"

class QStackedWidget;
class QTabBar;

namespace lectern::ui {

class AttentionPage;
class ComparisonPage;
class FigureSaver;
class LayerPage;
class TextLabel;

/// The quantization dock: what compression does to the cache, layer by layer, and which documents answers attended to.
/// Shows what it is given. GUI thread.
class QuantizationPanel final : public QWidget {
    Q_OBJECT
public:
    explicit QuantizationPanel(QWidget* parent = nullptr);

    void setSession(const std::optional<SessionSnapshot>& session);
    void setStatistics(const Statistics& statistics);  ///< of the open session, while it is read
    void setActivity(Activity activity);
    void showShare(double share);              ///< of the comparison in progress
    std::vector<KvSettings> showComparison();  ///< brings its page to the front; what is chosen there

signals:
    void compare();
    void cancel();
    void exported(const QString& file);
    void exportFailed(const QString& sentence);

private:
    QWidget* makeEmpty();
    void addPage(const QString& title, QWidget* page);
    void sync();
    QString nothingToShow() const;

    std::optional<SessionSnapshot> m_session;
    FigureSaver* m_saver;
    QTabBar* m_tabs;
    QStackedWidget* m_pages;  ///< as the tabs
    QStackedWidget* m_layers_or_not;
    QWidget* m_empty;
    TextLabel* m_empty_text;
    LayerPage* m_layers;
    AttentionPage* m_attention;
    ComparisonPage* m_comparison;
};

}  // namespace lectern::ui
