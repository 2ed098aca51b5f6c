// SPDX-License-Identifier: GPL-3.0-or-later
// How long reading will take.
#include "engine/reading_pace.h"
#include "engine/session_impl.h"

namespace lectern {

Result<ReadingEstimate> SessionImpl::estimateReading(std::stop_token stop) {
    ReadingEstimate estimate;
    if (auto there = finishLoading(); !there) return there.error();
    const std::uint64_t read = readTokens(), left = tokensLeft();
    if (left == 0) return estimate;
    if (auto chosen = chooseProcessor(read + left); !chosen) return chosen.error();
    estimate.processor = m_model->processor;
    if (m_model->on_device != nullptr) {
        auto room = m_context.models.deviceRoom(*m_model);
        if (!room) return room.error();
        estimate.device_room = *room;
    }
    const auto pace =
        measureReading(*m_model->transformer, m_settings, m_trunk->quantizer(), m_trunk_ids, std::move(stop));
    if (!pace) return pace.error();
    if (m_mode == SessionMode::Joint) {
        estimate.seconds = pace->seconds(read, read + left);
        return estimate;
    }
    for (const auto& document : m_documents) {
        if (document.info.state == DocumentState::Failed) continue;
        estimate.seconds += pace->seconds(readOf(document), document.info.token_end - document.info.token_begin);
    }
    return estimate;
}

}  // namespace lectern
