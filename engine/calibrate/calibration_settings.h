// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

namespace lectern {

/// What an element of the calibration text counts when codebooks are fitted.
enum class Sensitivity : unsigned char {
    Fisher,          ///< g²·r²: error of the loss in normalised units. Source: KVQuant, Appendix E, Eq. 7
    GradientSquare,  ///< g², as the paper's released code has it
    None             ///< 1: plain k-means
};

struct CalibrationSettings {
    std::vector<double> outliers = {0.0, 0.01};  ///< shares to calibrate for, 0 … 0.05
    int sinks = 5;                               ///< first tokens of each sequence left out
    int sequences = 16, sequence_tokens = 2048;  ///< at most; source: KVQuant, section 4
    Sensitivity sensitivity = Sensitivity::Fisher;
};

/// Least tokens that say anything about a channel.
inline constexpr int kLeastCalibrationTokens = 512;

}  // namespace lectern
