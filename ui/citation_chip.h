// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractButton>

#include "engine/session_types.h"

namespace lectern::ui {

/// "report.pdf p. 12  34%": one page the answer attended to, with its share as a bar. A click opens the page; the tool
/// tip quotes the passage.
class CitationChip final : public QAbstractButton {
    Q_OBJECT
public:
    explicit CitationChip(const Citation& citation, QWidget* parent = nullptr);
    const Citation& citation() const { return m_citation; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_name, m_page, m_share;
    Citation m_citation;
};

/// "p. 12", or "p. iv (4)" where the printed label differs.
QString pageName(const Citation& citation);

}  // namespace lectern::ui
