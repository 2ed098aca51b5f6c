// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/setting_scale.h"

#include <QHBoxLayout>
#include <QSlider>
#include <QStyle>
#include <algorithm>

#include "ui/setting_card.h"
#include "ui/widgets.h"

namespace lectern::ui {
namespace {

constexpr int kSliderHeight = 26;

}  // namespace

SettingScale::SettingScale(QWidget* parent) : QWidget(parent) {
    auto* column = makeColumn(this, 0, 2);
    column->addSpacing(kSliderHeight);  // the slider lies there, from the middle of one card to that of another
    m_slider = new QSlider(Qt::Horizontal, this);
    m_slider->setObjectName("bits");
    m_slider->setAccessibleName(tr("Bits the context is kept with"));
    m_slider->setToolTip(tr("Further left takes less memory, further right is closer to the uncompressed context."));
    m_slider->setPageStep(1);
    auto* row = makeRow(10);
    column->addLayout(row);
    add("nuq2", tr("2 bits"), tr("smallest, visible loss"));
    add("nuq3", tr("3 bits"), tr("smaller, slight loss"));
    add("nuq4", tr("4 bits"), tr("closest to the full cache"));
    add("fp16", tr("16 bits"), tr("uncompressed, to compare"));
    for (const Stop& stop : m_stops) row->addWidget(stop.card, 1);
    m_slider->setRange(0, int(m_stops.size()) - 1);
    connect(m_slider, &QSlider::valueChanged, this, &SettingScale::moveTo);
}

void SettingScale::add(const char* setting, const QString& name, const QString& remark) {
    auto* card = new SettingCard(name, remark, this);
    card->setObjectName(QString("setting-") + setting);
    const int stop = int(m_stops.size());
    connect(card, &QAbstractButton::toggled, this, [this, stop](bool on) {
        if (on) moveTo(stop);
    });
    m_stops.push_back({setting, card});
}

/// Slider and cards follow one another; each change is told once.
void SettingScale::moveTo(int stop) {
    if (stop == m_chosen) return;
    m_chosen = stop;
    SettingCard* card = m_stops[std::size_t(stop)].card;
    card->setChecked(true);
    m_slider->setValue(stop);
    m_slider->setAccessibleDescription(card->text());
    emit changed();
}

std::vector<std::string> SettingScale::settings() const {
    std::vector<std::string> names;
    for (const Stop& stop : m_stops) names.push_back(stop.setting);
    return names;
}

std::string SettingScale::chosen() const {
    return m_chosen < 0 ? std::string() : m_stops[std::size_t(m_chosen)].setting;
}

SettingScale::Stop* SettingScale::find(const std::string& setting) {
    const auto found =
        std::find_if(m_stops.begin(), m_stops.end(), [&](const Stop& s) { return s.setting == setting; });
    return found == m_stops.end() ? nullptr : &*found;
}

void SettingScale::choose(const std::string& setting) {
    if (const Stop* stop = find(setting)) return moveTo(int(stop - m_stops.data()));
    m_chosen = -1;
    for (const Stop& stop : m_stops) {
        stop.card->setAutoExclusive(false);
        stop.card->setChecked(false);
        stop.card->setAutoExclusive(true);
    }
}

void SettingScale::setCost(const std::string& setting, const QString& bytes, double share) {
    if (const Stop* stop = find(setting)) stop->card->setCost(bytes, share);
}

void SettingScale::setQuality(const std::string& setting, const QString& measured, const QString& figures) {
    const Stop* stop = find(setting);
    if (stop == nullptr) return;
    stop->card->setQuality(measured);
    stop->card->setToolTip(figures);
}

void SettingScale::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    placeSlider();
}

/// Its handle over the middle of each card.
void SettingScale::placeSlider() {
    layout()->activate();
    const int handle = style()->pixelMetric(QStyle::PM_SliderLength, nullptr, m_slider) / 2;
    int left = m_stops.front().card->geometry().center().x(), right = m_stops.back().card->geometry().center().x();
    if (right < left) std::swap(left, right);  // written from right to left
    m_slider->setGeometry(left - handle, 0, right - left + 2 * handle, kSliderHeight);
}

}  // namespace lectern::ui
