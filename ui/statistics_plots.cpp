// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/statistics_plots.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace lectern::ui {
namespace {

constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();
constexpr int kBlue = 0, kOrange = 1, kTeal = 2, kPink = 3;  // categoryColor()

QString tr(const char* text) {
    return QCoreApplication::translate("statistics", text);
}

std::vector<double> sharesOf(const std::vector<std::uint64_t>& counts) {
    const double sum = double(std::accumulate(counts.begin(), counts.end(), std::uint64_t(0)));
    std::vector<double> shares;
    if (sum == 0) return shares;
    for (const std::uint64_t count : counts) shares.push_back(double(count) / sum);
    return shares;
}

/// 0, 1, … below `size`.
std::vector<double> numbersBelow(std::size_t size) {
    std::vector<double> numbers(size);
    std::iota(numbers.begin(), numbers.end(), 0.0);
    return numbers;
}

QString nothingSampled() {
    return tr("Nothing is measured here yet: read more into the session.");
}

Plot overTime(const ShareSeries& series, const QString& title, const QString& y_name, int color) {
    Plot plot{.title = title, .x_name = tr("Token"), .y_name = y_name, .x = {}, .series = {}};
    plot.empty = nothingSampled();
    plot.bar = 0;
    plot.unit = PlotUnit::Share;
    for (std::size_t i = 0; i < series.points.size(); ++i) plot.x.push_back((double(i) + 0.5) * double(series.run));
    plot.series.push_back({y_name, PlotShape::Line, color, series.points});
    return plot;
}

double numberOf(const KvStatistics& s, LayerMeasure measure, bool keys) {
    if (s.tokens == 0) return kNoNumber;
    switch (measure) {
        case LayerMeasure::Outliers:
            return s.outlier_share;
        case LayerMeasure::Error:
            return s.snr_db > 0 ? s.snr_db : kNoNumber;
        case LayerMeasure::Drift:
            return keys && s.sampled > 0 ? s.drift : kNoNumber;
        case LayerMeasure::CodeBits:
            return s.sampled > 0 ? codeBits(s) : kNoNumber;
        case LayerMeasure::Attention:
            break;  // of both together, and of questions, not of what was quantized
    }
    return kNoNumber;
}

}  // namespace

QString measureName(LayerMeasure measure) {
    switch (measure) {
        case LayerMeasure::Outliers:
            return tr("Outliers");
        case LayerMeasure::Error:
            return tr("Signal to noise");
        case LayerMeasure::Drift:
            return tr("Drift");
        case LayerMeasure::CodeBits:
            return tr("Codes in use");
        case LayerMeasure::Attention:
            return tr("Attention");
    }
    return {};
}

QString measureNote(LayerMeasure measure) {
    switch (measure) {
        case LayerMeasure::Outliers:
            return tr("Share of values beyond what the codes reach: they are kept exactly, beside the codes.");
        case LayerMeasure::Error:
            return tr("Size of the vectors against what quantization changed in them: higher is closer to fp16.");
        case LayerMeasure::Drift:
            return tr(
                "Share of keys outside their thresholds: much more than the outliers asked for means that this "
                "text is unlike the calibration's. Values have no thresholds.");
        case LayerMeasure::CodeBits:
            return tr("Entropy of the codes: as many bits as the setting has where all codes come up equally often.");
        case LayerMeasure::Attention:
            return tr(
                "Share of a question's attention that goes to the documents, the mean of all questions asked: layers "
                "with much of it look things up. It weighs keys and values alike.");
    }
    return {};
}

HeatMapData heatMapOf(const std::vector<LayerStatistics>& layers, const std::vector<double>& attention,
                      LayerMeasure measure) {
    HeatMapData data;
    data.title = measureName(measure);
    data.percent = measure != LayerMeasure::Error && measure != LayerMeasure::CodeBits;
    if (measure == LayerMeasure::Error) data.unit = tr("dB");
    if (measure == LayerMeasure::CodeBits) data.unit = tr("bits");
    for (const LayerStatistics& layer : layers)
        data.cells.push_back({numberOf(layer.keys, measure, true), numberOf(layer.values, measure, false)});
    if (measure == LayerMeasure::Attention)
        for (std::size_t i = 0; i < std::min(layers.size(), attention.size()); ++i) data.cells[i].fill(attention[i]);
    return data;
}

