// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLineEdit;

namespace lectern::ui {

class TextLabel;

/// A line to type what is looked for, how many there are, and buttons to step and to close. Knows nothing of what is
/// searched. Esc closes, Enter steps on, Shift+Enter back.
class FindBar final : public QWidget {
    Q_OBJECT
public:
    explicit FindBar(const QString& what, QWidget* parent = nullptr);
    void open();  ///< shows it, ready to type
    QString text() const;
    void showCount(int current, int count);  ///< `current` from 0; a count of -1: nothing is looked for

signals:
    void changed(const QString& text);  ///< empty when it closes
    void step(int by);

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    void close();
    QLineEdit* m_field;
    TextLabel* m_count;
};

}  // namespace lectern::ui
