// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "engine/model/model.h"
#include "kernels/kv_tile.h"

namespace lectern {

/// Angles of rotary position embedding. Reduced in double precision before they become f32, so the angle is right at
/// position 10,000,000 as well (fp32 alone has no fraction left there). Source: RoFormer (arXiv:2104.09864);
/// page-relative rotation as in KVQUANT.md "Consequences worth using".
class RopeTable {
public:
    /// `query_scale`: of scores, beside 1/√d.
    explicit RopeTable(const RopeConfig& config, double query_scale = 1);

    int pairs() const { return m_pairs; }
    bool interleaved() const { return m_interleaved; }
    /// cos and sin [pairs] of one position.
    void angles(std::uint64_t position, float* cos, float* sin) const;
    /// Scales one query of `head_dim` at `position` for the dot product with rotated keys: query_scale/√d, what it has
    /// grown by, and on the rotated channels what the model multiplies queries and keys by (YaRN), both at once.
    /// q [head_dim] f32, before or after its rotation.
    void scaleQuery(float* q, int head_dim, std::uint64_t position) const;
    bool grows() const { return m_scaling.growth > 0; }
    double growth(std::uint64_t position) const { return queryGrowth(m_scaling, position); }
    /// Rotations by the offsets of a token within its page; valid while this object lives.
    kernels::RopeOffsets offsets() const;

private:
    int m_pairs;
    bool m_interleaved;
    double m_query_scale;
    RopeScaling m_scaling;
    std::vector<double> m_frequency;                ///< [pairs] radians per position
    std::vector<float> m_offset_cos, m_offset_sin;  ///< [pairs][64]
};

}  // namespace lectern
