// SPDX-License-Identifier: GPL-3.0-or-later
// Small building blocks that every panel uses.
#pragma once

#include <QFrame>
#include <QLabel>
#include <QLayout>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

class QTreeWidget;

namespace lectern::ui {

enum class TextRole { Body, Muted, Small, Heading, Title, Display };

/// A label whose size follows the application font by its role, and whose colour follows the theme.
class TextLabel final : public QLabel {
    Q_OBJECT
public:
    explicit TextLabel(TextRole role, const QString& text = {}, QWidget* parent = nullptr);

protected:
    void changeEvent(QEvent* event) override;

private:
    void restyle();
    TextRole m_role;
    bool m_restyling = false;
};

/// One line of text, cut with an ellipsis in the middle where it does not fit; the tool tip has all of it.
class ElidedLabel final : public QLabel {
    Q_OBJECT
public:
    explicit ElidedLabel(const QString& text = {}, QWidget* parent = nullptr);
    void setFullText(const QString& text);
    QString fullText() const { return m_text; }
    QSize minimumSizeHint() const override;
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_text;
};

/// Lays its items out like words, in lines. Does not own items' widgets (their parent does).
class FlowLayout final : public QLayout {
public:
    explicit FlowLayout(int spacing);
    ~FlowLayout() override;
    void addItem(QLayoutItem* item) override { m_items.append(item); }
    int count() const override { return int(m_items.size()); }
    QLayoutItem* itemAt(int index) const override { return m_items.value(index); }
    QLayoutItem* takeAt(int index) override;
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override { return arrange(QRect(0, 0, width, 0), false); }
    QSize minimumSize() const override;
    QSize sizeHint() const override { return minimumSize(); }
    Qt::Orientations expandingDirections() const override { return {}; }
    void setGeometry(const QRect& rect) override;

private:
    int arrange(const QRect& rect, bool apply) const;
    QList<QLayoutItem*> m_items;
};

/// A list or tree whose rows have room above and below.
QTreeWidget* makeTree(QWidget* parent);
QFrame* makeCard(QWidget* parent = nullptr);
/// A flat icon button; `name` is its accessible name and tool tip.
QToolButton* makeIconButton(const QString& icon, const QString& name, QWidget* parent = nullptr);
QPushButton* makePrimaryButton(const QString& text, QWidget* parent = nullptr);
QPushButton* makeLinkButton(const QString& text, QWidget* parent = nullptr);
/// Adds a layout without margins and with the house's spacing.
QVBoxLayout* makeColumn(QWidget* parent, int margin = 0, int spacing = 8);
QHBoxLayout* makeRow(int spacing = 8);

}  // namespace lectern::ui
