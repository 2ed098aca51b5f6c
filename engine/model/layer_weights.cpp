// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/model/model.h"

namespace lectern {

std::vector<const WeightView*> LayerWeights::matrices() const {
    std::vector<const WeightView*> all = {&q, &k, &v, &o};
    for (const WeightView* matrix : {&gate, &up, &down, &router})
        if (matrix->data != nullptr) all.push_back(matrix);
    for (const Expert& expert : experts) all.insert(all.end(), {&expert.gate, &expert.up, &expert.down});
    return all;
}

}  // namespace lectern
