// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/question_edit.h"

#include <QKeyEvent>
#include <QMimeData>
#include <QTextBlock>

namespace lectern::ui {

QuestionEdit::QuestionEdit(QWidget* parent) : QPlainTextEdit(parent) {
    setProperty("input", true);
    setAccessibleName(tr("Question"));
    setTabChangesFocus(true);
    connect(this, &QPlainTextEdit::textChanged, this, &QuestionEdit::fitHeight);
    fitHeight();
}

void QuestionEdit::keyPressEvent(QKeyEvent* event) {
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (enter && !(event->modifiers() & Qt::ShiftModifier))
        emit submitted();
    else
        QPlainTextEdit::keyPressEvent(event);
}

void QuestionEdit::changeEvent(QEvent* event) {
    QPlainTextEdit::changeEvent(event);
    if (event->type() == QEvent::FontChange) fitHeight();
}

void QuestionEdit::resizeEvent(QResizeEvent* event) {
    QPlainTextEdit::resizeEvent(event);
    fitHeight();
}

bool QuestionEdit::canInsertFromMimeData(const QMimeData* source) const {
    return !source->hasUrls() && QPlainTextEdit::canInsertFromMimeData(source);  // files go to the window
}

void QuestionEdit::insertFromMimeData(const QMimeData* source) {
    if (source->hasText()) insertPlainText(source->text());
}

void QuestionEdit::fitHeight() {
    int lines = 0;
    for (QTextBlock block = document()->begin(); block.isValid() && lines < 6; block = block.next())
        lines += qMax(1, block.lineCount());
    const int height = fontMetrics().lineSpacing() * qBound(1, lines, 6) + 22;
    if (height != this->height()) setFixedHeight(height);
}

}  // namespace lectern::ui
