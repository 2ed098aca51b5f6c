// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "app/cli/command.h"
#include "app/cli/options.h"

namespace lectern::cli {

/// What `bench ablation` measures on.
struct AblationFlags {
    std::string text, calibration_text;
    int bits = 3, context = 512, chunks = 0;
};

/// --text --calibration-text --bits --ctx --chunks
void addAblation(CLI::App& app, AblationFlags& flags);

/// Prints what each part of KVQuant brings, one after the other, as the paper's ablation does: uniform levels per
/// token, keys per channel, before RoPE, calibrated thresholds, nuq, outliers, sinks, Q-Norm; and codebooks weighted by
/// g² in the place of g²·r². Calibrates three times on the calibration text, into files that are removed again. Source:
/// KVQuant (arXiv:2401.18079), section 4.3 and Appendix E.
int benchAblation(const AblationFlags& flags, const EngineFlags& engine, bool json, CommandContext& context);

}  // namespace lectern::cli
