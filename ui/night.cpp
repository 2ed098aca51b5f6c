// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/night.h"

#include <algorithm>

namespace lectern::ui {
namespace {

constexpr int kPaper = 30, kPrint = 226;  ///< of 255: what white and black become

int between(int value) {
    return kPaper + value * (kPrint - kPaper) / 255;
}

QRgb nightPixel(QRgb pixel) {
    const int r = qRed(pixel), g = qGreen(pixel), b = qBlue(pixel);
    const int turn = 255 - std::max({r, g, b}) - std::min({r, g, b});  // keeps the differences between the three
    return qRgb(between(r + turn), between(g + turn), between(b + turn));
}

}  // namespace

QImage nightImage(QImage page) {
    for (int y = 0; y < page.height(); ++y) {
        auto* line = reinterpret_cast<QRgb*>(page.scanLine(y));
        std::transform(line, line + page.width(), line, nightPixel);
    }
    return page;
}

QColor nightPaper() {
    return {kPaper, kPaper, kPaper};
}

}  // namespace lectern::ui
