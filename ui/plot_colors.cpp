// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot_colors.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace lectern::ui {
namespace {

using Anchors = std::array<QRgb, 5>;

constexpr Anchors kLightHeat = {0xfff8efc4, 0xffc6c8a4, 0xff829c9f, 0xff3f6a94, 0xff11305c};
constexpr Anchors kDarkHeat = {0xff1d2c47, 0xff30537f, 0xff70888f, 0xffbeb587, 0xfffdf1a9};

constexpr std::array<QRgb, kCategoryColors> kLightCategories = {0xff2f6fb7, 0xffd9822b, 0xff2b8f85, 0xffb0568f,
                                                                0xff7a6a1f, 0xff6f8fd0, 0xff8c3b2e, 0xff85857f};
constexpr std::array<QRgb, kCategoryColors> kDarkCategories = {0xff6ea4e8, 0xffe8a35c, 0xff5fc2b7, 0xffe093c4,
                                                               0xffd8c65a, 0xffa9bdf0, 0xffd98a7b, 0xff8c9199};

double linear(double channel) {
    return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

}  // namespace

QColor heatColor(double share, bool dark) {
    const Anchors& anchors = dark ? kDarkHeat : kLightHeat;
    const double place = std::clamp(share, 0.0, 1.0) * double(anchors.size() - 1);
    const auto below = std::min(std::size_t(place), anchors.size() - 2);
    const double part = place - double(below);
    const QColor a(anchors[below]), b(anchors[below + 1]);
    const auto mix = [part](int x, int y) { return int(std::lround(x + part * (y - x))); };
    return {mix(a.red(), b.red()), mix(a.green(), b.green()), mix(a.blue(), b.blue())};
}

QColor categoryColor(int index, bool dark) {
    const auto at = std::size_t(std::max(0, index)) % kCategoryColors;
    return QColor(dark ? kDarkCategories[at] : kLightCategories[at]);
}

double luminance(const QColor& color) {
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
}

double contrast(const QColor& a, const QColor& b) {
    const double x = luminance(a), y = luminance(b);
    return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}

QColor inkOn(const QColor& back) {
    return contrast(back, Qt::white) >= contrast(back, Qt::black) ? Qt::white : Qt::black;
}

}  // namespace lectern::ui
