// SPDX-License-Identifier: GPL-3.0-or-later
// How long reading will take.
#include "engine/reading_pace.h"
#include "engine/session_impl.h"

namespace lectern {

Result<ReadingEstimate> SessionImpl::estimateReading(const KvSettings& settings, std::stop_token stop) {
    ReadingEstimate estimate;
    if (auto sane = checkKvSettings(settings); !sane) return sane.error();
    if (auto there = finishLoading(); !there) return there.error();
    const std::uint64_t read = readTokens(), left = tokensLeft();
    if (left == 0) return estimate;
    const bool own = settings == m_settings;
    if (auto chosen = own ? chooseProcessor(read + left) : Status(); !chosen) return chosen.error();
    const auto placed =
        own ? Result<LoadedModel*>(m_model) : m_context.models.place(*m_model, {&settings, 1}, read + left);
    if (!placed) return placed.error();
    const LoadedModel& model = **placed;
    estimate.processor = model.processor;
    if (model.on_device != nullptr) {
        auto room = m_context.models.deviceRoom(model);
        if (!room) return room.error();
        estimate.device_room = *room;
    }
    auto calibrated = m_context.models.quantizers(model, {&settings, 1}, "auto");
    if (!calibrated) return calibrated.error();
    const auto pace = measureReading(*model.transformer, settings, own ? m_trunk->quantizer() : calibrated->front(),
                                     m_trunk_ids, std::move(stop));
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
