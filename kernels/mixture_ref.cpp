// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/mixture.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace lectern::kernels {

void chooseExpertsRef(const float* logits, int experts, int used, ExpertChoice* out) {
    std::vector<bool> taken(std::size_t(experts), false);
    double sum = 0;
    for (int rank = 0; rank < used; ++rank) {
        int best = -1;
        for (int i = 0; i < experts; ++i)
            if (!taken[std::size_t(i)] && (best < 0 || logits[i] > logits[best])) best = i;
        taken[std::size_t(best)] = true;
        out[rank].expert = best;
        sum += std::exp(double(logits[best]) - logits[out[0].expert]);
    }
    for (int rank = 0; rank < used; ++rank)
        out[rank].weight = float(std::exp(double(logits[out[rank].expert]) - logits[out[0].expert]) / sum);
}

void gatherRowsRef(const ExpertPlace* places, int count, const std::uint16_t* x, int n, std::uint16_t* out) {
    for (int i = 0; i < count; ++i)
        std::copy_n(x + std::size_t(places[i].token) * std::size_t(n), n, out + std::size_t(i) * std::size_t(n));
}

void addExpertRowsRef(const ExpertPlace* places, int count, const float* y, int n, float* x) {
    for (int i = 0; i < count; ++i)
        for (int c = 0; c < n; ++c)
            x[std::size_t(places[i].token) * std::size_t(n) + std::size_t(c)] +=
                places[i].weight * y[std::size_t(i) * std::size_t(n) + std::size_t(c)];
}

}  // namespace lectern::kernels
