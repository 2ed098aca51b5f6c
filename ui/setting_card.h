// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractButton>

namespace lectern::ui {

/// One way to keep the cache, as a card to choose: name, bytes it takes here, one line about it, share of what is free.
class SettingCard final : public QAbstractButton {
    Q_OBJECT
public:
    SettingCard(const QString& name, const QString& remark, QWidget* parent = nullptr);
    /// `share` of the free memory; above 1 it does not fit. Negative: unknown.
    void setCost(const QString& bytes, double share);
    void setQuality(const QString& measured);  ///< in the place of the remark; empty: not measured
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_remark, m_bytes, m_quality;
    double m_share = -1;
};

}  // namespace lectern::ui
