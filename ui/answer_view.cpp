// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/answer_view.h"

#include <QEvent>
#include <QTextBlock>
#include <QTextDocument>
#include <QTextFrame>
#include <QTextTable>
#include <QWheelEvent>
#include <cmath>

#include "ui/theme.h"

namespace lectern::ui {

namespace {

constexpr double kCellPadding = 5, kQuoteIndent = 18;

void dressTable(QTextTable& table, const ThemeColors& colors) {
    QTextTableFormat format = table.format();
    format.setBorderCollapse(true);
    format.setBorder(1);
    format.setBorderStyle(QTextFrameFormat::BorderStyle_Solid);
    format.setBorderBrush(colors.border);
    format.setCellPadding(kCellPadding);
    format.setCellSpacing(0);
    table.setFormat(format);
    for (int column = 0; column < table.columns(); ++column) {
        QTextTableCell cell = table.cellAt(0, column);
        QTextCharFormat head = cell.format();
        head.setBackground(colors.sunken);
        cell.setFormat(head);
    }
}

}  // namespace

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
    dress();
    fitHeight();
    mark();
}

/// Tables, code and quotes in the theme's colours; Markdown itself leaves them bare.
void AnswerView::dress() {
    const ThemeColors& colors = themeColors();
    for (QTextFrame* frame : document()->rootFrame()->childFrames())
        if (auto* table = qobject_cast<QTextTable*>(frame)) dressTable(*table, colors);
    for (QTextBlock block = document()->begin(); block.isValid(); block = block.next()) {
        QTextBlockFormat format = block.blockFormat();
        const bool code = format.hasProperty(QTextFormat::BlockCodeFence) || format.nonBreakableLines();
        const bool quote = format.intProperty(QTextFormat::BlockQuoteLevel) > 0;
        if (!code && !quote) continue;
        QTextCursor cursor(block);
        if (code) {
            format.setBackground(colors.sunken);
            format.setNonBreakableLines(false);  // long lines wrap: nothing scrolls sideways here
        } else {
            QTextCharFormat quiet;
            quiet.setForeground(colors.muted);
            format.setLeftMargin(kQuoteIndent);
            cursor.movePosition(QTextCursor::EndOfBlock, QTextCursor::KeepAnchor);
            cursor.mergeCharFormat(quiet);
        }
        cursor.setBlockFormat(format);
    }
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
    if (event->type() != QEvent::PaletteChange) return;
    dress();
    mark();
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
