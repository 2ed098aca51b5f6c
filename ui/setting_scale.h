// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <string>
#include <vector>

class QSlider;

namespace lectern::ui {

class SettingCard;

/// How many bits the context is kept with: a slider from the smallest to the uncompressed cache, and a card under each
/// of its stops. Both choose; arrow keys work on both. GUI thread.
class SettingScale final : public QWidget {
    Q_OBJECT
public:
    explicit SettingScale(QWidget* parent = nullptr);

    std::vector<std::string> settings() const;  ///< names, from the smallest to "fp16"
    std::string chosen() const;                 ///< empty: none of them
    void choose(const std::string& setting);    ///< none of them where it is not of settings()
    void setCost(const std::string& setting, const QString& bytes, double share);  ///< as SettingCard's
    /// Measured: in the place of the card's remark, with the figures as a tool tip; empty: not measured.
    void setQuality(const std::string& setting, const QString& measured, const QString& figures);

signals:
    void changed();  ///< another setting is chosen

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Stop {
        std::string setting;
        SettingCard* card;
    };
    void add(const char* setting, const QString& name, const QString& remark);
    void moveTo(int stop);
    void placeSlider();
    Stop* find(const std::string& setting);

    QSlider* m_slider;
    std::vector<Stop> m_stops;
    int m_chosen = -1;
};

}  // namespace lectern::ui
