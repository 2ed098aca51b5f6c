// SPDX-License-Identifier: GPL-3.0-or-later
// From a type of weights that is known at run time to a template of it.
#pragma once

#include "kernels/cuda/stream.h"
#include "kernels/weight_type.h"

namespace lectern::kernels {

/// start.operator()<type>() for a type with blocks.
template <class Start>
LaunchStatus withQuantized(WeightType type, Start start) {
    switch (type) {
        case WeightType::Q8_0:
            return start.template operator()<WeightType::Q8_0>();
        case WeightType::Q4_1:
            return start.template operator()<WeightType::Q4_1>();
        case WeightType::Q5_0:
            return start.template operator()<WeightType::Q5_0>();
        case WeightType::Q5_1:
            return start.template operator()<WeightType::Q5_1>();
        case WeightType::Q2_K:
            return start.template operator()<WeightType::Q2_K>();
        case WeightType::Q3_K:
            return start.template operator()<WeightType::Q3_K>();
        case WeightType::Q4_K:
            return start.template operator()<WeightType::Q4_K>();
        case WeightType::Q5_K:
            return start.template operator()<WeightType::Q5_K>();
        case WeightType::Q6_K:
            return start.template operator()<WeightType::Q6_K>();
        case WeightType::IQ4_NL:
            return start.template operator()<WeightType::IQ4_NL>();
        case WeightType::IQ4_XS:
            return start.template operator()<WeightType::IQ4_XS>();
        default:
            return start.template operator()<WeightType::Q4_0>();
    }
}

/// start.operator()<type>() for a type without.
template <class Start>
LaunchStatus withPlain(WeightType type, Start start) {
    switch (type) {
        case WeightType::F16:
            return start.template operator()<WeightType::F16>();
        case WeightType::BF16:
            return start.template operator()<WeightType::BF16>();
        default:
            return start.template operator()<WeightType::F32>();
    }
}

}  // namespace lectern::kernels
