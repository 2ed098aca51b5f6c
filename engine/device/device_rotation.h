// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "engine/device/device.h"
#include "engine/infer/rope_table.h"
#include "engine/kv/kv_cache.h"

namespace lectern {

/// One rotary embedding in device memory: rotations of the queries of a forward pass, of the first token of every page,
/// and by a token's place within its page (RopeTable). One thread.
class DeviceRotation {
public:
    /// `rope` outlives this. Queries of `head_dim`, at most `most_tokens` per pass. Waits. Errors: NoRoom; Failed.
    static Result<std::unique_ptr<DeviceRotation>> make(const std::shared_ptr<Device>& device, const RopeTable& rope,
                                                        int head_dim, int most_tokens);

    /// Before the layers of a forward pass over `tokens` more of `cache`, which has `pages` with them. Enqueued; only
    /// new pages are copied. Errors: NoRoom; Failed.
    Status begin(const KvCache& cache, int tokens, int pages);
    /// Fills in what rotates and multiplies the queries of the pass.
    void turn(kernels::HeadsArgs& args) const;

    kernels::RopeOffsets offsets() const;
    /// cos, sin [pages][pairs][2] from `page` on, as decode attention takes them.
    const float* angles(int page) const { return m_angles.as<float>() + 2 * at(page); }
    /// The same apart, [pages][pairs] of all pages, as prefill attention takes them.
    const float* pageCos() const { return m_angles.as<float>() + 2 * at(m_room); }
    const float* pageSin() const { return pageCos() + at(m_room); }
    std::uint64_t bytes() const { return m_offsets.size() + m_turns.size() + m_angles.size(); }

private:
    DeviceRotation(std::shared_ptr<Device> device, const RopeTable& rope, int head_dim);
    std::size_t at(int page) const { return std::size_t(page) * std::size_t(m_rope.pairs()); }
    Status turnQueries(std::uint64_t first);
    Status turnPages(const KvCache& cache, int pages);

    std::shared_ptr<Device> m_device;
    const RopeTable& m_rope;
    int m_tokens = 0;
    float m_turned_scale = 1, m_other_scale = 1;
    DeviceBuffer m_offsets;  ///< cos, sin [pairs][64]
    PinnedBuffer m_host_turns;
    DeviceBuffer m_turns;  ///< cos, sin [tokens][pairs] of the queries; where they grow, by what [tokens]
    PinnedBuffer m_host_angles;
    DeviceBuffer m_angles;  ///< [pages][pairs][2], then cos, sin [pages][pairs], each of m_room
    int m_pages = 0, m_room = 0, m_sinks = -1;
};

}  // namespace lectern