std::vector<double> attentionByLayer(const std::vector<BranchInfo>& branches) {
    std::vector<double> mean;
    double count = 0;
    for (const BranchInfo& branch : branches) {
        for (std::size_t i = std::size_t(branch.turn); i < branch.messages.size(); ++i) {
            const auto& layers = branch.messages[i].layers;
            if (layers.empty()) continue;
            mean.resize(std::max(mean.size(), layers.size()));
            for (std::size_t layer = 0; layer < layers.size(); ++layer) mean[layer] += layers[layer];
            ++count;
        }
    }
    for (double& share : mean) share /= count;
    return mean;
}

double codeBits(const KvStatistics& statistics) {
    double bits = 0;
    for (const double share : sharesOf(statistics.codes_used))
        if (share > 0) bits -= share * std::log2(share);
    return bits;
}

Plot channelPlot(const KvStatistics& s, int head_dim) {
    Plot plot{
        .title = tr("Channels"), .x_name = tr("Channel"), .y_name = tr("Value before rotation"), .x = {}, .series = {}};
    plot.empty = nothingSampled();
    if (s.sampled == 0) return plot;
    plot.x_step = 1;
    plot.x = numbersBelow(s.magnitude.size());
    plot.bar = 0;
    if (!s.low.empty())
        plot.series.push_back(
            {tr("Thresholds"), PlotShape::Band, kOrange, {s.high.begin(), s.high.end()}, {s.low.begin(), s.low.end()}});
    plot.series.push_back({tr("Mean magnitude"), PlotShape::Line, kBlue, {s.magnitude.begin(), s.magnitude.end()}});
    const int channels = int(s.magnitude.size());
    for (int at = head_dim; head_dim > 0 && at < channels; at += head_dim) plot.guides.push_back(at - 0.5);
    return plot;
}

Plot histogramPlot(const KvStatistics& s) {
    Plot plot{.title = tr("Values and codebook"),
              .x_name = tr("Normalised value"),
              .y_name = tr("Share of values"),
              .x = {},
              .series = {}};
    plot.empty = nothingSampled();
    plot.unit = PlotUnit::Share;
    plot.bar = 2 * kHistogramEdge / kHistogramBins;
    for (int bin = 0; bin < kHistogramBins; ++bin) plot.x.push_back(-kHistogramEdge + (bin + 0.5) * plot.bar);
    plot.series.push_back({tr("Values"), PlotShape::Bars, kBlue, sharesOf(s.histogram)});
    plot.marks.push_back({tr("Codebook"), kOrange, false, {s.codebook.begin(), s.codebook.end()}});
    if (!s.low.empty()) plot.marks.push_back({tr("Thresholds"), kPink, true, {-1, 1}});
    return plot;
}

Plot codesPlot(const KvStatistics& s) {
    Plot plot{
        .title = tr("Codes in use"), .x_name = tr("Code"), .y_name = tr("Share of values"), .x = {}, .series = {}};
    plot.empty = nothingSampled();
    plot.unit = PlotUnit::Share;
    plot.x_step = 1;
    plot.x = numbersBelow(s.codes_used.size());
    plot.series.push_back({tr("Share"), PlotShape::Bars, kBlue, sharesOf(s.codes_used)});
    return plot;
}

Plot outliersPerTokenPlot(const KvStatistics& s) {
    Plot plot{.title = tr("Outliers per token"),
              .x_name = tr("Outliers"),
              .y_name = tr("Share of tokens"),
              .x = {},
              .series = {}};
    plot.empty = nothingSampled();
    plot.unit = PlotUnit::Share;
    plot.x_step = 1;
    plot.x = numbersBelow(s.tokens_by_outliers.size());
    plot.series.push_back({tr("Tokens"), PlotShape::Bars, kTeal, sharesOf(s.tokens_by_outliers)});
    return plot;
}

Plot outliersOverTimePlot(const KvStatistics& s) {
    return overTime(s.outliers_over_time, tr("Outliers over time"), tr("Share of values"), kTeal);
}

Plot driftOverTimePlot(const KvStatistics& s) {
    Plot plot = overTime(s.drift_over_time, tr("Drift over time"), tr("Share of keys outside their thresholds"), kPink);
    if (s.low.empty()) plot.empty = tr("Values have no thresholds to drift from: their range is each token's own.");
    return plot;
}

}  // namespace lectern::ui
