// SPDX-License-Identifier: GPL-3.0-or-later
// How much a token costs on a device, counted on emulated kernels.
#pragma once

#include "tests/engine/device/both_processors.h"
#include "tests/support/cuda_emulation/scheduler.h"
#include "tests/support/made_up_model.h"

namespace lectern::test {

struct Work {
    int grids, copies;
};
/// What one more token of a context costs on the device, a layer: what a second layer adds.
inline Work ofALayer(const MadeUpShape& shape, const KvSettings& settings, bool with_mass) {
    Work of[2];
    for (int i = 0; i < 2; ++i) {
        MadeUpShape made_up = shape;
        made_up.layers = 1 + i, made_up.vocab = 384;
        const MadeUpModel made(made_up);
        Both both(made.model);
        KvCache cache = both.cpu->makeCache(settings);
        EXPECT_TRUE(both.cpu->prefill(cache, both.tokens(0, 250), nullptr, {}));
        cache.finish(both.pool);
        AttentionMass mass;
        both.run(*both.device_side, cache, both.tokens(250, 1), with_mass ? &mass : nullptr);
        const int grids = emulation::grids_run, copies = emulatedCopies();
        both.run(*both.device_side, cache, both.tokens(251, 1), with_mass ? &mass : nullptr);
        of[i] = {emulation::grids_run - grids, emulatedCopies() - copies};
    }
    return {of[1].grids - of[0].grids, of[1].copies - of[0].copies};
}

}  // namespace lectern::test
