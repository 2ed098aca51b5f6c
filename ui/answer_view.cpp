// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/answer_view.h"

#include <QEvent>
#include <QTextDocument>
#include <QWheelEvent>
#include <cmath>

#include "ui/theme.h"

namespace lectern::ui {

AnswerView::AnswerView(QWidget* parent) : QTextBrowser(parent) {
    setFrameShape(QFrame::NoFrame);
    setProperty("plain", true);
    viewport()->setAutoFillBackground(false);
    setOpenLinks(false);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    setAccessibleName(tr("Answer"));
    document()->setDocumentMargin(0);
    document()->setIndentWidth(18);
    fitHeight();
}

void AnswerView::setAnswer(const QString& markdown) {
    if (markdown == m_markdown) return;
    m_markdown = markdown;
    document()->setMarkdown(markdown, QTextDocument::MarkdownFeatures(QTextDocument::MarkdownDialectGitHub) |
                                          QTextDocument::MarkdownNoHTML);
    fitHeight();
    mark();
}

void AnswerView::highlight(const QString& words) {
    if (words == m_words) return;
    m_words = words;
    mark();
}

void AnswerView::mark() {
    QList<QTextEdit::ExtraSelection> marks;
    QTextCursor found(document());
    while (!m_words.isEmpty()) {
        found = document()->find(m_words, found);
        if (found.isNull()) break;
        QTextEdit::ExtraSelection mark;
        mark.cursor = found;
        mark.format.setBackground(themeColors().text_find);
        marks << mark;
    }
    setExtraSelections(marks);
}

QVariant AnswerView::loadResource(int, const QUrl&) {
    return QByteArray();
}

void AnswerView::resizeEvent(QResizeEvent* event) {
    QTextBrowser::resizeEvent(event);
    fitHeight();
}

void AnswerView::changeEvent(QEvent* event) {
    QTextBrowser::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange) fitHeight();
    if (event->type() == QEvent::PaletteChange) mark();
}

void AnswerView::wheelEvent(QWheelEvent* event) {
    event->ignore();
}

void AnswerView::fitHeight() {
    if (viewport()->width() > 0) document()->setTextWidth(viewport()->width());
    const int height = int(std::ceil(document()->size().height())) + 2;
    if (height != this->height()) setFixedHeight(qMax(height, fontMetrics().height()));
}

}  // namespace lectern::ui
