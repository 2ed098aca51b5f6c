// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/text_page.h"

#include <QApplication>
#include <QRegularExpression>

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
    const ThemeColors& colors = themeColors();
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

void TextPage::setTextZoom(double factor) {
    QFont font = QApplication::font();
    font.setPointSizeF(font.pointSizeF() * factor);
    setFont(font);
}

}  // namespace lectern::ui
