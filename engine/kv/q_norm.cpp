// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/kv/q_norm.h"

#include <algorithm>
#include <cmath>

#include "kernels/half.h"

namespace lectern {

namespace {

void layOver(LayerCodec& codec, const QNormScale& q) {
    for (float& centroid : codec.book) centroid = centroid * q.scale + q.shift;
}

}  // namespace

double QNormFit::Moments::deviation() const {
    return std::sqrt(std::max(0.0, squares / count - mean() * mean()));
}

void QNormFit::add(double count, double sum, double squares) {
    const auto& midpoints = m_codec.midpoints;
    const auto code = std::lower_bound(midpoints.begin(), midpoints.end(), float(sum / count)) - midpoints.begin();
    const double centroid = double(m_codec.book[std::size_t(code)]);
    const auto to = [count](Moments& m, double s, double ss) { m.count += count, m.sum += s, m.squares += ss; };
    to(m_data, sum, squares);
    to(m_coded, count * centroid, count * centroid * centroid);
}

QNormScale QNormFit::scale() const {
    if (m_data.count == 0 || m_coded.deviation() <= 0 || m_data.deviation() <= 0) return {};
    const double scale = m_data.deviation() / m_coded.deviation();
    return {float(scale), float(m_data.mean() - m_coded.mean() * scale)};
}

std::optional<DenseRange> denseRange(const float* v, int channels, int slots, std::vector<float>& scratch) {
    const auto side = std::ptrdiff_t(slots / 2), n = std::ptrdiff_t(channels);
    if (2 * side >= n) return std::nullopt;
    scratch.assign(v, v + n);
    DenseRange dense;
    std::nth_element(scratch.begin(), scratch.begin() + side, scratch.end());
    dense.low = scratch[std::size_t(side)];
    std::nth_element(scratch.begin(), scratch.begin() + (n - 1 - side), scratch.end());
    dense.high = scratch[std::size_t(n - 1 - side)];
    const auto half = [](float x) { return kernels::halfToFloat(kernels::floatToHalfClamped(x)); };
    dense.offset = half((dense.high + dense.low) / 2);
    dense.range = half((dense.high - dense.low) / 2);
    if (dense.range <= 0) return std::nullopt;
    return dense;
}

void normaliseKeys(LayerCodec& codec, std::span<const float> x, int channels) {
    QNormFit fit(codec);
    for (std::size_t i = 0; i < x.size(); ++i) {
        const std::size_t c = i % std::size_t(channels);
        const float u = (x[i] - codec.offset[c]) / codec.range[c];
        if (codec.range[c] > 0 && std::abs(u) <= 1) fit.add(u);
    }
    layOver(codec, fit.scale());
}

void normaliseValues(LayerCodec& codec, std::span<const float> x, int channels, int slots) {
    QNormFit fit(codec);
    std::vector<float> scratch;
    for (std::size_t row = 0; row < x.size(); row += std::size_t(channels)) {
        const float* v = x.data() + row;
        const auto dense = denseRange(v, channels, slots, scratch);
        for (int c = 0; dense && c < channels; ++c)
            if (v[c] >= dense->low && v[c] <= dense->high)
                fit.add(std::clamp((v[c] - dense->offset) / dense->range, -1.0F, 1.0F));
    }
    layOver(codec, fit.scale());
}

}  // namespace lectern
