// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/command.h"

namespace lectern::cli {

/// `bench ablation`: prints what each part of KVQuant brings, one after the other, as the paper's ablation does:
/// uniform levels per token, keys per channel, before RoPE, calibrated thresholds, nuq, outliers, sinks, Q-Norm; and
/// codebooks weighted by g² in the place of g²·r². Calibrates three times on the calibration text, into files that are
/// removed again. Source: KVQuant (arXiv:2401.18079), section 4.3 and Appendix E.
Action declareAblation(CLI::App& app);

}  // namespace lectern::cli
