// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/text_page.h"

#include <QApplication>
#include <QRegularExpression>

#include "ui/night.h"
#include "ui/selection_bar.h"
#include "ui/theme.h"

namespace lectern::ui {
namespace {

constexpr qsizetype kMostWords = 200;

}  // namespace

std::pair<int, int> findPassage(const QString& text, const QString& passage) {
    static const QRegularExpression kSpace("\\s+");
    QStringList words = passage.split(kSpace, Qt::SkipEmptyParts);
    if (words.isEmpty()) return {-1, -1};
    if (words.size() > kMostWords) words = words.first(kMostWords);
    for (QString& word : words) word = QRegularExpression::escape(word);
    const auto match = QRegularExpression(words.join("\\s+")).match(text);
    return match.hasMatch() ? std::pair(int(match.capturedStart()), int(match.capturedEnd())) : std::pair(-1, -1);
}

TextPage::TextPage(QWidget* parent) : QPlainTextEdit(parent) {
    setReadOnly(true);
    setFrameShape(QFrame::NoFrame);
    setAccessibleName(tr("Text of the page"));
    document()->setDocumentMargin(16);
    setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_bar = new SelectionBar(viewport());
    connect(m_bar, &SelectionBar::copy, this, &QPlainTextEdit::copy);
    connect(this, &QPlainTextEdit::selectionChanged, this, [this] {
        if (!textCursor().hasSelection()) m_bar->hide();
    });
}

void TextPage::setPageText(const QString& text) {
    setPlainText(text);
}

QTextCursor TextPage::cursorAt(int begin, int end) const {
    QTextCursor cursor(document());
    const int last = document()->characterCount() - 1;
    cursor.setPosition(qBound(0, begin, last));
    cursor.setPosition(qBound(0, end, last), QTextCursor::KeepAnchor);
    return cursor;
}

void TextPage::setMarks(const QString& passage, const std::vector<FindHit>& found) {
    const ThemeColors& colors = m_night ? darkColors() : themeColors();
    QList<QTextEdit::ExtraSelection> selections;
    const auto mark = [&](int begin, int end, const QColor& color) {
        QTextEdit::ExtraSelection selection;
        selection.cursor = cursorAt(begin, end);
        selection.format.setBackground(color);
        selections << selection;
    };
    if (const auto [begin, end] = findPassage(toPlainText(), passage); begin >= 0) mark(begin, end, colors.text_mark);
    for (const FindHit& hit : found) mark(hit.begin, hit.end, colors.text_find);
    setExtraSelections(selections);
    if (selections.isEmpty()) return;
    QTextCursor at = selections.back().cursor;
    at.setPosition(at.selectionStart());
    setTextCursor(at);
    centerCursor();
}

/// Dark whatever the theme is; without it as the theme.
void TextPage::setNight(bool night) {
    m_night = night;
    QPalette own;
    if (night) {
        own.setColor(QPalette::Base, nightPaper());
        own.setColor(QPalette::Text, darkColors().text);
    }
    setPalette(own);
}

QString TextPage::selectedText() const {
    return textCursor().selectedText();
}

void TextPage::placeBar() {
    const QTextCursor cursor = textCursor();
    if (!cursor.hasSelection()) return m_bar->hide();
    QTextCursor end = cursor;
    end.setPosition(cursor.selectionEnd());
    const QRect at = cursorRect(end);
    at.intersects(viewport()->rect()) ? m_bar->showAt(at) : m_bar->hide();
}

void TextPage::mouseReleaseEvent(QMouseEvent* event) {
    QPlainTextEdit::mouseReleaseEvent(event);
    placeBar();
}

void TextPage::keyReleaseEvent(QKeyEvent* event) {
    QPlainTextEdit::keyReleaseEvent(event);
    placeBar();
}

void TextPage::scrollContentsBy(int dx, int dy) {
    QPlainTextEdit::scrollContentsBy(dx, dy);
    if (m_bar->isVisible()) placeBar();
}

void TextPage::setTextZoom(double factor) {
    QFont font = QApplication::font();
    font.setPointSizeF(font.pointSizeF() * factor);
    setFont(font);
}

}  // namespace lectern::ui
