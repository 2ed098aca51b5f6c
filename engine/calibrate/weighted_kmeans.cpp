// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/calibrate/weighted_kmeans.h"

#include <algorithm>
#include <limits>

namespace lectern {

namespace {

/// Prefix sums over the bins that hold something.
class Runs {
public:
    Runs(std::span<const BinSums> bins, bool counts) : m_sums(1) {
        for (const BinSums& bin : bins) {
            const double w = counts ? bin.count : bin.weight;
            if (w <= 0) continue;
            const Sums& last = m_sums.back();
            m_sums.push_back({last.w + w, last.x + (counts ? bin.x : bin.weighted_x),
                              last.xx + (counts ? bin.xx : bin.weighted_xx)});
        }
    }

    int size() const { return int(m_sums.size()) - 1; }
    /// Σw·(x - mean)² of the bins [begin, end).
    double cost(int begin, int end) const {
        const Sums& a = m_sums[std::size_t(begin)];
        const Sums& b = m_sums[std::size_t(end)];
        const double x = b.x - a.x;
        return std::max(0.0, b.xx - a.xx - x * x / (b.w - a.w));
    }
    double mean(int begin, int end) const {
        const Sums& a = m_sums[std::size_t(begin)];
        const Sums& b = m_sums[std::size_t(end)];
        return (b.x - a.x) / (b.w - a.w);
    }

private:
    struct Sums {
        double w = 0, x = 0, xx = 0;
    };
    std::vector<Sums> m_sums;
};

/// best[end]: the least cost of the bins [0, end) in one run more than `before` has; cut[end]: where its last run
/// begins. Between `low` and `high` the cut is known to lie between `first` and `last`.
void addRun(const Runs& runs, const std::vector<double>& before, int low, int high, int first, int last,
            std::vector<double>& best, std::vector<int>& cut) {
    if (low > high) return;
    const int end = (low + high) / 2;
    double least = std::numeric_limits<double>::infinity();
    int at = first;
    for (int begin = first; begin <= std::min(end - 1, last); ++begin) {
        const double cost = before[std::size_t(begin)] + runs.cost(begin, end);
        if (cost < least) least = cost, at = begin;
    }
    best[std::size_t(end)] = least;
    cut[std::size_t(end)] = at;
    addRun(runs, before, low, end - 1, first, at, best, cut);
    addRun(runs, before, end + 1, high, at, last, best, cut);
}

}  // namespace

std::vector<float> weightedKMeans(std::span<const BinSums> bins, int levels) {
    const bool weighted = std::any_of(bins.begin(), bins.end(), [](const BinSums& b) { return b.weight > 0; });
    const Runs runs(bins, !weighted);
    const int n = runs.size(), used = std::min(levels, n);
    if (used == 0) return {};
    std::vector<double> before(std::size_t(n) + 1, std::numeric_limits<double>::infinity());
    before[0] = 0;
    std::vector<std::vector<int>> cuts;
    for (int run = 1; run <= used; ++run) {
        std::vector<double> best(before.size(), std::numeric_limits<double>::infinity());
        cuts.emplace_back(before.size(), 0);
        addRun(runs, before, run, n, run - 1, n - 1, best, cuts.back());
        before = std::move(best);
    }
    std::vector<float> centroids(static_cast<std::size_t>(used));
    for (int run = used, end = n; run > 0; --run) {
        const int begin = cuts[std::size_t(run) - 1][std::size_t(end)];
        centroids[std::size_t(run) - 1] = float(runs.mean(begin, end));
        end = begin;
    }
    centroids.resize(std::size_t(levels), centroids.back());
    return centroids;
}

}  // namespace lectern
