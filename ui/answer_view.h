// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTextBrowser>

namespace lectern::ui {

/// Markdown as tall as its content, never scrolling by itself. Loads nothing from disk or network: what a model writes
/// is not to be trusted.
class AnswerView final : public QTextBrowser {
    Q_OBJECT
public:
    explicit AnswerView(QWidget* parent = nullptr);
    void setAnswer(const QString& markdown);
    void highlight(const QString& words);  ///< wherever they stand, in any case; empty: nowhere

protected:
    QVariant loadResource(int type, const QUrl& name) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;

private:
    void fitHeight();
    void dress();
    void mark();
    QString m_markdown, m_words;
};

}  // namespace lectern::ui
